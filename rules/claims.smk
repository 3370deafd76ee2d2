# Requires: the table of published numbers (config key `claims`) and whatever of the files that it names is there.
# Gives: results/claims.tsv.


include: "claims_inputs.smk"


rule claims:
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
        "logs/claims/claims.log",
    benchmark:
        "benchmarks/claims/claims.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 20 * attempt,
    script:
        "../scripts/claims/claims.py"
