# Requires: `study`, `config` and `located` of common.smk.
# Gives: functions of wildcards that name the inputs and params of evaluate.smk.


def model_split(wildcards):
    """Split on which a model is trained, or analysed if it is imported."""
    return config["models"][wildcards.model]["split"]


def model_genome(wildcards):
    """Settings of the genome of a model's split."""
    return config["genomes"][config["splits"][model_split(wildcards)]["genome"]]


def model_device(wildcards):
    """Device of everything that runs a model: that of its training."""
    return config["models"][wildcards.model]["training"]["device"]


def model_fasta(wildcards):
    return f"results/genomes/{config['splits'][model_split(wildcards)]['genome']}/genome.fa"


def model_windows(wildcards):
    return f"results/records/{model_split(wildcards)}/windows.tsv"


def model_targets(wildcards):
    datasets = study.compared_outputs(wildcards.model)
    return expand("results/targets/{split}/{dataset}.h5", split=model_split(wildcards), dataset=datasets)


def model_enzymes(wildcards):
    """Recognition sequences of each of a model's datasets, in the order of its outputs."""
    return {dataset: study.datasets.loc[dataset, "enzyme"] for dataset in study.compared_outputs(wildcards.model)}


def model_ceilings(wildcards):
    # contacts are split in two halves, and records that were given have none
    if not config["evaluation"]["ceiling"] or config["splits"][model_split(wildcards)]["records"]:
        return []
    datasets = study.compared_outputs(wildcards.model)
    return expand("results/evaluation/{model}/ceiling/{dataset}.tsv", model=wildcards.model, dataset=datasets)


def genome_track(key):
    """A function for `input`: a file of the model's genome, or nothing where the config gives none."""

    def path(wildcards):
        given = model_genome(wildcards)[key]
        return located(given) if given else []

    return path
