"""Check of the config's ``predictions``."""

from akitaflow.errors import InputError
from akitaflow.study.checks.common import require_known, require_region


def check_predictions(study):
    """Each prediction names a model, a genome, and regions or chromosomes that are long enough."""
    config, geometry = study.config, study.config["geometry"]
    for name, prediction in config["predictions"].items():
        key = f"{study.source}, predictions.{name}"
        require_known(prediction["model"], config["models"], f"{key}.model", "model")
        genome = study.genome_of_prediction(name)
        require_known(genome, config["genomes"], f"{key}.genome", "genome")
        chromosomes = config["genomes"][genome]["chromosomes"]
        if prediction["regions"] and prediction["chromosomes"]:
            raise InputError(f"{key}: both regions and chromosomes are given; write one of them")
        for index, chrom in enumerate(prediction["chromosomes"] if chromosomes is not None else []):
            require_known(chrom, chromosomes, f"{key}.chromosomes.{index}", "chromosome")
        map_bins = geometry["map_bins"]
        if prediction["stride_bins"] is not None and prediction["stride_bins"] > map_bins:
            raise InputError(
                f"{key}.stride_bins: {prediction['stride_bins']} leaves gaps between maps of {map_bins} bins; "
                f"write {map_bins} or less"
            )
        regions = []
        for index, region in enumerate(prediction["regions"]):
            place = f"{key}.regions.{index}"
            regions.append(_check_region(region, chromosomes, geometry["bin_size"], geometry["window"], place))
            for other in regions[:-1]:
                if other.chrom == regions[-1].chrom and other.start < regions[-1].end and regions[-1].start < other.end:
                    raise InputError(f"{place}: {region} overlaps {other}; write one region for both, or apart")


def _check_region(region, chromosomes, bin_size, window, place):
    """A region is at least one window long and starts and ends at bin edges."""
    read = chrom, start, end = require_region(region, chromosomes, place)
    if end - start < window:
        raise InputError(f"{place}: {region} has {end - start} bp, but a model reads {window}; write a longer region")
    if start % bin_size or end % bin_size:
        start, end = start // bin_size * bin_size, -(-end // bin_size) * bin_size
        raise InputError(
            f"{place}: {region} does not begin and end at bins of {bin_size} bp; write {chrom}:{start}-{end} (or one "
            "bin less, where that is behind the end of the chromosome)"
        )
    return read
