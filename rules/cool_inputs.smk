# Requires: `study`, `config` and `located` of common.smk.
# Gives: functions that name the inputs and params of the rules of cool.smk.


def datasets_binned():
    """Datasets whose pairs are binned and balanced here: all that have pairs, but those of which distiller-nf gives the map."""
    return datasets_entering("pairs", *(["fastq"] if mapping_options["engine"] == "native" else []))


def libraries_of(dataset):
    return study.libraries(dataset) if study.datasets.loc[dataset, "entry"] == "fastq" else [OWN_PAIRS]


def pairs_to_bin(wildcards):
    if study.datasets.loc[wildcards.dataset, "entry"] == "fastq":
        return f"results/pairs/{wildcards.dataset}/{wildcards.library}.nodups.pairs.gz"
    return located(study.datasets.loc[wildcards.dataset, "path"])


def renaming_of(wildcards):
    """The renaming table of a dataset, if it has one."""
    return [located(path) for path in [study.datasets.loc[wildcards.dataset, "rename"]] if path]


def dataset_setting(column):
    """A function for `params`: one cell of the table of datasets."""
    return lambda wildcards: study.datasets[column].astype(object)[wildcards.dataset]


def library_files(pattern, *entries):
    """Files of every library of the datasets that enter at one of these."""
    return [
        pattern.format(dataset=dataset, library=library)
        for dataset in datasets_entering(*entries)
        for library in libraries_of(dataset)
    ]
