"""Import of coolers of other tools onto the bins of a genome."""

import os

import cooler
import numpy as np
import pandas as pd

from akitaflow.errors import InputError
from akitaflow.files import whole
from akitaflow.genome.intervals import some_names
from akitaflow.mapping.coolers import PIXELS, WEIGHT, read_chromosomes, readable
from akitaflow.mapping.map_checks import MapCheck, place_bins


def import_cooler(checked, target, chromosomes, bin_size, assembly=None, scratch=None):
    """Rewrite a checked cooler and its weights onto the bins of a genome.

    Chromosomes are in the order of the genome. Bins that the file lacks have no contacts and no weight (NaN). All
    pixels, bins and weights of the file are checked as they are read, see
    :class:`akitaflow.mapping.map_checks.MapCheck`.

    Parameters
    ----------
    checked : akitaflow.mapping.cooler_checks.CheckedCooler
    target : str
        Cooler to write; it gets its name only when complete.
    chromosomes : dict of str to int
        Chromosomes in use and their lengths in bp, in order.
    bin_size : int
        bp.
    assembly : str, optional
        Name of the genome, stored in the cooler.
    scratch : str, optional
        Folder for temporary files.

    Returns
    -------
    list of str
        Warnings, one sentence each: chromosomes in use that the file lacks or on which no bin has a weight, balancing
        that did not converge.

    Raises
    ------
    InputError
        If the file has none of the chromosomes in use, or a check of its pixels, bins or weights fails.
    """
    clr = cooler.Cooler(checked.uri)
    bins = cooler.binnify(pd.Series(chromosomes), bin_size)
    first = {chrom: int(rows.index[0]) for chrom, rows in bins.groupby("chrom", observed=True)}
    sizes = read_chromosomes(clr)
    chroms, number, weights, attributes = _read_bins(clr, checked, sizes, bin_size)
    new_bin = np.full(len(chroms), -1, np.int64)  # number in the genome of each bin of the file; -1: not in use
    for code, name in enumerate(sizes):
        new = checked.names.get(name)
        if new in first:
            in_chrom = chroms == code
            new_bin[in_chrom] = first[new] + number[in_chrom]
    used = new_bin >= 0
    if not used.any():
        raise InputError(f"{checked.uri} has none of the chromosomes in use ({some_names(chromosomes)}).")
    bins[WEIGHT] = np.nan
    bins.loc[new_bin[used], WEIGHT] = weights[used]
    converged = attributes.get("converged")
    ignored = attributes.get("ignore_diags")
    check = MapCheck(
        checked.uri,
        chroms,
        weights,
        {key: clr.info[key] for key in ("nnz", "sum") if key in clr.info},
        column=checked.weight,
        named=checked.named,
        converged=converged is None or bool(np.all(converged)),
        ignore_diags=int(ignored) if isinstance(ignored, (int, np.integer)) else 0,
    )
    if scratch:
        os.makedirs(scratch, exist_ok=True)
    with whole(target) as temporary:
        cooler.create_cooler(
            str(temporary),
            bins,
            _moved_pixels(clr, new_bin, check),
            columns=["count"],
            dtypes={"count": clr.pixels().dtypes["count"]},
            ordered=bool((np.diff(new_bin[used]) > 0).all()),  # if False, pixels are sorted with temporary files
            assembly=assembly,
            temp_dir=scratch,
            mergebuf=PIXELS,
        )
        check.finish()
        with cooler.Cooler(str(temporary)).open("r+") as file:
            # the options and the result of balancing
            file[f"bins/{WEIGHT}"].attrs.update(attributes)
            if checked.divides:
                file[f"bins/{WEIGHT}"].attrs["divisive_weights"] = False
    return _warnings(checked, chromosomes, bins, check)


def _read_bins(clr, checked, sizes, bin_size):
    """Chromosome, number in the chromosome and multiplying weight of each bin; attributes of the weights."""
    with readable(checked.uri), clr.open("r") as file:
        starts, ends, chroms = (file[f"bins/{name}"][:] for name in ("start", "end", "chrom"))
        weights = file[f"bins/{checked.weight}"][:].astype(float)
        attributes = dict(file[f"bins/{checked.weight}"].attrs)
        lengths = {len(file[f"pixels/{name}"]) for name in ("bin1_id", "bin2_id", "count")}
    if lengths != {int(clr.info.get("nnz", max(lengths)))}:
        counted = ", ".join(str(length) for length in sorted(lengths))
        raise InputError(
            f"{checked.uri} says that it has {clr.info.get('nnz')} pixels (nnz), but it has {counted}: it was cut "
            "short or edited; get it again."
        )
    if chroms.dtype.kind not in "iu":
        code = {name: number for number, name in enumerate(sizes)}
        names = [name.decode() if isinstance(name, bytes) else str(name) for name in chroms]
        chroms = np.array([code.get(name, -1) for name in names], np.int64)
    number = place_bins(starts, ends, chroms, list(sizes), list(sizes.values()), bin_size, checked.uri)
    if checked.divides:
        with np.errstate(divide="ignore"):
            weights = 1 / weights
        weights[np.isinf(weights)] = np.nan
    return chroms.astype(np.int64), number, weights, attributes


def _moved_pixels(clr, new_bin, check):
    """Yield chunks of pixels with the genome's bin numbers: upper triangle, sorted within a chunk, bins in use only."""
    for low in range(0, int(clr.info["nnz"]), PIXELS):
        with readable(check.uri), clr.open("r") as file:
            pixels = pd.DataFrame(
                {name: file[f"pixels/{name}"][low : low + PIXELS] for name in ("bin1_id", "bin2_id", "count")}
            )
        check.add(*(pixels[name].to_numpy() for name in pixels))
        bin1, bin2 = new_bin[pixels["bin1_id"]], new_bin[pixels["bin2_id"]]
        inside = (bin1 >= 0) & (bin2 >= 0)
        pixels = pixels.assign(bin1_id=np.minimum(bin1, bin2), bin2_id=np.maximum(bin1, bin2))[inside]
        yield pixels.sort_values(["bin1_id", "bin2_id"], ignore_index=True)


def _warnings(checked, chromosomes, bins, check):
    """Warnings about an imported map; list of str."""
    absent = [chrom for chrom in chromosomes if chrom not in set(checked.names.values())]
    weighted = bins["chrom"][bins[WEIGHT].notna()].unique()
    bare = [chrom for chrom in chromosomes if chrom not in absent and chrom not in weighted]
    warnings = []
    if absent:
        warnings.append(f"{checked.uri} has no bins of {some_names(absent)}: they are missing in the map")
    if bare:
        warnings.append(
            f"{checked.uri} has no weight on any bin of {some_names(bare)}: they are missing in the balanced map"
        )
    if not check.converged:
        warnings.append(
            f"balancing of {checked.uri} did not converge: the balanced sums of rows differ by up to "
            f"{check.spread('balanced'):.0%} from their median"
        )
    return warnings
