# Requires: results/models/{model}/ and results/genomes/{genome}/ of the config's predictions.
# Gives: results/predictions/{prediction}/{dataset}.mcool, a cooler of each output of the model, and the target
# `predictions` that asks for all of them.

predicting_model = lookup(within=config, dpath="predictions/{prediction}/model")


wildcard_constraints:
    prediction="[^/.]+",


rule predictions:
    """Maps of the regions and chromosomes under the config's `predictions`."""
    input:
        [
            f"results/predictions/{name}/{output}.mcool"
            for name, prediction in config["predictions"].items()
            for output in study.model_outputs(prediction["model"])
        ],


rule predict_regions:
    """Predict the maps of all outputs."""
    input:
        weights=lambda wildcards: f"results/models/{predicting_model(wildcards)}/model.weights.h5",
        description=lambda wildcards: f"results/models/{predicting_model(wildcards)}/model.json",
        fasta=lambda wildcards: f"results/genomes/{study.genome_of_prediction(wildcards.prediction)}/genome.fa",
        sizes=lambda wildcards: f"results/genomes/{study.genome_of_prediction(wildcards.prediction)}/chrom.sizes",
    output:
        temp("results/predictions/{prediction}/maps.h5"),
    log:
        "logs/predict_regions/{prediction}.log",
    benchmark:
        "benchmarks/predict_regions/{prediction}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: 4
    resources:
        mem_mb=memory(16000),
        runtime=minutes(1440),
        gpu=lambda wildcards: study.gpus_of_model(predicting_model(wildcards)),
    params:
        regions=lookup(within=config, dpath="predictions/{prediction}/regions"),
        chromosomes=lookup(within=config, dpath="predictions/{prediction}/chromosomes"),
        stride_bins=lookup(within=config, dpath="predictions/{prediction}/stride_bins"),
        batch_size=config["evaluation"]["batch_size"],
        average=config["evaluation"]["average"],
        device=lookup(within=config, dpath="models/{name}/training/device", name=predicting_model),
    script:
        "../scripts/predict/predict_regions.py"


rule write_prediction_cooler:
    """Write the maps of one output as a cooler with several resolutions."""
    input:
        maps="results/predictions/{prediction}/maps.h5",
        sizes=lambda wildcards: f"results/genomes/{study.genome_of_prediction(wildcards.prediction)}/chrom.sizes",
    output:
        "results/predictions/{prediction}/{dataset}.mcool",
    log:
        "logs/write_prediction_cooler/{prediction}.{dataset}.log",
    benchmark:
        "benchmarks/write_prediction_cooler/{prediction}.{dataset}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(720),
    params:
        model=predicting_model,
        genome=lambda wildcards: study.genome_of_prediction(wildcards.prediction),
        average=config["evaluation"]["average"],
    script:
        "../scripts/predict/write_prediction_cooler.py"
