"""Windows: equally long intervals of the contigs, each with its fold and the reason if it is not used.

Coordinates are 0-based and half-open, in bp. Tables of windows have the columns chrom, start, end, fold.
"""

import numpy as np
import pandas as pd

from akitaflow.dataset.split import FOLDS
from akitaflow.errors import InputError
from akitaflow.genome.intervals import COLUMNS, overlaps
from akitaflow.seeds import generator

WINDOW_COLUMNS = ["window", "chrom", "start", "end", "fold", "contig"]  # of a fold's windows, in tables of results


def make_windows(contigs, bin_size, window_bins, stride_bins, seed):
    """Windows at regular steps along the contigs, in the order of the records.

    Training contigs that touch are joined again, so that windows lie across the cut too; contigs of the other folds
    stay apart and are independent of each other. Folds follow in the order train, valid, test; training windows are
    shuffled, so that neighbours do not stand together in a file of records.

    Parameters
    ----------
    contigs : pandas.DataFrame
        chrom, start, end, fold.
    bin_size : int
        bp.
    window_bins : int
    stride_bins : mapping of str to int
        Of each fold.
    seed : int

    Returns
    -------
    pandas.DataFrame
        chrom, start, end, fold, contig; ``contig`` numbers the stretches that windows were cut from.
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
    """Contigs that touch, joined; chromosomes in the order of their first contig."""
    import bioframe

    order = {chrom: i for i, chrom in enumerate(dict.fromkeys(contigs["chrom"]))}
    merged = bioframe.merge(contigs[COLUMNS], min_dist=0)
    merged = merged[COLUMNS].astype({"chrom": str, "start": int, "end": int})
    return merged.assign(order=merged["chrom"].map(order)).sort_values(["order", "start"])


def flag_windows(windows, filtered, bin_size, max_filtered, keep=False):
    """Add the share of filtered bins in each dataset, whether the window is kept, and the reason if it is poor.

    Parameters
    ----------
    windows : pandas.DataFrame
        chrom, start, end, ...
    filtered : mapping of str to dict
        Of each training dataset, from :func:`read_filtered`.
    bin_size : int
        bp.
    max_filtered : float
        Largest share of filtered bins.
    keep : bool
        Keep poor windows all the same, with the reason as a flag (the published policy).

    Returns
    -------
    pandas.DataFrame
        With the further columns kept, reason and filtered_{dataset}.
    """
    shares = {}
    poor = [[] for _ in range(len(windows))]
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
            poor[i].append(f"too many filtered bins in {dataset}")
    reasons = ["; ".join(some) for some in poor]
    kept = [keep or not reason for reason in reasons]
    return windows.assign(kept=np.array(kept, bool), reason=reasons, **shares)


def flag_finite(windows, finite, min_finite, keep=False):
    """Flag windows of which too little was measured, as :func:`flag_windows` does.

    Parameters
    ----------
    windows : pandas.DataFrame
        With the columns kept and reason.
    finite : mapping of str to ndarray of float, shape (windows,)
        Share of measured pixels in each training dataset.
    min_finite : float
        Smallest share.
    keep : bool
        Keep poor windows all the same.
    """
    windows = windows.assign(**{f"finite_{dataset}": share for dataset, share in finite.items()})
    for dataset, share in finite.items():
        poor = np.asarray(share) < min_finite
        so_far = windows.loc[poor, "reason"]
        windows.loc[poor, "reason"] = so_far.where(so_far == "", so_far + "; ") + f"too few finite pixels in {dataset}"
        if not keep:
            windows.loc[poor, "kept"] = False
    return windows


def require_windows(windows, folds=FOLDS):
    """Stop where a fold has no window left, with the reasons.

    Raises
    ------
    InputError
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
    """The table of windows that a split or its records come with."""
    return pd.read_csv(path, sep="\t", dtype={"chrom": str, "reason": str}, keep_default_na=False)


def fold_rows(windows, fold):
    """Rows of a table of windows (:func:`read_windows`) that are the records of a fold; ndarray of int64, ascending."""
    return np.flatnonzero(windows["kept"].astype(bool) & (windows["fold"] == fold))


def fold_windows(windows, fold):
    """The windows of a fold's records, numbered as the records are.

    Parameters
    ----------
    windows : DataFrame
        The records' table of windows (:func:`read_windows`), in record order.
    fold : str

    Returns
    -------
    DataFrame
        The kept rows of the fold with a first column ``window``: 0, 1, ...

    Raises
    ------
    InputError
        If the fold has no window.
    """
    chosen = windows.iloc[fold_rows(windows, fold)].reset_index(drop=True)
    if chosen.empty:
        raise InputError(f"fold {fold!r} has no window left; write another one (evaluation.fold, mutagenesis.fold)")
    chosen.insert(0, "window", np.arange(len(chosen)))
    return chosen


def overlapped_folds(window, windows):
    """The folds of the windows that a window overlaps.

    Parameters
    ----------
    window : akitaflow.genome.intervals.Window
    windows : DataFrame
        chrom, start, end, fold.

    Returns
    -------
    str
        Sorted and joined by "+"; ``none`` if it overlaps no window.
    """
    return "+".join(sorted(windows.loc[overlaps(windows, pd.DataFrame([window])), "fold"].unique())) or "none"


def choose_strongest(windows, strength, n):
    """Windows of the largest strength, no two of which overlap.

    Parameters
    ----------
    windows : DataFrame
        chrom, start, end and the column ``strength``.
    strength : str
        Column that they are ordered by; of equal windows the first one comes first.
    n : int
        Number of windows wanted.

    Returns
    -------
    list
        Index labels of at most ``n`` rows, the strongest first. A window that overlaps a stronger chosen one is left
        out; windows that only touch do not overlap.
    """
    chosen = []
    for row in windows.sort_values(strength, ascending=False, kind="stable").itertuples():
        if len(chosen) == n:
            break
        if all(row.chrom != other.chrom or row.end <= other.start or other.end <= row.start for other in chosen):
            chosen.append(row)
    return [row.Index for row in chosen]
