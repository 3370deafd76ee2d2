"""Windows: intervals of equal length in the contigs, with their folds and the reasons why windows are left out.

Coordinates are 0-based and half-open, in bp. Tables of windows have the columns chrom, start, end, fold.
"""

import numpy as np
import pandas as pd

from akitaflow.dataset.split import FOLDS
from akitaflow.errors import InputError
from akitaflow.genome.intervals import COLUMNS, overlaps
from akitaflow.seeds import generator

WINDOW_COLUMNS = [
    "window",
    "chrom",
    "start",
    "end",
    "fold",
    "contig",
]  # columns of a fold's windows in tables of results


def make_windows(contigs, bin_size, window_bins, stride_bins, seed):
    """Windows at regular steps along the contigs, in the order of the records.

    Adjacent training contigs are joined, so that windows may span their boundary; contigs of the other folds are not
    joined and stay independent. The order of the folds is train, valid, test. Training windows are shuffled, so that a
    file of records does not hold neighbouring windows.

    Parameters
    ----------
    contigs : pandas.DataFrame
        chrom, start, end, fold.
    bin_size : int
        bp.
    window_bins : int
        Bins of a window.
    stride_bins : mapping of str to int
        Bins between the starts of windows of each fold.
    seed : int

    Returns
    -------
    pandas.DataFrame
        chrom, start, end, fold, contig; ``contig`` is the number of the contig, after joining.
    """
    length = window_bins * bin_size
    rows = []
    number = 0
    for fold in FOLDS:
        members = contigs[contigs["fold"] == fold]
        if fold == "train" and len(members):
            members = _joined(members)
        windows = []
        for chrom, start, end in members[COLUMNS].itertuples(index=False):
            first = -(-start // bin_size) * bin_size
            for position in range(first, end - length + 1, stride_bins[fold] * bin_size):
                windows.append((chrom, position, position + length, fold, number))
            number += 1
        if fold == "train":
            windows = [windows[i] for i in generator(seed, "windows", fold).permutation(len(windows))]
        rows += windows
    return pd.DataFrame(rows, columns=[*COLUMNS, "fold", "contig"])


def _joined(contigs):
    """Join adjacent contigs; chromosomes are in the order of their first contig."""
    import bioframe

    order = {chrom: i for i, chrom in enumerate(dict.fromkeys(contigs["chrom"]))}
    merged = bioframe.merge(contigs[COLUMNS], min_dist=0)
    merged = merged[COLUMNS].astype({"chrom": str, "start": int, "end": int})
    return merged.assign(order=merged["chrom"].map(order)).sort_values(["order", "start"])


def flag_windows(windows, filtered, bin_size, max_filtered, keep=False):
    """Add the share of filtered bins in each dataset, and flag windows with too many of them.

    Parameters
    ----------
    windows : pandas.DataFrame
        chrom, start, end, ...
    filtered : mapping of str to dict
        Filtered bins of each training dataset, from :func:`akitaflow.dataset.split.read_filtered`.
    bin_size : int
        bp.
    max_filtered : float
        Largest share of filtered bins.
    keep : bool
        Keep flagged windows, as the published policy does.

    Returns
    -------
    pandas.DataFrame
        ``windows`` with the columns kept, reason (empty if not flagged) and filtered_{dataset}.
    """
    shares = {}
    reasons_of_windows = [[] for _ in range(len(windows))]
    for dataset, flags in filtered.items():
        sums = {chrom: np.concatenate([[0], np.cumsum(flag)]) for chrom, flag in flags.items()}
        share = np.array(
            [
                (sums[chrom][end // bin_size] - sums[chrom][start // bin_size]) * bin_size / (end - start)
                for chrom, start, end in windows[COLUMNS].itertuples(index=False)
            ]
        )
        shares[f"filtered_{dataset}"] = share
        for i in np.flatnonzero(share > max_filtered):
            reasons_of_windows[i].append(f"too many filtered bins in {dataset}")
    reasons = ["; ".join(reasons_of_window) for reasons_of_window in reasons_of_windows]
    kept = [keep or not reason for reason in reasons]
    return windows.assign(kept=np.array(kept, bool), reason=reasons, **shares)


def flag_finite(windows, finite, min_finite, keep=False):
    """Add the share of measured pixels in each dataset, and flag windows with too few of them.

    Parameters
    ----------
    windows : pandas.DataFrame
        Table of :func:`flag_windows`.
    finite : mapping of str to ndarray of float, shape (windows,)
        Share of measured pixels in each training dataset.
    min_finite : float
        Smallest share of measured pixels.
    keep : bool
        Keep flagged windows, as the published policy does.

    Returns
    -------
    pandas.DataFrame
        ``windows`` with the columns finite_{dataset}, and changed kept and reason.
    """
    windows = windows.assign(**{f"finite_{dataset}": share for dataset, share in finite.items()})
    for dataset, share in finite.items():
        poor = np.asarray(share) < min_finite
        reasons = windows.loc[poor, "reason"]
        windows.loc[poor, "reason"] = (
            reasons.where(reasons == "", reasons + "; ") + f"too few finite pixels in {dataset}"
        )
        if not keep:
            windows.loc[poor, "kept"] = False
    return windows


def require_windows(windows, folds=FOLDS):
    """Check that each fold has a window that is kept.

    Parameters
    ----------
    windows : pandas.DataFrame
        fold, kept, reason.
    folds : iterable of str

    Raises
    ------
    InputError
        If a fold has none, with the reasons and their numbers.
    """
    for fold in folds:
        members = windows[windows["fold"] == fold]
        if not members["kept"].any():
            reasons = members["reason"].str.split("; ").explode().value_counts() if len(members) else {}
            listed = ", ".join(f"{count} x {reason}" for reason, count in reasons.items()) or "its contigs hold none"
            raise InputError(
                f"fold {fold} has no window left of {len(members)} ({listed}); "
                "check the maps, or change max_filtered, min_finite or the split"
            )


def read_windows(path):
    """Read the table of windows of a split or of its records.

    Parameters
    ----------
    path : str

    Returns
    -------
    DataFrame
        chrom, start, end, fold, contig, kept, reason and further columns; 0-based, half-open.
    """
    return pd.read_csv(path, sep="\t", dtype={"chrom": str, "reason": str}, keep_default_na=False)


def fold_rows(windows, fold):
    """Rows of a table of windows that are the records of a fold.

    Parameters
    ----------
    windows : DataFrame
        Of :func:`read_windows`.
    fold : str

    Returns
    -------
    ndarray of int64, shape (windows of the fold,)
        Positions in the table, ascending.
    """
    return np.flatnonzero(windows["kept"].astype(bool) & (windows["fold"] == fold))


def fold_windows(windows, fold):
    """Windows of the records of a fold, numbered as the records.

    Parameters
    ----------
    windows : DataFrame
        Table of windows of the records (:func:`read_windows`).
    fold : str

    Returns
    -------
    DataFrame
        Kept rows of the fold, with a first column ``window``: 0, 1, ...

    Raises
    ------
    InputError
        If the fold has no window.
    """
    kept = windows.iloc[fold_rows(windows, fold)].reset_index(drop=True)
    if kept.empty:
        raise InputError(f"fold {fold!r} has no window left; write another one (evaluation.fold, mutagenesis.fold)")
    kept.insert(0, "window", np.arange(len(kept)))
    return kept


def overlapped_folds(window, windows):
    """Folds of the windows that a window overlaps.

    Parameters
    ----------
    window : akitaflow.genome.intervals.Window
    windows : DataFrame
        chrom, start, end, fold.

    Returns
    -------
    str
        Names of the folds, sorted and joined by "+"; ``none`` if it overlaps no window.
    """
    return "+".join(sorted(windows.loc[overlaps(windows, pd.DataFrame([window])), "fold"].unique())) or "none"


def choose_strongest(windows, strength, n):
    """Windows of the largest strength that do not overlap each other.

    Parameters
    ----------
    windows : DataFrame
        chrom, start, end and the column ``strength``.
    strength : str
        Column of the strength; windows of equal strength are in the order of the table.
    n : int
        Largest number of windows.

    Returns
    -------
    list
        Index labels of at most ``n`` rows, in descending strength. A window that overlaps a selected one is left out;
        adjacent windows do not overlap.
    """
    selected = []
    for row in windows.sort_values(strength, ascending=False, kind="stable").itertuples():
        if len(selected) == n:
            break
        if all(row.chrom != other.chrom or row.end <= other.start or other.end <= row.start for other in selected):
            selected.append(row)
    return [row.Index for row in selected]
