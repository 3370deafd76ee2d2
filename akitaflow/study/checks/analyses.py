"""Checks of the config's figures, targets, motifs and analyses, one function per section."""

import re

from akitaflow.errors import InputError
from akitaflow.study.checks.common import require_fold, require_known, require_window

JASPAR_ID = re.compile(r"(MA|UN|PB|PF|CN|PH|SP|FAM|POL)[0-9]+\.[0-9]+")
INSULATION_BINS = 10  # default of mutagenesis.insulation_bins


def check_figures(study):
    """``figures`` names a model of the study and one of its outputs that has a target."""
    figures, place = study.config["figures"], f"{study.source}, figures.dataset"
    model, dataset = figures["model"], figures["dataset"]
    if model is not None:
        require_known(model, study.config["models"], f"{study.source}, figures.model", "model")
    if dataset is not None:
        require_known(dataset, study.datasets.index, place, "dataset")
        if model is not None:  # figures draw maps beside their targets
            require_known(dataset, study.measured_outputs(model), place, f"output of model {model} with a target")


def check_tracks(study):
    """Tracks belong to datasets of the study."""
    for name in study.config["tracks"]:
        require_known(name, study.datasets.index, f"{study.source}, tracks", "dataset")


def check_motifs(study):
    """Each set of motifs has either a matrix, of JASPAR or of a file, or a BED file."""
    for name, motifs in study.config["motifs"]["sets"].items():
        if (motifs["matrix"] is None and motifs["file"] is None) == (motifs["bed"] is None):
            both = "both" if motifs["bed"] else "neither"
            raise InputError(
                f"{study.source}, motifs.sets.{name}: {both} of matrix and bed is given; write one, as "
                "{matrix: MA0139.1}, {file: matrix.meme} or {bed: sites.bed}"
            )
        if motifs["matrix"] and not motifs["file"] and not JASPAR_ID.fullmatch(motifs["matrix"]):
            raise InputError(
                f"{study.source}, motifs.sets.{name}.matrix: {motifs['matrix']!r} is no id of JASPAR; write one with "
                "its version, such as MA0139.1, or the file that has it as 'file'"
            )


def check_region_panels(study):
    """``region_panels.window`` is a window of the genome of ``figures.model``."""
    window, model = study.config["region_panels"]["window"], study.config["figures"]["model"]
    if window is not None:
        genome = study.config["genomes"][study.genome_of_model(model)] if model is not None else {"chromosomes": None}
        place = f"{study.source}, region_panels.window"
        require_window(window, genome["chromosomes"], study.config["geometry"], place)


def check_cell_types(study):
    """The compared datasets are outputs of the model with targets."""
    model = study.config["figures"]["model"]
    for name in (study.config["cell_types"]["datasets"] or []) if model is not None else []:
        place = f"{study.source}, cell_types.datasets"
        require_known(name, study.measured_outputs(model), place, f"output of model {model}")


def check_ctcf_independent(study):
    """The dataset is an output of the model with a target."""
    model, dataset = study.config["figures"]["model"], study.config["ctcf_independent"]["dataset"]
    if model is not None and dataset is not None:
        place = f"{study.source}, ctcf_independent.dataset"
        require_known(dataset, study.measured_outputs(model), place, f"output of model {model}")


def check_cross_species(study):
    """The split of the other genome has the dataset, and the model has the output."""
    place, model = f"{study.source}, cross_species", study.config["figures"]["model"]
    split, dataset, output = (study.config["cross_species"][key] for key in ("split", "dataset", "output"))
    if split is None:
        return
    require_known(split, study.config["splits"], f"{place}.split", "split")
    measured = study.datasets_of_split(split)
    if dataset is None:
        raise InputError(f"{place}.dataset: not given; write one of {', '.join(measured)}")
    require_known(dataset, measured, f"{place}.dataset", f"dataset with targets on split {split}")
    if output is not None and model is not None:
        require_known(output, study.model_outputs(model), f"{place}.output", f"output of model {model}")
    require_fold(study, split, study.config["cross_species"]["fold"], "nothing can be compared (cross_species.fold)")


def check_mutagenesis(study):
    """The motifs of ``mutagenesis`` are sets of the study."""
    mutagenesis, model = study.config["mutagenesis"], study.config["figures"]["model"]
    for name in mutagenesis["motifs"]:
        require_known(name, study.config["motifs"]["sets"], f"{study.source}, mutagenesis.motifs", "set of motifs.sets")
    if mutagenesis["motifs"] and model is not None:
        consequence = "sites cannot be randomised there (mutagenesis.fold)"
        require_fold(study, study.split_of_model(model), mutagenesis["fold"], consequence)


def check_average(study):
    """Shifts leave something of a window, and insulation has bins on both sides.

    The default of ``insulation_bins`` is accepted for a small map, in which it leaves no bins.
    """
    geometry = study.config["geometry"]
    for index, shift in enumerate(study.config["evaluation"]["average"]["shifts"]):
        if abs(shift) >= geometry["window"]:
            raise InputError(
                f"{study.source}, evaluation.average.shifts.{index}: {shift} bp move all bases out of the window of "
                f"{geometry['window']} bp; write shifts of a few bp, as [-1, 0, 1]"
            )
    mutagenesis, most = study.config["mutagenesis"], (geometry["map_bins"] - 1) // 2
    bins = mutagenesis["insulation_bins"]
    if mutagenesis["motifs"] and bins > most and bins != INSULATION_BINS:
        raise InputError(
            f"{study.source}, mutagenesis.insulation_bins: {bins} bins on both sides of a bin do not fit into a map of "
            f"{geometry['map_bins']} bins; write {most} or less"
        )


def check_composition(study):
    """A bin has at least one base for each part of the composition baseline."""
    parts, size = study.config["evaluation"]["composition_bins"], study.config["geometry"]["bin_size"]
    if parts > size:
        raise InputError(
            f"{study.source}, evaluation.composition_bins: {parts} parts of a bin of {size} bp; write {size} or less"
        )


def check_depth(study):
    """The first bin size of ``depth`` is that of the config, with which advice compares the others."""
    first = study.config["depth"]["factors"][0]
    if first != 1:
        raise InputError(f"{study.source}, depth.factors.0: found {first}; write 1 first, the bin size of the config")


def check_targets(study):
    """The width of the smoothing kernel is odd."""
    width = study.config["targets"]["smoothing_width"]
    if width % 2 == 0:
        raise InputError(
            f"{study.source}, targets.smoothing_width: {width} is even, but a kernel has a centre; write {width + 1}"
        )
