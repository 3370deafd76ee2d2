"""What of a simulated study can be judged, and the settings of the simulation on which the claims depend.

Nothing is computed here: all of it follows from the config. Datasets and genomes of the study that are not simulated
are left out.
"""


def mapped_datasets(study):
    """Datasets that are mapped to the very genome from which their simulated reads come, so that positions are known.

    Parameters
    ----------
    study : akitaflow.study.study.Study

    Returns
    -------
    list of str
        In file order.
    """
    simulated = study.config["simulation"]["datasets"]
    return [
        name
        for name in study.datasets.index
        if name in simulated and simulated[name]["genome"] == study.genome_of_dataset(name)
    ]


def mapped_libraries(study):
    """The [dataset, library] of each library of reads of :func:`mapped_datasets`."""
    return [[dataset, library] for dataset in mapped_datasets(study) for library in study.libraries(dataset)]


def judged_genome(study):
    """Name of the simulated genome of ``truth.dataset``; None if that dataset is not simulated."""
    return _genome(study, study.config["truth"]["dataset"])


def judged_law(study):
    """Settings on which the folding of ``truth.dataset`` depends.

    Parameters
    ----------
    study : akitaflow.study.study.Study

    Returns
    -------
    dict
        In the layout of ``simulation``, with this dataset alone.
    """
    simulation, dataset = study.config["simulation"], study.config["truth"]["dataset"]
    keys = ("strength", "motif_release", "gc", "factors", "binding", "folding")
    return {key: simulation[key] for key in keys} | {"datasets": {dataset: simulation["datasets"].get(dataset, {})}}


def planted_decoys(study):
    """Accessions of the matrices of the decoys in :func:`judged_genome`, sorted."""
    genome = judged_genome(study)
    return sorted(study.config["simulation"]["genomes"][genome]["decoys"]["matrices"].values()) if genome else []


def second_factor(study):
    """The factor that acts in the dataset of ``ctcf_independent`` but not in ``truth.dataset``, or None."""
    here = _factors(study, study.ctcf_independent_dataset())
    there = _factors(study, study.config["truth"]["dataset"])
    return next((factor for factor in here if factor not in there), None)


def second_factor_genome(study):
    """Name of the simulated genome of the dataset of ``ctcf_independent``; None if that dataset is not simulated."""
    return _genome(study, study.ctcf_independent_dataset())


def planted_deletion(study):
    """Whether the deletion that the figures show is that of the locus of a simulated genome."""
    deletion = study.shown_deletion()
    if not deletion:
        return False
    genome = study.genome_of_deletion(deletion, study.config["figures"]["model"])
    return study.config["simulation"]["genomes"].get(genome, {}).get("locus", False)


def chapters(study):
    """Names of the chapters with claims: of the analyses that the study makes and whose truth the simulation has.

    Parameters
    ----------
    study : akitaflow.study.study.Study

    Returns
    -------
    list of str
        Modules of :mod:`akitaflow.truth`.
    """
    config, found = study.config, ["model", "inversion"]
    if mapped_libraries(study):
        found.append("mapping")
    if config["motif_sweep"]["run"]:
        found.append("motif_sweep")
    if "CTCF" in config["tracks"].get(config["truth"]["dataset"], {}):
        found.append("pattern_strength")
    if study.cross_species_repeats():
        found.append("cross_species")
    if planted_deletion(study):
        found.append("deletion")
    if second_factor(study) and study.ctcf_independent_tracks() and len(study.cell_type_datasets()) == 2:
        found.append("cell_types")
    return found


def _genome(study, dataset):
    return study.config["simulation"]["datasets"].get(dataset, {}).get("genome")


def _factors(study, dataset):
    return study.config["simulation"]["datasets"].get(dataset, {}).get("factors", [])
