"""Measured maps (Hi-C or 5C) of a locus and of its deletion, on the model's bins and processed like its targets.

A map of cells with the deletion is computed on the bins of the deleted genome, because the expected contact depends on
the distance in the genome of the cells. Missing bins remain missing.
"""

import warnings

import numpy as np
import pandas as pd

from akitaflow.analyses import five_c
from akitaflow.dataset.targets import genome_expected, target_map
from akitaflow.errors import InputError


def own_bins(altered, bin_size):
    """Bin of the chromosome for each bin of the deletion's window; -1 for the bin of the junction.

    Parameters
    ----------
    altered : akitaflow.prediction.perturb.Altered
        Window with one deletion.
    bin_size : int
        bp.

    Returns
    -------
    ndarray of int, shape (window bins,)
        Counted from the start of the chromosome. As in ``Altered.bins``, the bin that contains most of the bases, but
        also outside of the reference window.
    """
    left, right = altered.origin
    bins = np.arange(len(altered.bins)) * bin_size
    whole = bins + bin_size <= left.length
    right_of_junction = 2 * (right.start + bins - left.length)
    places = np.where(whole, (left.start + bins) // bin_size, (right_of_junction + bin_size - 1) // (2 * bin_size))
    return np.where(whole | (bins >= left.length), places, -1)


def hic(path, chrom, bins, steps, deletion=None):
    """Map of some bins of a cooler, processed like the targets.

    Parameters
    ----------
    path : str
        Balanced cooler with the bin size of ``steps``.
    chrom : str
    bins : ndarray of int, shape (window bins,)
        Bins of the chromosome in the order of the map; bins outside of the chromosome are missing.
    steps : akitaflow.dataset.targets.TargetSteps
    deletion : Window, optional
        Deletion in the cells. Pairs that span it are left out of the expected contact, because their distance differs.

    Returns
    -------
    ndarray of float32, shape (map bins, map bins)
        log(observed / expected), cropped; NaN in missing bins and nearer to the diagonal than the offset.

    Raises
    ------
    InputError
        If the cooler has another bin size.
    """
    import cooler

    clr = cooler.Cooler(str(path))
    if clr.binsize != steps.bin_size:
        raise InputError(f"{path}: bins of {clr.binsize} bp; the model has bins of {steps.bin_size} bp")
    size = int(clr.chromsizes[chrom])
    present = (bins >= 0) & (bins < -(-size // steps.bin_size))
    low, high = int(bins[present].min()), int(bins[present].max()) + 1
    region = (chrom, low * steps.bin_size, min(high * steps.bin_size, size))
    raw = clr.matrix(balance=False).fetch(region).astype(float)
    weight = clr.bins()["weight"].fetch(region).to_numpy()
    places = np.where(present, bins - low, 0)
    weight = np.where(present, weight[places], np.nan)
    raw = raw[np.ix_(places, places)] * np.outer(present, present)
    balanced = raw * np.outer(weight, weight)
    expected = None
    if steps.expected == "genome":
        expected = genome_expected(clr, steps.window_bins) if deletion is None else _expected(clr, deletion, steps)
    values, _ = target_map(balanced, raw, steps, expected)
    return _cropped(np.where(np.isnan(balanced), np.nan, values), steps)


def _expected(clr, deletion, steps):
    """Mean balanced contact at each distance over the pairs that do not span the deletion."""
    from cooltools import expected_cis

    rows = []
    for chrom, size in clr.chromsizes.items():
        ends = [(0, deletion.start), (deletion.end, int(size))] if chrom == deletion.chrom else [(0, int(size))]
        rows += [(chrom, start, end, f"{chrom}:{start}-{end}") for start, end in ends]
    view = pd.DataFrame(rows, columns=["chrom", "start", "end", "name"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of pandas, about cooltools' own grouping
        table = expected_cis(clr, view_df=view, smooth=False, aggregate_smoothed=False, ignore_diags=0)
    sums = table.groupby("dist")[["balanced.sum", "n_valid"]].sum().reindex(range(steps.window_bins), fill_value=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (sums["balanced.sum"] / sums["n_valid"]).to_numpy(float)
    return np.where(mean > 0, mean, np.nan)


def read_five_c(wild_type, deletion=None, assembly=None):
    """Read the matrices of a 5C experiment with the same fragments.

    Parameters
    ----------
    wild_type : str
        File of :func:`akitaflow.analyses.five_c.read_my5c`.
    deletion : str, optional
        The same for the cells with the deletion, if they were measured.
    assembly : str, optional
        Expected assembly of the fragments.

    Returns
    -------
    fragments : DataFrame
        Of :func:`akitaflow.analyses.five_c.read_my5c`.
    wild_type, deletion : ndarray of float64, shape (fragments, fragments)
        ``deletion`` is None without a file.

    Raises
    ------
    InputError
        If the fragments of the files differ, or are of another assembly.
    """
    fragments, normal = five_c.read_my5c(wild_type)
    assemblies = set(fragments["assembly"])
    if assembly is not None and assemblies != {assembly}:
        raise InputError(
            f"{wild_type}: fragments of {', '.join(sorted(assemblies))}, but five_c.assembly is {assembly}"
        )
    if not deletion:
        return fragments, normal, None
    others, deleted = five_c.read_my5c(deletion)
    key = five_c.FRAGMENT_COLUMNS[1:]  # primers may have other names
    if fragments[key].values.tolist() != others[key].values.tolist():
        raise InputError(f"{wild_type} and {deletion} name different fragments; give two matrices of one design")
    return fragments, normal, deleted


def five_c_map(fragments, matrix, chrom, start, steps, per):
    """Map of 5C contacts on the model's bins.

    Parameters
    ----------
    fragments, matrix
        Of :func:`akitaflow.analyses.five_c.rebin`.
    chrom : str
    start : int
        Start of the window, bp.
    steps : akitaflow.dataset.targets.TargetSteps
    per : {"area", "pair"}
        Of :func:`akitaflow.analyses.five_c.rebin`.

    Returns
    -------
    ndarray of float32, shape (map bins, map bins)
        log(observed / expected), cropped; NaN where missing. The expected contact at a distance is the mean over the
        window and a window's length on both sides.

    Raises
    ------
    InputError
        If there is no fragment on the chromosome.
    """
    size, n = steps.bin_size, steps.window_bins
    on_chrom = fragments[fragments["chrom"] == chrom]
    if on_chrom.empty:
        raise InputError(f"5C: no fragment on {chrom}; is the chain file the right one?")
    low = int(np.clip((on_chrom["start"].min() - start) // size, -n, 0))
    high = int(np.clip(-(-(on_chrom["end"].max() - start) // size), n, 2 * n))
    contacts = five_c.rebin(fragments, matrix, chrom, start + low * size, high - low, size, per=per)
    values = five_c.log_observed_expected(contacts, steps)
    window = slice(-low, n - low)
    return _cropped(values[window, window], steps)


def brackets(fragments, wild_type, deletion, locus, share):
    """Coordinates of the deletion: of the config, and the bounds from fragments without counts.

    Parameters
    ----------
    fragments : DataFrame
        Of :func:`akitaflow.analyses.five_c.lift`.
    wild_type, deletion : ndarray, shape (all fragments, all fragments)
        ``deletion`` may be None; then the only row is that of the config.
    locus : akitaflow.analyses.deletion.Locus
    share : float
        Of :func:`akitaflow.analyses.five_c.empty_stretch`.

    Returns
    -------
    DataFrame
        source (``config``; ``outer``: bounds that contain the deletion; ``inner``: bounds within it), chrom, start,
        end, provisional, agrees (whether the config's coordinates are consistent with the bounds).
    """
    stated = locus.deletion
    rows = [("config", *stated, locus.about["provisional"], True)]
    if deletion is not None:
        outer, inner = five_c.empty_stretch(fragments, wild_type, deletion, stated.chrom, share)
        rows.append(("outer", stated.chrom, *outer, False, outer[0] <= stated.start and stated.end <= outer[1]))
        if inner is not None:
            rows.append(("inner", stated.chrom, *inner, False, stated.start <= inner[0] and inner[1] <= stated.end))
    return pd.DataFrame(rows, columns=["source", "chrom", "start", "end", "provisional", "agrees"])


def _cropped(values, steps):
    inner = slice(steps.crop_bins, steps.window_bins - steps.crop_bins)
    values = np.array(values[inner, inner], np.float32)
    bins = np.arange(len(values))
    values[np.abs(bins[:, None] - bins) < steps.diagonal_offset] = np.nan
    return values
