"""Sequencing depth of maps before training: split-read ceilings at several bin sizes.

For each bin size the contacts are split in halves. The correlation of the targets of both halves gives the correlation
that a perfect prediction could reach (:mod:`akitaflow.evaluation.ceiling`). Larger bins or more contacts increase it:
with m times the contacts a reliability R becomes m R / (1 + (m - 1) R) (Spearman-Brown formula).
"""

import os
from dataclasses import replace

import cooler
import numpy as np
import pandas as pd

from akitaflow.errors import InputError
from akitaflow.evaluation.ceiling import ceiling_row, half_targets
from akitaflow.files import scratch_folder
from akitaflow.mapping.balancing import merge_and_balance
from akitaflow.seeds import generator

GOOD, FAIR = 0.8, 0.6  # least attainable correlation of a map that is deep enough, and of one that is usable
#: Columns of the table of depth.
COLUMNS = ["dataset", "bin_size", "window_bins", "contacts_per_bin", "halves_pearson", "ceiling", "low", "high"]
COLUMNS += ["contacts_needed", "n_windows", "n_contigs"]


def more_contacts(ceiling, goal=GOOD):
    """Factor by which contacts must increase to raise a ceiling to the goal; infinite for a ceiling of 0."""
    reliability, required = ceiling**2, goal**2
    if reliability <= 0:
        return float("inf")
    return max(required * (1 - reliability) / (reliability * (1 - required)), 0.0) if reliability < 1 else 0.0


def coarser(steps, factor):
    """Target steps for bins ``factor`` times as large and windows of the same length in bp.

    Parameters
    ----------
    steps : akitaflow.dataset.targets.TargetSteps
    factor : int

    Returns
    -------
    akitaflow.dataset.targets.TargetSteps

    Raises
    ------
    InputError
        If a map would have no values.
    """
    larger = {
        "bin_size": steps.bin_size * factor,
        "window_bins": steps.window_bins // factor,
        "crop_bins": steps.crop_bins // factor,
    }
    if larger["window_bins"] - 2 * larger["crop_bins"] <= steps.diagonal_offset + 1:
        raise InputError(
            f"depth.factors: bins {factor} times as large leave no pixels in the map of a window; write smaller factors"
        )
    return replace(steps, **larger)


def choose_windows(windows, n, bin_size, seed):
    """A random sample of the kept windows, with starts rounded down to the grid of the largest bins.

    Parameters
    ----------
    windows : DataFrame
        Of a split: chrom, start, end, fold, contig, kept.
    n : int
        Largest number of windows.
    bin_size : int
        Largest bin size, bp.
    seed : int

    Returns
    -------
    DataFrame
        The columns of ``windows``, with fold ``all``.
    """
    kept = windows[windows["kept"].astype(bool)]
    if len(kept) > n:
        chosen = generator(seed, "depth", "windows").choice(len(kept), n, replace=False)
        kept = kept.iloc[np.sort(chosen)]
    length = kept["end"] - kept["start"]
    start = kept["start"] // bin_size * bin_size
    return kept.assign(start=start, end=start + length // bin_size * bin_size, fold="all").reset_index(drop=True)


def report(dataset, path, windows, steps, factors, balance, min_finite, n, seed, threads=1, scratch=None):
    """Ceilings of one dataset at its own bin size and at larger ones.

    Parameters
    ----------
    dataset : str
    path : str
        Balanced cooler.
    windows : DataFrame
        Of :func:`choose_windows`.
    steps : akitaflow.dataset.targets.TargetSteps
    factors : list of int
        Bin sizes relative to the cooler's.
    balance : dict
        Options of :func:`akitaflow.mapping.balancing.merge_and_balance`.
    min_finite : float
        Windows with a smaller fraction of measured values are left out.
    n : int
        Resamples of the bootstrap over contigs.
    seed, threads, scratch
        Of :func:`akitaflow.evaluation.ceiling.half_targets`.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`, a row per bin size. contacts_per_bin: mean over the whole map; halves_pearson: pooled
        correlation of the halves; ceiling, low, high: the ceiling and its 95 % interval; contacts_needed: factor of
        contacts for a ceiling of 0.8.
    """
    rows = []
    for factor in factors:
        larger = coarser(steps, factor)
        with scratch_folder(scratch) as folder:
            map_path = path
            if factor > 1:
                raw, map_path = (os.path.join(folder, name) for name in ("raw.cool", "map.cool"))
                cooler.coarsen_cooler(path, raw, factor, chunksize=10_000_000)
                merge_and_balance([raw], map_path, balance, threads)
            halves, finite = half_targets(map_path, windows, larger, balance, seed, dataset, threads, folder)
            clr = cooler.Cooler(map_path)
            contacts = 2 * float(clr.info["sum"]) / len(clr.bins()[["start"]][:])
        row = ceiling_row(dataset, halves, finite, windows, min_finite, n, seed)
        ceiling = row["pearson"]
        interval = (row["pearson_low"], row["pearson_high"])
        needed = more_contacts(ceiling)
        sample = (row["n_windows"], row["n_contigs"])
        size = (larger.bin_size, larger.window_bins, contacts)
        rows.append((dataset, *size, row["halves_pearson"], ceiling, *interval, needed, *sample))
    return pd.DataFrame(rows, columns=COLUMNS)


def advice(table):
    """Advice for a dataset as one sentence.

    Parameters
    ----------
    table : DataFrame
        Of :func:`report`; its first row is the bin size of the config.

    Returns
    -------
    str
    """
    own = table.iloc[0]
    text = f"{own['dataset']}: at {own['bin_size']:,} bp a perfect prediction would reach r = {own['ceiling']:.2f}"
    if own["ceiling"] >= GOOD:
        return f"{text}: deep enough."
    better = table[table["ceiling"] >= GOOD]
    needed = "" if not np.isfinite(own["contacts_needed"]) else f", or {own['contacts_needed']:.1f} times the contacts"
    if len(better):
        hint = f"bins of {better['bin_size'].iloc[0]:,} bp reach {better['ceiling'].iloc[0]:.2f}"
    else:
        best = table.loc[table["ceiling"].idxmax()] if table["ceiling"].notna().any() else own
        hint = f"no bin size tried reaches {GOOD}; the best is {best['bin_size']:,} bp ({best['ceiling']:.2f})"
    verdict = "usable" if own["ceiling"] >= FAIR else "too shallow"
    return f"{text}: {verdict}; {hint}{needed}."
