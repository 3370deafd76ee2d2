# Requires: `study` and `config` of common.smk.
# Gives: functions that name the inputs of depth.smk.


def depth_datasets(split):
    """Datasets of a split whose maps are made here."""
    return [] if config["splits"][split]["records"] else study.datasets_of_split(split)


def depth_splits():
    """Splits that have such datasets."""
    return [split for split in config["splits"] if depth_datasets(split)]


def depth_tables(wildcards):
    return expand("results/depth/{split}/{dataset}.tsv", split=wildcards.split, dataset=depth_datasets(wildcards.split))
