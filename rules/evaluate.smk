# Requires: results/models/{model}/, results/records/{split}/, results/targets/{split}/, results/coolers/{dataset}.cool
# and results/genomes/{genome}/genome.fa.
# Gives: results/evaluation/{model}/ (predictions, metrics, scores per window, baselines, comparison, split-read
# ceilings), and the figures 1b, 1c and of the baselines.


rule evaluate_model:
    input:
        weights="results/models/{model}/model.weights.h5",
        description="results/models/{model}/model.json",
        windows=model_records("windows.tsv"),
        tfrecords=model_records("tfrecords"),
        statistics=model_records("statistics.json"),
        fasta=genome_file("genome.fa", of="model"),
    output:
        predictions="results/evaluation/{model}/predictions.h5",
        metrics="results/evaluation/{model}/metrics.tsv",
        page=report(
            "results/evaluation/{model}/metrics.html",
            caption="../report/metrics.rst",
            category="Evaluation",
            labels={"result": "Metrics of model {model}"},
        ),
        windows="results/evaluation/{model}/windows.tsv",
    log:
        "logs/evaluate_model/{model}.log",
    benchmark:
        "benchmarks/evaluate_model/{model}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: 4
    resources:
        # for ranks of all values of a fold: 18 GB with the published 413 windows and 5 datasets
        mem_mb=memory(24000),
        runtime=minutes(240),
        gpu=lambda wildcards: study.gpus_of_model(wildcards.model),
    params:
        fold=config["evaluation"]["fold"],
        batch_size=config["evaluation"]["batch_size"],
        average=config["evaluation"]["average"],
        device=lookup(within=config, dpath="models/{model}/training/device"),
        outputs=lambda wildcards: study.compared_outputs(wildcards.model),
    script:
        "../scripts/evaluate/evaluate_model.py"


rule measure_ceiling:
    input:
        cooler="results/coolers/{dataset}.cool",
        windows=model_records("windows.tsv"),
    output:
        "results/evaluation/{model}/ceiling/{dataset}.tsv",
    log:
        "logs/measure_ceiling/{model}.{dataset}.log",
    benchmark:
        "benchmarks/measure_ceiling/{model}.{dataset}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 4
    resources:
        mem_mb=memory(12000),
        runtime=minutes(1440),
        disk_mb=lambda wildcards, input: max(1000, int(4 * input.size_mb)),
        tmpdir=scratch,
    params:
        geometry=config["geometry"],
        targets=config["targets"],
        balance=config["mapping"]["balance"],
        fold=config["evaluation"]["fold"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/evaluate/measure_ceiling.py"


rule fit_baselines:
    input:
        predictions="results/evaluation/{model}/predictions.h5",
        windows=model_records("windows.tsv"),
        targets=lambda wildcards: expand(
            "results/targets/{split}/{dataset}.h5",
            split=study.split_of_model(wildcards.model),
            dataset=study.compared_outputs(wildcards.model),
        ),
        fasta=genome_file("genome.fa", of="model"),
        mappability=lambda wildcards: located(config["genomes"][study.genome_of_model(wildcards.model)]["mappability"]),
        centromeres=lambda wildcards: located(config["genomes"][study.genome_of_model(wildcards.model)]["centromeres"]),
        ceilings=lambda wildcards: expand(
            "results/evaluation/{model}/ceiling/{dataset}.tsv",
            model=wildcards.model,
            dataset=study.datasets_with_ceiling(wildcards.model),
        ),
    output:
        baselines="results/evaluation/{model}/baselines.tsv",
        comparison="results/evaluation/{model}/comparison.tsv",
    log:
        "logs/fit_baselines/{model}.log",
    benchmark:
        "benchmarks/fit_baselines/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    # boosted trees are many times slower with more threads than idle cores
    threads: 1
    resources:
        # for the sequence of the genome and the training targets of two datasets
        mem_mb=memory(16000),
        runtime=minutes(480),
    params:
        geometry=config["geometry"],
        enzymes=lambda wildcards: study.enzymes_of_model(wildcards.model),
        fold=config["evaluation"]["fold"],
        bootstrap=config["evaluation"]["bootstrap"],
        composition_bins=config["evaluation"]["composition_bins"],
        kmer=config["evaluation"]["kmer"],
        seed=config["seed"],
    script:
        "../scripts/evaluate/fit_baselines.py"


rule figure_1b:
    input:
        predictions=of_figure("figure_1b", f"results/evaluation/{config['figures']['model']}/predictions.h5"),
        windows=f"results/evaluation/{config['figures']['model']}/windows.tsv",
        modules=library("plotting/style.py", "plotting/accuracy.py"),
    output:
        pdf="results/figures/figure_1b.pdf",
        png=report(
            "results/figures/figure_1b.png",
            caption="../report/figure_1b.rst",
            category="Evaluation",
            labels={"result": "1b: maps"},
        ),
        tsv="results/figures/figure_1b.tsv",
    log:
        "logs/figure_1b/figure_1b.log",
    benchmark:
        "benchmarks/figure_1b/figure_1b.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        model=config["figures"]["model"],
        dataset=config["figures"]["dataset"],
        fold=config["evaluation"]["fold"],
    script:
        "../scripts/evaluate/figure_1b.py"


rule figure_1c:
    input:
        windows=of_figure("figure_1c", f"results/evaluation/{config['figures']['model']}/windows.tsv"),
        modules=library("plotting/style.py", "plotting/accuracy.py"),
    output:
        pdf="results/figures/figure_1c.pdf",
        png=report(
            "results/figures/figure_1c.png",
            caption="../report/figure_1c.rst",
            category="Evaluation",
            labels={"result": "1c: accuracy per window"},
        ),
        tsv="results/figures/figure_1c.tsv",
    log:
        "logs/figure_1c/figure_1c.log",
    benchmark:
        "benchmarks/figure_1c/figure_1c.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        model=config["figures"]["model"],
        fold=config["evaluation"]["fold"],
    script:
        "../scripts/evaluate/figure_1c.py"


rule figure_baselines:
    input:
        baselines=of_figure("figure_baselines", f"results/evaluation/{config['figures']['model']}/baselines.tsv"),
        comparison=f"results/evaluation/{config['figures']['model']}/comparison.tsv",
        modules=library("plotting/style.py", "plotting/accuracy.py"),
    output:
        pdf="results/figures/figure_baselines.pdf",
        png=report(
            "results/figures/figure_baselines.png",
            caption="../report/figure_baselines.rst",
            category="Evaluation",
            labels={"result": "Baselines and ceiling"},
        ),
        tsv="results/figures/figure_baselines.tsv",
    log:
        "logs/figure_baselines/figure_baselines.log",
    benchmark:
        "benchmarks/figure_baselines/figure_baselines.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        model=config["figures"]["model"],
        fold=config["evaluation"]["fold"],
        bootstrap=config["evaluation"]["bootstrap"],
    script:
        "../scripts/evaluate/figure_baselines.py"
