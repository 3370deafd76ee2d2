# Requires: `study`, `config` and `located` of common.smk.
# Gives: functions that name the inputs and params of the rules of map.smk.


def datasets_entering(*entries):
    return list(study.datasets.index[study.datasets["entry"].isin(entries)])


def only(names):
    """A wildcard constraint: one of these names (or none at all)."""
    return "|".join(names) if names else "(?!)"


def engine_environment():
    """The environment of distiller-nf, where it maps a dataset."""
    return ["nextflow"] if mapping_options["engine"] == "distiller" and datasets_entering("fastq") else []


def genome_of(dataset):
    return study.datasets.loc[dataset, "genome"]


def genome_file(name):
    """A function for `input`: a file of the genome that a dataset belongs to."""
    return lambda wildcards: f"results/genomes/{genome_of(wildcards.dataset)}/{name}"


def reads_of(wildcards):
    """The two FASTQ files of a run, downloaded if they are URLs."""
    return [located(path) for path in study.reads(wildcards.dataset, wildcards.library, wildcards.run)]


def chunk_labels():
    """Names of the parts of a run; they carry their number, so that parts of another division are not taken for these."""
    return [f"{part}-of-{mapping_options['chunks']}" for part in range(1, mapping_options["chunks"] + 1)]


def reads_of_chunk(wildcards):
    """The FASTQ files to map: those of the run as they are where it is not cut."""
    if mapping_options["chunks"] == 1:
        return reads_of(wildcards)
    return expand("results/mapping/{dataset}/chunks/{library}.{run}.{chunk}_{mate}.fastq.gz", **wildcards, mate=(1, 2))


def pairs_of_library(wildcards):
    """Sorted pairs of every chunk of every run of a library."""
    return expand(
        "results/mapping/{dataset}/runs/{library}.{run}.{chunk}.pairs.gz",
        **wildcards,
        run=study.runs_of(wildcards.dataset, wildcards.library),
        chunk=chunk_labels(),
    )
