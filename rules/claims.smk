# Requires: the table of published numbers (config key `claims`) and those of its result files that exist.
# Gives: results/claims.tsv.

REPRODUCED = (
    "results/evaluation/published/metrics.tsv",
    "results/evaluation/published/windows.tsv",
    "results/models/published/model.weights.h5",
)


rule compare_published_numbers:
    """Published numbers compared with the study's results. Only the reproduction of the published model is run for it."""
    input:
        table=study.claims,
        files=lambda wildcards: study.claimed_files(REPRODUCED if "published" in config["models"] else ()),
    output:
        table="results/claims.tsv",
        page=report(
            "results/claims.html",
            caption="../report/claims.rst",
            category="Published numbers",
            labels={"result": "Published and measured"},
        ),
    log:
        "logs/compare_published_numbers/compare_published_numbers.log",
    benchmark:
        "benchmarks/compare_published_numbers/compare_published_numbers.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(20),
    script:
        "../scripts/claims/compare_published_numbers.py"
