# Requires: results/models/{model}/ and results/genomes/{genome}/ of the config's predictions.
# Gives: results/predictions/{prediction}/{dataset}.mcool, a cooler of each output of the model, and the target
# `predictions` that asks for all of them.


include: "predict_inputs.smk"


wildcard_constraints:
    prediction="[^/.]+",


rule predictions:
    """Maps of the regions and chromosomes under the config's `predictions`."""
    input:
        prediction_coolers(),


rule predict_regions:
    """Maps of all outputs, which one pass of the model gives."""
    input:
        weights=lambda wildcards: f"results/models/{predicting_model(wildcards)}/model.weights.h5",
        description=lambda wildcards: f"results/models/{predicting_model(wildcards)}/model.json",
        fasta=predicted_fasta,
        sizes=predicted_chromsizes,
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
    params:
        regions=lambda wildcards: config["predictions"][wildcards.prediction]["regions"],
        chromosomes=lambda wildcards: config["predictions"][wildcards.prediction]["chromosomes"],
        stride_bins=lambda wildcards: config["predictions"][wildcards.prediction]["stride_bins"],
        batch_size=config["evaluation"]["batch_size"],
        average=config["evaluation"]["average"],
        device=lambda wildcards: config["models"][predicting_model(wildcards)]["training"]["device"],
    script:
        "../scripts/predict/predict_regions.py"


rule write_prediction_cooler:
    """The maps of one output as a cooler with several resolutions."""
    input:
        maps="results/predictions/{prediction}/maps.h5",
        sizes=predicted_chromsizes,
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
        genome=predicted_genome,
        average=config["evaluation"]["average"],
    script:
        "../scripts/predict/write_prediction_cooler.py"
