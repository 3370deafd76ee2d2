# Requires: results/evaluation/{model}/predictions.h5, results/records/{split}/windows.tsv and the bigWigs of `tracks`.
# Gives: results/strength/{model}/{dataset}/ (strength of the patterns of each window, and its correlations with the
# signals along the genome), and supplement_2.


include: "strength_inputs.smk"


rule strength:
    input:
        predictions="results/evaluation/{model}/predictions.h5",
        windows=strength_windows,
        tracks=strength_tracks,
    output:
        windows="results/strength/{model}/{dataset}/windows.tsv",
        correlations="results/strength/{model}/{dataset}/correlations.tsv",
    log:
        "logs/strength/{model}.{dataset}.log",
    benchmark:
        "benchmarks/strength/{model}.{dataset}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        geometry=config["geometry"],
        tracks=lambda wildcards: list(config["tracks"].get(wildcards.dataset, {})),
        fold=config["evaluation"]["fold"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/strength/strength.py"


rule supplement_2:
    input:
        windows=f"results/strength/{config['figures']['model']}/{config['figures']['dataset']}/windows.tsv",
        correlations=f"results/strength/{config['figures']['model']}/{config['figures']['dataset']}/correlations.tsv",
        modules=library("plotting/style.py", "plotting/strength.py"),
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
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        model=config["figures"]["model"],
        dataset=config["figures"]["dataset"],
        fold=config["evaluation"]["fold"],
        tracks=list(config["tracks"].get(config["figures"]["dataset"], {})),
    script:
        "../scripts/strength/supplement_2.py"
