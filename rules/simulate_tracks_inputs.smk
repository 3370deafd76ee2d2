# Requires: the functions of simulate_inputs.smk.
# Gives: the functions by which the rules of simulate_tracks.smk find their inputs and parameters.


def simulated_genome_of(wildcards):
    """The genome whose folding a dataset measures."""
    return config["simulation"]["datasets"][wildcards.dataset]["genome"]


def simulated_main_factor(wildcards):
    """The factor whose sites stand in clusters: its track is the one called CTCF."""
    genomes = config["simulation"]["genomes"]
    genome = simulated_genome_of(wildcards)
    return genomes[genomes[genome]["deletion_of"] or genome]["clusters"]["factor"]


def simulated_annotated(wildcards):
    """What the tables of UCSC are made of."""
    files = simulated_genome(wildcards.genome)
    return {name: files[name] for name in ("index", "gaps", "repeats", "b2")}


def simulated_first(wildcards):
    """The FASTA of the first of the simulated genomes that is not a deletion of another."""
    genomes = config["simulation"]["genomes"]
    files = simulated_genome(next(name for name in genomes if not genomes[name]["deletion_of"]))
    return {name: files[name] for name in ("fasta", "index")}


def simulated_five_c(wildcards):
    """The locus, and the maps of its genome and of the deletion: of the first datasets that fold them."""
    genomes, datasets = config["simulation"]["genomes"], config["simulation"]["datasets"]
    for name, genome in genomes.items():
        wild_type = [key for key, dataset in datasets.items() if dataset["genome"] == name]
        deletion = [key for key, dataset in datasets.items() if genomes[dataset["genome"]]["deletion_of"] == name]
        if genome["locus"] and wild_type and deletion:
            files = simulated_genome(name)
            maps = {"wild_type": wild_type[0], "deletion": deletion[0]}
            return {key: files[key] for key in ("index", "locus")} | {
                key: f"results/simulation/truth/maps/{dataset}.h5" for key, dataset in maps.items()
            }
    raise WorkflowError(
        "results/simulation/five_c: no simulated genome has a locus, a dataset, and a deletion with a dataset; write "
        "`locus: true`, a genome with `deletion_of`, and a dataset of each"
    )
