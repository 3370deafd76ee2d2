"""Parts of the config's ``simulation`` on which the steps of a simulation depend.

Each rule gets only the settings that it uses, so that a change of other settings does not rerun it.
"""

from akitaflow.errors import InputError


def genome_settings(simulation, genome):
    """Settings on which a genome depends.

    Parameters
    ----------
    simulation : dict
        ``simulation`` of the config.
    genome : str

    Returns
    -------
    dict
        Part of ``simulation``, with this genome only.
    """
    keys = ("motif_release", "gc", "factors", "binding")
    return {key: simulation[key] for key in keys} | {"genomes": {genome: simulation["genomes"][genome]}}


def folding_settings(simulation, dataset):
    """Settings on which the folding of a dataset depends.

    Parameters
    ----------
    simulation : dict
        ``simulation`` of the config.
    dataset : str

    Returns
    -------
    dict
        Part of ``simulation``, with the settings of folding of this dataset only.
    """
    keys = ("strength", "motif_release", "gc", "factors", "binding", "folding")
    of_dataset = {key: simulation["datasets"][dataset][key] for key in ("factors", "weights", "processivity_bins")}
    return {key: simulation[key] for key in keys} | {"datasets": {dataset: of_dataset}}


def read_settings(simulation, dataset):
    """Settings on which the reads of a dataset depend, apart from its maps.

    Parameters
    ----------
    simulation : dict
        ``simulation`` of the config.
    dataset : str

    Returns
    -------
    dict
        Keys ``reads``, ``folding``, ``pairs`` and ``capture_bins``.
    """
    settings = {key: simulation[key] for key in ("reads", "folding")}
    return settings | {key: simulation["datasets"][dataset][key] for key in ("pairs", "capture_bins")}


def main_factor(simulation, dataset):
    """Factor whose sites are planted in clusters; it is the factor of the dataset's track CTCF.

    Parameters
    ----------
    simulation : dict
        ``simulation`` of the config.
    dataset : str

    Returns
    -------
    str
    """
    return main_factor_of_genome(simulation, simulation["datasets"][dataset]["genome"])


def main_factor_of_genome(simulation, genome):
    """Factor whose sites are planted in clusters in a genome, or in the one of which it is a deletion."""
    genomes = simulation["genomes"]
    return genomes[genomes[genome]["deletion_of"] or genome]["clusters"]["factor"]


def first_genome(simulation):
    """Name of the first genome that is not a deletion of another genome.

    Parameters
    ----------
    simulation : dict
        ``simulation`` of the config.

    Returns
    -------
    str
    """
    return next(name for name, genome in simulation["genomes"].items() if not genome["deletion_of"])


def five_c_sources(simulation):
    """Genome with a locus for which 5C is simulated, and the datasets whose maps are used.

    Parameters
    ----------
    simulation : dict
        ``simulation`` of the config.

    Returns
    -------
    dict of str to str
        ``genome``, and the first datasets of that genome and of its deletion: ``wild_type`` and ``deletion``.

    Raises
    ------
    InputError
        If no genome has a locus, a dataset, and a deletion with a dataset.
    """
    genomes, datasets = simulation["genomes"], simulation["datasets"]
    for name, genome in genomes.items():
        wild_type = [key for key, dataset in datasets.items() if dataset["genome"] == name]
        deletion = [key for key, dataset in datasets.items() if genomes[dataset["genome"]]["deletion_of"] == name]
        if genome["locus"] and wild_type and deletion:
            return {"genome": name, "wild_type": wild_type[0], "deletion": deletion[0]}
    raise InputError(
        "results/simulation/five_c: no simulated genome has a locus, a dataset, and a deletion with a dataset; write "
        "`locus: true`, a genome with `deletion_of`, and a dataset of each"
    )
