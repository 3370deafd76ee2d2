# Requires: results/evaluation/{model}/predictions.h5, results/records/{split}/windows.tsv and the bigWigs of `tracks`.
# Gives: results/pattern_strength/{model}/{dataset}/ (strength of the patterns of each window, and its correlations with the
# signals along the genome), and supplement_2.


rule measure_strength:
    input:
        predictions="results/evaluation/{model}/predictions.h5",
        windows=model_records("windows.tsv"),
        tracks=lambda wildcards: [located(path) for path in config["tracks"].get(wildcards.dataset, {}).values()],
        sizes=genome_file("chrom.sizes", of="model"),
    output:
        windows="results/pattern_strength/{model}/{dataset}/windows.tsv",
        correlations="results/pattern_strength/{model}/{dataset}/correlations.tsv",
    log:
        "logs/measure_strength/{model}.{dataset}.log",
    benchmark:
        "benchmarks/measure_strength/{model}.{dataset}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(60),
    params:
        geometry=config["geometry"],
        tracks=lambda wildcards: list(config["tracks"].get(wildcards.dataset, {})),
        fold=config["evaluation"]["fold"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/pattern_strength/measure_strength.py"


rule supplement_2:
    input:
        windows=of_figure(
            "supplement_2",
            expand(
                "results/pattern_strength/{model}/{dataset}/windows.tsv",
                model=config["figures"]["model"],
                dataset=study.strength_datasets(),
            ),
        ),
        correlations=expand(
            "results/pattern_strength/{model}/{dataset}/correlations.tsv",
            model=config["figures"]["model"],
            dataset=study.strength_datasets(),
        ),
        modules=library("plotting/style.py", "plotting/pattern_strength.py"),
    output:
        pdf="results/figures/supplement_2.pdf",
        png=report(
            "results/figures/supplement_2.png",
            caption="../report/supplement_2.rst",
            category="Evaluation",
            labels={"result": "S2: strength of patterns"},
        ),
        tsv="results/figures/supplement_2.tsv",
    log:
        "logs/supplement_2/supplement_2.log",
    benchmark:
        "benchmarks/supplement_2/supplement_2.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        model=config["figures"]["model"],
        fold=config["evaluation"]["fold"],
        tracks={name: list(config["tracks"].get(name, {})) for name in study.strength_datasets()},
    script:
        "../scripts/pattern_strength/supplement_2.py"
