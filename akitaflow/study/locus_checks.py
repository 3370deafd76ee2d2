"""Checks of the config's ``deletions``, as in :mod:`akitaflow.study.checks`."""

from akitaflow.errors import InputError
from akitaflow.study.checks import _known, _present, _region, outputs


def loci(config, rows, names, locate):
    """Each locus is a place of a genome, and names motifs, outputs, datasets and files that exist."""
    model = config["figures"]["model"] or next(iter(config["models"]), None)
    for name, locus in config["deletions"].items():
        key = f"{names['source']}, deletions.{name}"
        split = config["splits"][config["models"][model]["split"]] if model else {"genome": None}
        genome = locus["genome"] or split["genome"]
        if locus["genome"]:
            _known(genome, config["genomes"], f"{key}.genome", "genome")
        _places(locus, config["genomes"].get(genome, {}).get("chromosomes"), config["geometry"], key)
        if model and locus["dataset"]:
            _known(locus["dataset"], outputs(config, rows, model), f"{key}.dataset", f"output of model {model}")
        sites = locus["sites"]
        if model or sites["motif"]:
            motif = sites["motif"] or next(iter(config["mutagenesis"]["motifs"]), "CTCF")
            _known(motif, config["motifs"]["sets"], f"{key}.sites.motif", "set of motifs.sets")
        if sites["track"]:
            with_ctcf = [dataset for dataset, tracks in config["tracks"].items() if "CTCF" in tracks]
            _known(sites["track"], with_ctcf, f"{key}.sites.track", "dataset with a CTCF track")
        _measured(locus, rows, locus["dataset"] or config["figures"]["dataset"], genome, key)
        for part, path in (locus["five_c"] or {}).items():
            if part in ("wild_type", "deletion", "chain"):
                _present(path, f"{key}.five_c.{part}", locate)


def _places(locus, known, geometry, key):
    """The deletion, and what is given beside it, are stretches of one chromosome."""
    chrom, start, end = _region(locus["deletion"], known, f"{key}.deletion")
    if end - start >= geometry["window"] - 2 * geometry["crop"]:
        raise InputError(
            f"{key}.deletion: {locus['deletion']} is as long as a map or longer; write a deletion of less than "
            f"{geometry['window'] - 2 * geometry['crop']} bp"
        )
    for part in ("boundary", "region"):
        if locus[part] is None:
            continue
        place = _region(locus[part], known, f"{key}.{part}")
        if place[0] != chrom:
            raise InputError(
                f"{key}.{part}: {locus[part]} is not on {chrom} as the deletion is; write a place on {chrom}"
            )
        if part == "region" and place[2] - place[1] != geometry["window"]:
            raise InputError(
                f"{key}.region: {locus[part]} has {place[2] - place[1]} bp, but the model reads {geometry['window']}; "
                "write a window of that length, or null to centre one on the deletion"
            )


def _measured(locus, rows, shown, genome, key):
    """Maps of the deletion and beside it are datasets of the genome."""
    if not locus["measured"]["deletion"]:
        return
    genomes = {row["dataset"]: row["genome"] for _, row in rows}
    for part in ("wild_type", "deletion"):
        name = locus["measured"][part] or (shown if part == "wild_type" else None)
        if name is None:
            continue
        _known(name, genomes, f"{key}.measured.{part}", "dataset")
        if genome and genomes[name] != genome:
            raise InputError(
                f"{key}.measured.{part}: {name} is mapped to {genomes[name]}, the locus lies on {genome}; write a "
                f"dataset of {genome}"
            )
