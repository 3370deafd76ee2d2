# Requires: the table of published numbers (config key `claims`) and whatever of the files that it names is there.
# Gives: results/claims.tsv.


include: "claims_inputs.smk"


rule compare_published_numbers:
    """Every published number with what this study measured. Nothing is made for it but the reproduction itself."""
    input:
        table=study.claims,
        files=claim_files,
    output:
        report(
            "results/claims.tsv",
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
