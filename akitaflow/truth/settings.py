"""Chapters, datasets and genomes of a study about which claims can be made, and the settings that the claims use.

All of it follows from the config. Datasets and genomes that are not simulated are left out.
"""


def mapped_datasets(study):
    """Datasets that are mapped to the genome from which their reads were simulated, so that positions are known.

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
    """Lists [dataset, library] of the libraries of :func:`mapped_datasets`."""
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
        Part of ``simulation``, with this dataset only.
    """
    simulation, dataset = study.config["simulation"], study.config["truth"]["dataset"]
    keys = ("strength", "motif_release", "gc", "factors", "binding", "folding")
    return {key: simulation[key] for key in keys} | {"datasets": {dataset: simulation["datasets"].get(dataset, {})}}


def planted_decoys(study):
    """Sorted ids of the matrices of the decoys in :func:`judged_genome`."""
    genome = judged_genome(study)
    return sorted(study.config["simulation"]["genomes"][genome]["decoys"]["matrices"].values()) if genome else []


def second_factor(study):
    """Factor of the dataset of ``ctcf_independent`` that ``truth.dataset`` lacks, or None."""
    factors = _factors(study, study.ctcf_independent_dataset())
    factors_of_truth = _factors(study, study.config["truth"]["dataset"])
    return next((factor for factor in factors if factor not in factors_of_truth), None)


def second_factor_genome(study):
    """Name of the simulated genome of the dataset of ``ctcf_independent``; None if that dataset is not simulated."""
    return _genome(study, study.ctcf_independent_dataset())


def planted_deletion(study):
    """Whether the deletion of the figures is at the locus of a simulated genome."""
    deletion = study.shown_deletion()
    if not deletion:
        return False
    genome = study.genome_of_deletion(deletion, study.config["figures"]["model"])
    return study.config["simulation"]["genomes"].get(genome, {}).get("locus", False)


def planted_variants(study):
    """Name of the set of variants that is planted in :func:`judged_genome` and scored by the model of the figures."""
    planted = f"results/simulation/variants/{judged_genome(study)}.vcf"
    sets = study.config["variants"]["sets"]
    judged = study.variants_of_model(study.config["figures"]["model"])
    return next((name for name in judged if study.locate(sets[name]["file"]) == planted), None)


def judged_saturation(study):
    """Name of the first mutagenesis of single bases of the model of the figures, or None."""
    model = study.config["figures"]["model"]
    return next(
        (
            name
            for name, settings in study.config["saturation"].items()
            if settings["method"] == "substitute" and study.model_of_experiment("saturation", name) == model
        ),
        None,
    )


def judged_experiment(study):
    """Name of its first experiment with the arrangements convergent and divergent, or None."""
    model = study.config["figures"]["model"]
    return next(
        (
            name
            for name, settings in study.config["experiments"].items()
            if {"convergent", "divergent"} <= set(settings["arrangements"])
            and study.model_of_experiment("experiments", name) == model
        ),
        None,
    )


def chapters(study):
    """Names of the chapters with claims: analyses of the study for which the simulation has the truth.

    Parameters
    ----------
    study : akitaflow.study.study.Study

    Returns
    -------
    list of str
        Modules of :mod:`akitaflow.truth`.
    """
    config, names = study.config, ["model", "inversion"]
    if mapped_libraries(study):
        names.append("mapping")
    if config["motif_sweep"]["run"]:
        names.append("motif_sweep")
    if "CTCF" in config["tracks"].get(config["truth"]["dataset"], {}):
        names.append("pattern_strength")
    if study.cross_species_repeats():
        names.append("cross_species")
    if planted_deletion(study):
        names.append("deletion")
    if second_factor(study) and study.ctcf_independent_tracks() and len(study.cell_type_datasets()) == 2:
        names.append("cell_types")
    if planted_variants(study):
        names.append("variants")
    return names


def _genome(study, dataset):
    return study.config["simulation"]["datasets"].get(dataset, {}).get("genome")


def _factors(study, dataset):
    return study.config["simulation"]["datasets"].get(dataset, {}).get("factors", [])
