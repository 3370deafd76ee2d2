# Requires: the key `simulation` of the config.
# Gives: the functions by which the rules of simulate.smk find their inputs and parameters.

TRUTH_TABLES = ("sites", "decoys", "gaps", "repeats", "b2", "locus")


def simulated_genome(name):
    """A genome's FASTA, its index and its truth tables, named."""
    tables = {table: f"results/simulation/truth/{name}/{table}.tsv" for table in TRUTH_TABLES}
    return {"fasta": f"results/simulation/{name}.fa", "index": f"results/simulation/{name}.fa.fai", **tables}


def simulated_parent(wildcards):
    """What a genome is made from: nothing, or the genome of which it is a deletion."""
    parent = config["simulation"]["genomes"][wildcards.genome]["deletion_of"]
    return simulated_genome(parent) if parent else {}


def simulated_source(*names):
    """A function for `input`: the named files of the genome from which a dataset's reads are drawn."""

    def files(wildcards):
        every = simulated_genome(config["simulation"]["datasets"][wildcards.dataset]["genome"])
        return {name: every[name] for name in ("fasta", "index", *names)}

    return files


def simulation_of_genome(wildcards):
    """The part of `simulation` on which a genome depends."""
    keys = ("motif_release", "gc", "factors", "binding")
    genome = config["simulation"]["genomes"][wildcards.genome]
    return {key: config["simulation"][key] for key in keys} | {"genomes": {wildcards.genome: genome}}


def simulation_of_map(wildcards):
    """The part of `simulation` on which the folding of a dataset depends."""
    keys = ("strength", "motif_release", "gc", "factors", "binding", "folding")
    dataset = config["simulation"]["datasets"][wildcards.dataset]
    law = {key: dataset[key] for key in ("factors", "weights", "processivity_bins")}
    return {key: config["simulation"][key] for key in keys} | {"datasets": {wildcards.dataset: law}}


def simulation_of_reads(wildcards):
    """The part of `simulation` on which the reads of a dataset depend, given its maps."""
    dataset = config["simulation"]["datasets"][wildcards.dataset]
    kept = {key: dataset[key] for key in ("pairs", "capture_bins")}
    return {"reads": config["simulation"]["reads"], "folding": config["simulation"]["folding"], **kept}


def simulated_runs(wildcards):
    """(library, run) of a dataset, in the order of the table of runs; one of each where it enters at pairs."""
    runs = study.runs[study.runs["dataset"] == wildcards.dataset]
    return runs[["library", "run"]].values.tolist() or [["pairs", "pairs"]]
