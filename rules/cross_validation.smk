# Requires: results/evaluation/{model}_{number}/metrics.tsv of every part of a cross-validated model.
# Gives: results/cross_validation/{model}.tsv, where {model} is the name in the config.


rule pool_cross_validation:
    input:
        lambda wildcards: expand("results/evaluation/{model}/metrics.tsv", model=study.cross_validated[wildcards.model]),
    output:
        table="results/cross_validation/{model}.tsv",
        page=report(
            "results/cross_validation/{model}.html",
            caption="../report/cross_validation.rst",
            category="Evaluation",
            labels={"result": "Cross-validation of model {model}"},
        ),
    log:
        "logs/pool_cross_validation/{model}.log",
    benchmark:
        "benchmarks/pool_cross_validation/{model}.tsv"
    wildcard_constraints:
        model=one_of(study.cross_validated),
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(500),
        runtime=minutes(10),
    params:
        fold=config["evaluation"]["fold"],
    script:
        "../scripts/cross_validation/pool_cross_validation.py"
