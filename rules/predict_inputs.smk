# Requires: `study` and `config` of common.smk.
# Gives: functions that name the inputs and params of the rules of predict.smk.


def predicting_model(wildcards):
    return config["predictions"][wildcards.prediction]["model"]


def predicted_genome(wildcards):
    genome = config["predictions"][wildcards.prediction]["genome"]
    return genome or config["splits"][config["models"][predicting_model(wildcards)]["split"]]["genome"]


def predicted_fasta(wildcards):
    return f"results/genomes/{predicted_genome(wildcards)}/genome.fa"


def predicted_chromsizes(wildcards):
    return f"results/genomes/{predicted_genome(wildcards)}/chrom.sizes"


def prediction_coolers():
    """The files of all predictions that the config names."""
    return [
        f"results/predictions/{name}/{output}.mcool"
        for name, prediction in config["predictions"].items()
        for output in study.model_outputs(prediction["model"])
    ]
