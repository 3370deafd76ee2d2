# Requires: results/records/{split}/ (tfrecords/ and statistics.json) of a trained model's split, the weight file of an
# imported one, and the model from which a training starts.
# Gives: results/models/{model}/: weights and description, and of a trained model its history; a checkpoint in
# results/checkpoints/{model}/ that is kept when a training is interrupted or repeated, a TensorBoard log in
# results/tensorboard/{model}/, and the figure of training.


rule train_model:
    """Train a model on the records of its split, from random weights or those of another model."""
    input:
        tfrecords=model_records("tfrecords"),
        statistics=model_records("statistics.json"),
        params=named_file("models/{model}/architecture/params"),
        start_weights=start_of_training("model.weights.h5"),
        start_description=start_of_training("model.json"),
    output:
        weights="results/models/{model}/model.weights.h5",
        description="results/models/{model}/model.json",
        history="results/models/{model}/history.tsv",
    log:
        "logs/train_model/{model}.log",
    benchmark:
        "benchmarks/train_model/{model}.tsv"
    wildcard_constraints:
        model=one_of(study.trained_models()),
    conda:
        "../envs/tensorflow.yaml"
    threads: lookup(within=config, dpath="models/{model}/training/threads")
    resources:
        mem_mb=memory(lambda wildcards: training_memory(wildcards.model)),
        runtime=minutes(2880),
        gpu=lambda wildcards: study.gpus_of_training(wildcards.model),
    params:
        geometry=config["geometry"],
        architecture=lookup(within=config, dpath="models/{model}/architecture"),
        training=lookup(within=config, dpath="models/{model}/training"),
        start=lookup(within=config, dpath="models/{model}/start"),
        split=lookup(within=config, dpath="models/{model}/split"),
        genome=lambda wildcards: study.genome_of_model(wildcards.model),
        outputs=lambda wildcards: study.model_outputs(wildcards.model),
        seed=config["seed"],
        checkpoint="results/checkpoints/{model}",
        tensorboard="results/tensorboard/{model}",
    script:
        "../scripts/train/train_model.py"


rule import_model:
    """Import weights from a file of the authors' code."""
    input:
        weights=named_file("models/{model}/weights/path"),
        params=named_file("models/{model}/architecture/params"),
    output:
        weights="results/models/{model}/model.weights.h5",
        description="results/models/{model}/model.json",
    log:
        "logs/import_model/{model}.log",
    benchmark:
        "benchmarks/import_model/{model}.tsv"
    wildcard_constraints:
        model=one_of(study.imported_models()),
    conda:
        "../envs/tensorflow.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        geometry=config["geometry"],
        architecture=lookup(within=config, dpath="models/{model}/architecture"),
        source=lambda wildcards: study.locate(config["models"][wildcards.model]["weights"]["path"]),
        sha256=lookup(within=config, dpath="models/{model}/weights/sha256"),
        outputs=lambda wildcards: study.model_outputs(wildcards.model),
    script:
        "../scripts/train/import_model.py"


rule figure_training:
    input:
        history=of_figure("figure_training", f"results/models/{config['figures']['model']}/history.tsv"),
        statistics=lambda wildcards: f"results/records/{study.split_of_figures()}/statistics.json",
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
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        model=config["figures"]["model"],
    script:
        "../scripts/train/figure_training.py"


rule tabulate_layers:
    """Tabulate the layers of a model's network, which is built from its description."""
    input:
        description="results/models/{model}/model.json",
    output:
        layers="results/models/{model}/layers.tsv",
    log:
        "logs/tabulate_layers/{model}.log",
    benchmark:
        "benchmarks/tabulate_layers/{model}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    script:
        "../scripts/train/tabulate_layers.py"


rule figure_1a:
    input:
        layers=of_figure("figure_1a", f"results/models/{config['figures']['model']}/layers.tsv"),
        modules=library("plotting/style.py", "plotting/layer_table.py"),
    output:
        pdf="results/figures/figure_1a.pdf",
        png=report(
            "results/figures/figure_1a.png",
            caption="../report/figure_1a.rst",
            category="Training",
            labels={"result": "Network"},
        ),
        tsv="results/figures/figure_1a.tsv",
    log:
        "logs/figure_1a/figure_1a.log",
    benchmark:
        "benchmarks/figure_1a/figure_1a.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        model=config["figures"]["model"],
    script:
        "../scripts/train/figure_1a.py"
