# Requires: `study`, `config` and `located` of common.smk.
# Gives: functions that name the inputs and params of the rules of prepare.smk.


def split_genome(wildcards):
    """Name of the genome that a split cuts."""
    return config["splits"][wildcards.split]["genome"]


def training_datasets(wildcards):
    """Datasets that the models of a split learn, in the order of their outputs."""
    return study.datasets_of_split(wildcards.split)


def training_coolers(wildcards):
    return expand("results/coolers/{dataset}.cool", dataset=training_datasets(wildcards))


def contig_coolers(wildcards):
    """Maps whose filtered bins cut contigs: none where the gaps file already holds them."""
    split = config["splits"][wildcards.split]
    if split["policy"] == "published" or split["min_filtered_run"] == 0:
        return []
    return training_coolers(wildcards)


def excluded_regions(wildcards):
    return [located(path) for path in config["genomes"][split_genome(wildcards)]["exclude"]]


def chrom_sizes(wildcards):
    return f"results/genomes/{split_genome(wildcards)}/chrom.sizes"


def genome_gaps(wildcards):
    return f"results/genomes/{split_genome(wildcards)}/gaps.bed"


def genome_fasta(wildcards):
    return f"results/genomes/{split_genome(wildcards)}/genome.fa"


def split_settings(*keys):
    """A function for `params`: the named settings of a split, so that an edit of another reruns nothing."""

    def settings(wildcards):
        return {key: config["splits"][wildcards.split][key] for key in keys}

    return settings


def figure_split(wildcards):
    """Split of the model that the figures show."""
    return config["models"][config["figures"]["model"]]["split"]


def figure_target_tables(wildcards):
    split = figure_split(wildcards)
    return expand("results/targets/{split}/{dataset}.h5", split=split, dataset=study.datasets_of_split(split))


def figure_statistics(wildcards):
    return f"results/records/{figure_split(wildcards)}/statistics.json"
