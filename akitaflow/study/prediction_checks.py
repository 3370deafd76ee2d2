"""Checks of the config's ``predictions``, as in :mod:`akitaflow.study.checks`."""

from akitaflow.errors import InputError
from akitaflow.study.checks import _known, _region


def predictions(config, names):
    """Each prediction names a model, a genome and stretches that the model can read."""
    bin_size, window = config["geometry"]["bin_size"], config["geometry"]["window"]
    for name, prediction in config["predictions"].items():
        key = f"{names['source']}, predictions.{name}"
        _known(prediction["model"], config["models"], f"{key}.model", "model")
        genome = prediction["genome"] or config["splits"][config["models"][prediction["model"]]["split"]]["genome"]
        _known(genome, config["genomes"], f"{key}.genome", "genome")
        known = config["genomes"][genome]["chromosomes"]
        if prediction["regions"] and prediction["chromosomes"]:
            raise InputError(f"{key}: both regions and chromosomes are given; write one of them")
        for index, chrom in enumerate(prediction["chromosomes"] if known is not None else []):
            _known(chrom, known, f"{key}.chromosomes.{index}", "chromosome")
        most = config["geometry"]["map_bins"]
        if prediction["stride_bins"] is not None and prediction["stride_bins"] > most:
            raise InputError(
                f"{key}.stride_bins: {prediction['stride_bins']} leaves gaps between maps of {most} bins; "
                f"write {most} or less"
            )
        for index, region in enumerate(prediction["regions"]):
            _predicted_region(region, known, bin_size, window, f"{key}.regions.{index}")


def _predicted_region(region, known, bin_size, window, place):
    """A region that makes a map on the genome's grid of bins."""
    chrom, start, end = _region(region, known, place)
    if end - start < window:
        raise InputError(f"{place}: {region} has {end - start} bp, but a model reads {window}; write a longer region")
    if start % bin_size or end % bin_size:
        start, end = start // bin_size * bin_size, -(-end // bin_size) * bin_size
        raise InputError(
            f"{place}: {region} does not begin and end at bins of {bin_size} bp; write {chrom}:{start}-{end} (or one "
            "bin less, where that is behind the end of the chromosome)"
        )
