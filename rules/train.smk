# Requires: results/records/{split}/ (tfrecords/ and statistics.json) of a model's split.
# Gives: results/models/{model}/ (weights, description, history), a checkpoint in results/checkpoints/{model}/ that
# survives an interrupted or repeated training, a TensorBoard log in results/tensorboard/{model}/, and the figure of
# training.


rule train:
    input:
        tfrecords=lambda wildcards: f"results/records/{config['models'][wildcards.model]['split']}/tfrecords",
        statistics=lambda wildcards: f"results/records/{config['models'][wildcards.model]['split']}/statistics.json",
        params=lambda wildcards: located(config["models"][wildcards.model]["architecture"]["params"] or "") or [],
    output:
        weights="results/models/{model}/model.weights.h5",
        description="results/models/{model}/model.json",
        history="results/models/{model}/history.tsv",
    log:
        "logs/train/{model}.log",
    benchmark:
        "benchmarks/train/{model}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: lambda wildcards: config["models"][wildcards.model]["training"]["threads"]
    resources:
        # 4 kB per base of a batch, measured at the published size (9.4 GB), and 6 GB for TensorFlow and the records
        mem_mb=lambda wildcards, attempt: attempt
        * (6000 + config["models"][wildcards.model]["training"]["batch_size"] * config["geometry"]["window"] // 250),
        runtime=lambda wildcards, attempt: 2880 * attempt,
        gpu=lambda wildcards: int(config["models"][wildcards.model]["training"]["device"] == "gpu"),
    params:
        geometry=config["geometry"],
        architecture=lambda wildcards: config["models"][wildcards.model]["architecture"],
        training=lambda wildcards: config["models"][wildcards.model]["training"],
        split=lambda wildcards: config["models"][wildcards.model]["split"],
        genome=lambda wildcards: config["splits"][config["models"][wildcards.model]["split"]]["genome"],
        outputs=lambda wildcards: study.model_outputs(wildcards.model),
        seed=config["seed"],
        checkpoint="results/checkpoints/{model}",
        tensorboard="results/tensorboard/{model}",
    script:
        "../scripts/train.py"


rule figure_training:
    input:
        history=f"results/models/{config['figures']['model']}/history.tsv",
        statistics=figure_statistics,
        modules=library("plotting/style.py", "plotting/training.py"),
    output:
        pdf="results/figures/figure_training.pdf",
        png=report(
            "results/figures/figure_training.png",
            caption="../report/figure_training.rst",
            category="Training",
            labels={"result": "Training"},
        ),
        tsv="results/figures/figure_training.tsv",
    log:
        "logs/figure_training/figure_training.log",
    benchmark:
        "benchmarks/figure_training/figure_training.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        model=config["figures"]["model"],
    script:
        "../scripts/figure_training.py"
