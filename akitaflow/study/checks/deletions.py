"""Check of the config's ``deletions``."""

import re

from akitaflow.errors import InputError
from akitaflow.study.checks.common import require_file, require_known, require_region, require_window

_BIGWIG = re.compile(r"[/{]|\.(bw|bigwig)$", re.IGNORECASE)  # a path or URL of a bigWig, not the name of a dataset


def check_deletions(study):
    """Each deletion is a region of a genome, and names motifs, outputs, datasets and files that exist."""
    config, model = study.config, study.config["figures"]["model"]
    for name, deletion in config["deletions"].items():
        key = f"{study.source}, deletions.{name}"
        split = config["splits"][config["models"][model]["split"]] if model else {"genome": None}
        genome = deletion["genome"] or split["genome"]
        if deletion["genome"]:
            require_known(genome, config["genomes"], f"{key}.genome", "genome")
        _check_regions(deletion, config["genomes"].get(genome, {}).get("chromosomes"), config["geometry"], key)
        if model and deletion["dataset"]:
            require_known(deletion["dataset"], study.model_outputs(model), f"{key}.dataset", f"output of model {model}")
        sites = deletion["sites"]
        if model or sites["motif"]:
            require_known(
                study.motif_of_deletion(name), config["motifs"]["sets"], f"{key}.sites.motif", "set of motifs.sets"
            )
        if _BIGWIG.search(sites["track"] or ""):
            require_file(study, sites["track"], f"{key}.sites.track")
        elif sites["track"]:
            with_ctcf = [dataset for dataset, tracks in config["tracks"].items() if "CTCF" in tracks]
            require_known(sites["track"], with_ctcf, f"{key}.sites.track", "dataset with a CTCF track")
        _check_measured(study, name, genome, key)
        for part, path in (deletion["five_c"] or {}).items():
            if part in ("wild_type", "deletion", "chain"):
                require_file(study, path, f"{key}.five_c.{part}")


def _check_regions(deletion, chromosomes, geometry, key):
    """``deletion``, ``boundary`` and ``region`` are regions of one chromosome."""
    chrom, start, end = require_region(deletion["deletion"], chromosomes, f"{key}.deletion")
    if end - start >= geometry["window"] - 2 * geometry["crop"]:
        raise InputError(
            f"{key}.deletion: {deletion['deletion']} is as long as a map or longer; write a deletion of less than "
            f"{geometry['window'] - 2 * geometry['crop']} bp"
        )
    for part in ("boundary", "region"):
        if deletion[part] is None:
            continue
        region = require_region(deletion[part], chromosomes, f"{key}.{part}")
        if region.chrom != chrom:
            raise InputError(
                f"{key}.{part}: {deletion[part]} is not on {chrom} as the deletion is; write a place on {chrom}"
            )
        if part == "region":
            require_window(deletion[part], chromosomes, geometry, f"{key}.region")
            if not region.start + geometry["crop"] < start < end < region.end - geometry["crop"]:
                raise InputError(
                    f"{key}.region: its map, which lacks {geometry['crop']} bp at both ends, does not hold the "
                    f"deletion {deletion['deletion']}; write another window, or null to centre one on the deletion"
                )


def _check_measured(study, name, genome, key):
    """Maps of the genome with and without the deletion are datasets of the genome."""
    genomes = study.datasets["genome"]
    for part, dataset in zip(("wild_type", "deletion"), study.maps_of_deletion(name), strict=False):
        if dataset is None:  # a study without a model
            continue
        require_known(dataset, genomes.index, f"{key}.measured.{part}", "dataset")
        if genome and genomes[dataset] != genome:
            raise InputError(
                f"{key}.measured.{part}: {dataset} is mapped to {genomes[dataset]}, the locus lies on {genome}; "
                f"write a dataset of {genome}"
            )
    maps, matrices = study.maps_of_deletion(name), study.config["deletions"][name]["five_c"] or {}
    for part, pair in (("measured", maps), ("five_c", [matrices.get("wild_type"), matrices.get("deletion")])):
        if any(pair) and pair[0] == pair[1]:
            raise InputError(
                f"{key}.{part}.deletion: {pair[1]} is that of the undeleted locus, too; write the one of the cells "
                "with the deletion"
            )
