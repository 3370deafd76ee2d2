# Requires: `study`, `config` and `located` of common.smk.
# Gives: functions that name the inputs, params and splits of the rules of prepare.smk.


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


def splits_of_maps():
    """Pattern of the splits that are made from maps."""
    return one_of(name for name, split in config["splits"].items() if split["records"] is None)


def splits_of_records():
    """Pattern of the splits whose records are given."""
    return one_of(name for name, split in config["splits"].items() if split["records"] is not None)


def one_of(names):
    """A regular expression that matches these names and, if there are none, nothing."""
    return "|".join(names) or "(?!)"


def given_records(split):
    """Settings of a split's given records."""
    return config["splits"][split]["records"]


def given_tfrecords(split):
    """Files of the given records: those of an URL one by one, else their folder."""
    given = given_records(split)
    folder = study.locate(given["folder"])
    if "://" not in folder:
        return [f"{folder}/tfrecords"]
    return [
        located(f"{folder}/tfrecords/{fold}-{number}.tfr")
        for fold, count in given["files"].items()
        for number in range(count)
    ]


def given_table(split, name):
    """statistics.json or sequences.bed of the given records, in their folder unless the config says otherwise."""
    files = {"statistics": "statistics.json", "sequences": "sequences.bed"}
    given = given_records(split)
    return located(given[name] or f"{given['folder']}/{files[name]}")


def register_records():
    """Tell `located` of every URL of given records, so that a job on another node knows it too."""
    for split in config["splits"]:
        if given_records(split):
            given_tfrecords(split)
            given_table(split, "statistics")
            given_table(split, "sequences")


def figure_split(wildcards):
    """Split of the model that the figures show."""
    return config["models"][config["figures"]["model"]]["split"]


def figure_target_tables(wildcards):
    split = figure_split(wildcards)
    return expand("results/targets/{split}/{dataset}.h5", split=split, dataset=study.datasets_of_split(split))


def figure_statistics(wildcards):
    return f"results/records/{figure_split(wildcards)}/statistics.json"
