# Requires: the config and its tables.
# Gives: `study` (the validated config and tables, with all defaults), the constraints of wildcards, and functions for the
# files, memory and run time of rules. Single values of the config are read with Snakemake's `lookup`.

import os

from snakemake.exceptions import WorkflowError

from akitaflow.errors import InputError
from akitaflow.simulate.settings import five_c_sources
from akitaflow.study.loading import load

config_path = workflow.overwrite_configfiles[-1] if workflow.overwrite_configfiles else "config/config.yaml"
try:
    study = load(config, folder=os.path.dirname(config_path), source=str(config_path), workflow_folder=workflow.basedir)
except InputError as error:
    raise WorkflowError(str(error)) from None
config.update(study.config)


wildcard_constraints:
    genome="[^/.]+",
    dataset="[^/.]+",
    library="[^/.]+",
    run="[^/.]+",
    split="[^/.]+",
    model="[^/.]+",
    motif="[^/.]+",
    locus="[^/.]+",


# Folder for temporary files of sorts and merges: $TMPDIR if set, else a folder on the file system of the results.
scratch = os.environ.get("TMPDIR") or "results/tmp"
# Filled by chapters.smk. left_out: figure -> missing inputs; impossible: figures that cannot be drawn on request either.
left_out, impossible = {}, set()


# Resources, wildcards and params


def memory(mb):
    """MB of a job, more with each attempt; ``mb``, for the first one, is a number or a function of wildcards."""
    return lambda wildcards, attempt: attempt * int(mb(wildcards) if callable(mb) else mb)


def minutes(n):
    """Run time of a job in minutes, more with each attempt."""
    return lambda wildcards, attempt: attempt * n


def one_of(names):
    """A wildcard constraint: one of the names, or no match if there are none."""
    return "|".join(names) or "(?!)"


def settings(dpath, *keys):
    """A function for `params`: some keys of a block of the config, so that changes of other keys do not rerun a rule.

    ``dpath`` is that of `lookup`, with a wildcard or without: "splits/{split}", "truth".
    """
    block = lookup(within=config, dpath=dpath)
    return lambda wildcards: {key: (block(wildcards) if callable(block) else block)[key] for key in keys}


def dataset_setting(column):
    """A function for `params`: a cell of the table of datasets, of the wildcard `dataset`."""
    return lambda wildcards: study.dataset_setting(wildcards.dataset, column)


# Files


def located(path):
    """Local path of a file of the config; [] if there is none, as `input` requires."""
    return study.local_file(path) or []


def named_file(dpath):
    """A function for `input`: the file at a path of the config with a wildcard, such as "genomes/{genome}/fasta"."""
    path = lookup(within=config, dpath=dpath)
    return lambda wildcards: located(path(wildcards))


def dataset_file(column):
    """A function for `input`: the file in a column of the table of datasets, of the wildcard `dataset`."""
    return lambda wildcards: located(study.datasets.loc[wildcards.dataset, column])


def genome_file(name, of):
    """A function for `input`: a file of the genome of the wildcard `of`: "dataset", "split" or "model"."""
    genome = getattr(study, f"genome_of_{of}")
    return lambda wildcards: f"results/genomes/{genome(wildcards[of])}/{name}"


def bwa_index(genome):
    """The files of a genome's bwa index."""
    return multiext(f"results/genomes/{genome}/bwa/genome.fa", ".amb", ".ann", ".bwt", ".pac", ".sa")


def maps_of_split(wildcards):
    """Maps of the datasets of a split, in the order of a model's outputs."""
    return expand("results/coolers/{dataset}.cool", dataset=study.datasets_of_split(wildcards.split))


def targets_of_split(split):
    """Targets of the datasets of a split, in the order of a model's outputs."""
    return expand("results/targets/{split}/{dataset}.h5", split=split, dataset=study.datasets_of_split(split))


def library(*modules):
    """Modules of akitaflow as inputs of a figure, so that changes of its code redraw it."""
    return [local(os.path.join(workflow.basedir, "akitaflow", module)) for module in modules]


def of_figure(name, path):
    """A function for `input`: a file, or several, that a figure shows; an error if the study lacks what it needs."""

    def files(wildcards):
        figure = name.format(**wildcards)
        if figure in impossible:
            raise WorkflowError(f"{study.source}: {figure} cannot be drawn: {left_out[figure]}")
        return path(wildcards) if callable(path) else path

    return files


# Reads and pairs


def reads_of_run(wildcards):
    """The two FASTQ files of a run."""
    return study.local_reads(wildcards.dataset, wildcards.library, wildcards.run)


