"""The split-read ceiling: the highest correlation that a prediction can have with a map of limited depth.

The contacts of a map are split at random into two halves. Both are balanced and processed to targets by the same steps.
If r is their correlation, then by the Spearman-Brown formula the reliability of the full map, twice as deep, is
2 r / (1 + r), and by the correction for attenuation the noise-free map correlates with the measured full map at
sqrt(2 r / (1 + r)) (C. Spearman, Am. J. Psychol. 15:72, 1904; Br. J. Psychol. 3:271, 1910).

Only noise that is independent between halves (sampling noise) is accounted for. Replicate and protocol effects are in
both halves, so that the true ceiling is lower. The ceiling is approximate, because coarse-graining depends on depth.
"""

import os

import cooler
import numpy as np
import pandas as pd

from akitaflow.dataset.targets import window_targets
from akitaflow.errors import InputError
from akitaflow.evaluation.accuracy import intervals
from akitaflow.files import scratch_folder
from akitaflow.mapping.balancing import merge_and_balance
from akitaflow.mapping.coolers import PIXELS
from akitaflow.seeds import generator


def attainable(r):
    """Correlation of a perfect prediction with the full map, from the correlation r of its halves; 0 where r <= 0."""
    r = np.clip(r, 0, 1)
    return np.sqrt(2 * r / (1 + r))


def split_contacts(path, first, second, seed, dataset=""):
    """Split the contacts of a cooler at random into two coolers.

    Parameters
    ----------
    path : str
        Cooler with raw counts.
    first, second : str
        Coolers to write. Their counts sum to those of ``path``.
    seed : int
        Each contact is in either half with probability 1/2.
    dataset : str
        For messages.

    Raises
    ------
    InputError
        If the counts are not whole numbers.
    """
    clr = cooler.Cooler(path)
    bins = clr.bins()[["chrom", "start", "end"]][:]
    for number, target in enumerate((first, second)):
        cooler.create_cooler(target, bins, _half(clr, number, seed, dataset), ordered=True, symmetric_upper=True)


def _half(clr, number, seed, dataset):
    """Pixels of one half, chunk by chunk. The draws are the same for both halves."""
    for chunk, low in enumerate(range(0, max(clr.info["nnz"], 1), PIXELS)):
        pixels = clr.pixels()[low : low + PIXELS][["bin1_id", "bin2_id", "count"]]
        counts = pixels["count"].to_numpy()
        whole = counts.astype(np.int64)
        if (whole != counts).any() or (whole < 0).any():
            raise InputError(
                f"dataset {dataset}: the counts of {clr.filename} are not whole numbers and cannot be split; "
                "give a cooler of raw counts or write evaluation: {ceiling: false}"
            )
        first_half = generator(seed, "ceiling", dataset, chunk).binomial(whole, 0.5)
        half = first_half if number == 0 else whole - first_half
        nonzero = half > 0
        yield pd.DataFrame(
            {
                "bin1_id": pixels["bin1_id"].to_numpy()[nonzero],
                "bin2_id": pixels["bin2_id"].to_numpy()[nonzero],
                "count": half[nonzero].astype(np.int32),
            }
        )


def half_targets(path, windows, steps, balance, seed, dataset="", threads=1, scratch=None):
    """Targets of the two halves of a dataset's contacts.

    Parameters
    ----------
    path : str
        Cooler of the dataset.
    windows : DataFrame
        ``chrom, start, end`` of the evaluated windows.
    steps : akitaflow.dataset.targets.TargetSteps
    balance : dict
        Options of :func:`akitaflow.mapping.balancing.merge_and_balance`. Its filters are replaced by the filtered bins
        of the whole map, so that the compared bins do not depend on depth.
    seed : int
    dataset : str
    threads : int
    scratch : str, optional
        Folder for temporary coolers.

    Returns
    -------
    halves : list of two ndarrays of float32, shape (windows, n_values)
    finite : ndarray of float32, shape (windows,)
        Fraction of measured values, the smaller one of both halves.
    """
    missing = np.flatnonzero(cooler.Cooler(path).bins()["weight"][:].isna())
    options = dict(balance) | {"mad_max": 0, "min_count": 0, "min_nnz": 1, "blacklist": missing}
    values, finite = [], []
    with scratch_folder(scratch) as folder:
        raw = [os.path.join(folder, f"{half}.raw.cool") for half in ("first", "second")]
        split_contacts(path, *raw, seed, dataset)
        for half in raw:
            balanced = half.replace(".raw.cool", ".cool")
            if not merge_and_balance([half], balanced, options, threads):
                print(f"{dataset}: the balancing of a half did not converge", flush=True)
            targets, measured = window_targets(balanced, windows, steps, threads)
            values.append(targets.astype(np.float32))
            finite.append(measured)
    return values, np.minimum(*finite)


def ceiling_row(dataset, halves, finite, windows, min_finite, n, seed):
    """The ceiling of one dataset.

    Parameters
    ----------
    dataset : str
    halves, finite
        Of :func:`half_targets`.
    windows : DataFrame
        With fold and contig.
    min_finite : float
        Windows with a smaller fraction of measured values in a half are left out, as in training.
    n : int
        Resamples of the bootstrap over contigs.
    seed : int

    Returns
    -------
    dict
        dataset, fold, n_windows and n_contigs (of the windows used); ``halves_{metric}``, ``halves_{metric}_low`` and
        ``halves_{metric}_high``: correlation of the halves and its 95 % interval; ``{metric}``, ``{metric}_low`` and
        ``{metric}_high``: :func:`attainable` of these. metric is ``pearson`` (pooled) and ``pearson_window_median``.
    """
    enough = finite >= min_finite
    contigs = windows["contig"].to_numpy()[enough]
    row = {"dataset": dataset, "fold": windows["fold"].iloc[0], "n_windows": int(enough.sum())}
    row["n_contigs"] = len(np.unique(contigs))
    if not enough.all():
        print(f"{dataset}: {(~enough).sum()} of {len(enough)} windows have too few contacts in a half", flush=True)
    correlations = intervals(*(half[enough] for half in halves), contigs, n, (seed, "ceiling", dataset, "bootstrap"))
    for metric, estimate in correlations.items():
        for suffix, r in zip(("", "_low", "_high"), estimate, strict=True):
            row[f"halves_{metric}{suffix}"] = r
            row[f"{metric}{suffix}"] = float(attainable(r))
    return row