def reads_of_chunk(wildcards):
    """The two FASTQ files to map: of a chunk, or of the run if it is not split."""
    if config["mapping"]["chunks"] == 1:
        return reads_of_run(wildcards)
    return expand("results/mapping/{dataset}/chunks/{library}.{run}.{chunk}_{mate}.fastq.gz", **wildcards, mate=(1, 2))


def pairs_of_library(wildcards):
    """Sorted pairs of every chunk of every run of a library."""
    return expand(
        "results/mapping/{dataset}/runs/{library}.{run}.{chunk}.pairs.gz",
        **wildcards,
        run=study.runs_of(wildcards.dataset, wildcards.library),
        chunk=study.chunk_labels(),
    )


def distiller_reads(wildcards):
    """The FASTQ files of every run of a dataset."""
    libraries = study.local_libraries(wildcards.dataset).values()
    return [path for runs in libraries for paths in runs.values() for path in paths]


def checks_of_dataset(wildcards):
    """The check files of every run of a dataset, in the order of its libraries."""
    return [
        f"results/mapping/{wildcards.dataset}/checks/{library}.{run}.tsv"
        for library, runs in study.local_libraries(wildcards.dataset).items()
        for run in runs
    ]


def pairs_to_bin(wildcards):
    """Pairs of a library without duplicates, or the dataset's own file of pairs."""
    if study.has_own_pairs(wildcards.dataset):
        return located(study.datasets.loc[wildcards.dataset, "path"])
    return f"results/pairs/{wildcards.dataset}/{wildcards.library}.nodups.pairs.gz"


def library_files(pattern, *entries):
    """Files of every library of the datasets with one of these entries."""
    return [pattern.format(dataset=name, library=library) for name, library in study.libraries_entering(*entries)]


# Simulated files


def simulated_genome(genome, *tables):
    """FASTA, index and the named truth tables of a simulated genome, by name."""
    files = {"fasta": f"results/simulation/{genome}.fa", "index": f"results/simulation/{genome}.fa.fai"}
    return files | {table: f"results/simulation/truth/{genome}/{table}.tsv" for table in tables}


def genome_before_deletion(wildcards):
    """Files of the genome from which this one differs by a deletion; empty if there is none."""
    parent = config["simulation"]["genomes"][wildcards.genome]["deletion_of"]
    return simulated_genome(parent, "sites", "decoys", "gaps", "repeats", "b2", "locus") if parent else {}


def source_genome(*tables):
    """A function for `input`: files of the genome from which the reads of a dataset are drawn."""
    genome = lookup(within=config, dpath="simulation/datasets/{dataset}/genome")
    return lambda wildcards: simulated_genome(genome(wildcards), *tables)


def tracked_genome(wildcards):
    """Files of the genome of a dataset, and its planted sites."""
    genome = config["simulation"]["datasets"][wildcards.dataset]["genome"]
    return simulated_genome(genome, "sites", "decoys")


def five_c_files(wildcards):
    """The locus, and the maps of its genome and of the deletion."""
    sources = five_c_sources(config["simulation"])
    maps = {key: f"results/simulation/truth/maps/{sources[key]}.h5" for key in ("wild_type", "deletion")}
    files = simulated_genome(sources["genome"], "locus")
    return {"index": files["index"], "locus": files["locus"], **maps}


def planted(table, genome):
    """A table of the planted features of a genome; empty if the genome is not simulated."""
    return f"results/simulation/truth/{genome}/{table}.tsv" if genome else []


# Files of a model


def model_records(name):
    """A function for `input`: a file of the records of a model's split."""
    return lambda wildcards: f"results/records/{study.split_of_model(wildcards.model)}/{name}"


def model_sites(wildcards):
    """Sites of a motif in the windows that a model analyses."""
    return f"results/motifs/{study.split_of_model(wildcards.model)}/{wildcards.motif}.windows.tsv"


def start_of_training(name):
    """A function for `input`: a file of the model from which a training starts, or nothing."""
    starts = {model: settings["start"] for model, settings in config["models"].items()}
    return lambda wildcards: f"results/models/{start['model']}/{name}" if (start := starts[wildcards.model]) else []


def training_memory(model, filters=1):
    """Memory of a training in MB: 5 kB per base of a batch (4.6 kB measured at the published size) and 6 GB.

    Parameters
    ----------
    model : str
    filters : float
        Number of filters relative to the model's.
    """
    batch = config["models"][model]["training"]["batch_size"] * config["geometry"]["window"]
    return int(6000 + filters * batch / 200)
