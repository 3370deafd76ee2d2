"""Contigs, folds and windows: which stretches of the genome the model learns from, and on which it is judged.

Coordinates are 0-based and half-open, in bp. Tables of regions have the columns chrom, start, end.
"""

import os
import re
from typing import NamedTuple

import numpy as np
import pandas as pd

from akitaflow.errors import InputError
from akitaflow.seeds import generator

FOLDS = ("train", "valid", "test")
COLUMNS = ["chrom", "start", "end"]

_REGION = re.compile(r"([^\s:]+):([\d,]+)-([\d,]+)")


class Window(NamedTuple):
    """A stretch of a chromosome, 0-based and half-open, in bp."""

    chrom: str
    start: int
    end: int

    def __str__(self):
        return f"{self.chrom}:{self.start}-{self.end}"


def parse_region(text):
    """A region written as ``chr1:1,000-2,000``: 0-based and half-open, thousands separators allowed.

    Returns
    -------
    Window

    Raises
    ------
    InputError
        If the text is no region or the region is empty.
    """
    found = _REGION.fullmatch(str(text).strip())
    start, end = (int(number.replace(",", "")) for number in found.groups()[1:]) if found else (0, 0)
    if start >= end:
        raise InputError(f"{text!r} is not a region; write it as chr1:1000-2000, the start below the end")
    return Window(found[1], start, end)


def read_bed(path):
    """The first three columns of a BED file, whatever else it has; an empty file gives an empty table."""
    try:
        table = pd.read_csv(path, sep="\t", header=None, comment="#", usecols=[0, 1, 2], dtype={0: str})
    except pd.errors.EmptyDataError:
        return pd.DataFrame({"chrom": pd.Series(dtype=str), "start": pd.Series(dtype=int), "end": pd.Series(dtype=int)})
    except (ValueError, pd.errors.ParserError) as error:
        raise InputError(f"{path}: not a BED file of at least three tab-separated columns ({error})") from None
    table.columns = COLUMNS
    for column in ("start", "end"):
        if not pd.api.types.is_integer_dtype(table[column]):
            raise InputError(f"{path}: column {column} holds {table[column].iloc[0]!r}; write whole numbers, no header")
    return table


def read_chromsizes(path):
    """Chromosome lengths in bp, in the order of the file: two tab-separated columns, no header."""
    table = pd.read_csv(path, sep="\t", header=None, names=["chrom", "size"], dtype={"chrom": str, "size": int})
    return dict(zip(table["chrom"], table["size"], strict=True))


def read_filtered(path):
    """Which bins of a balanced cooler are filtered: have no weight.

    Returns
    -------
    dict of str to ndarray of bool
        One entry per chromosome, one value per bin.
    """
    import cooler

    clr = cooler.Cooler(str(path))
    bins = clr.bins()
    if "weight" not in bins.columns:
        raise InputError(f"{path}: not balanced (no column 'weight'); run `cooler balance` on it")
    return {chrom: bins["weight"].fetch((chrom, None, None)).isna().to_numpy() for chrom in clr.chromnames}


def filtered_runs(filtered, bin_size, min_run):
    """Runs of at least ``min_run`` filtered bins, as regions; none where ``min_run`` is 0.

    Parameters
    ----------
    filtered : dict of str to ndarray of bool
        From :func:`read_filtered`.
    bin_size : int
        bp.
    min_run : int
        Bins.
    """
    rows = []
    for chrom, flags in filtered.items():
        edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
        for first, last in edges.reshape(-1, 2):
            if 0 < min_run <= last - first:
                rows.append((chrom, first * bin_size, last * bin_size))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"chrom": str, "start": int, "end": int})


def subtract(chromsizes, blocked):
    """What is left of chromosomes outside the blocked regions, in the order of ``chromsizes``."""
    import bioframe

    view = pd.DataFrame({"chrom": list(chromsizes), "start": 0, "end": list(chromsizes.values())})
    blocked = blocked[blocked["chrom"].isin(chromsizes.keys())]
    left = bioframe.subtract(view, blocked) if len(blocked) else view
    left = left[COLUMNS].astype({"chrom": str, "start": int, "end": int})
    order = left["chrom"].map({chrom: i for i, chrom in enumerate(chromsizes)})
    return left.assign(order=order).sort_values(["order", "start"])[COLUMNS].reset_index(drop=True)


def find_contigs(chromsizes, bin_size, min_bins, blocked):
    """Stretches of whole bins that no blocked region touches.

    Parameters
    ----------
    chromsizes : mapping of str to int
        bp, in the order of the genome. The last bin counts only where it is whole.
    bin_size : int
        bp.
    min_bins : int
        Shorter contigs, which hold no window, are left out.
    blocked : iterable of pandas.DataFrame
        Gaps, runs of filtered bins, excluded regions.

    Returns
    -------
    pandas.DataFrame
        chrom, start, end.
    """
    import bioframe

    whole = {chrom: size // bin_size * bin_size for chrom, size in chromsizes.items()}
    tables = [table[COLUMNS] for table in blocked if len(table)]
    blocked = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)
    blocked = blocked[blocked["chrom"].isin(whole.keys()) & (blocked["end"] > blocked["start"])]
    blocked = blocked.astype({"chrom": str, "start": int, "end": int})
    blocked["start"] = blocked["start"] // bin_size * bin_size
    blocked["end"] = -(-blocked["end"] // bin_size) * bin_size
    if len(blocked):
        blocked = bioframe.merge(blocked)[COLUMNS]
    contigs = subtract(whole, blocked)
    return contigs[contigs["end"] - contigs["start"] >= min_bins * bin_size].reset_index(drop=True)


def cut_contigs(contigs, bin_size, max_bins, min_bins):
    """Halve contigs until none is longer than ``max_bins``; no base is lost.

    A contig whose halves would be shorter than ``min_bins`` stays whole.

    Returns
    -------
    pandas.DataFrame
        chrom, start, end; all on bin boundaries, in the order of ``contigs``.
    """
    pieces = []
    pending = [tuple(row) for row in contigs[COLUMNS].itertuples(index=False)][::-1]
    while pending:
        chrom, start, end = pending.pop()
        n_bins = (end - start) // bin_size
        if n_bins > max_bins and n_bins // 2 >= min_bins:
            middle = start + n_bins // 2 * bin_size
            pending += [(chrom, middle, end), (chrom, start, middle)]
        else:
            pieces.append((chrom, start, end))
    return pd.DataFrame(pieces, columns=COLUMNS)


def assign_folds(contigs, fractions, seed, chromosomes=None, holdout=(), chromsizes=None):
    """Give each contig to a fold.

    Contigs of the chromosomes that a fold names, and contigs that a held-out region touches, are placed first. The
    others are shared out among the folds that name no chromosome, by their ``fractions``: from the longest to the
    shortest, equals in a random order, each to a fold drawn by what it still lacks. A fold takes no contig longer
    than twice what it lacks.

    Parameters
    ----------
    contigs : pandas.DataFrame
        chrom, start, end.
    fractions : mapping of str to float
        Share of the bases that are drawn, by fold.
    seed : int
    chromosomes : mapping of str to list of str, optional
        Chromosomes that go whole to a fold.
    holdout : iterable of dict
        ``region`` (as for :func:`parse_region`) and ``fold``.
    chromsizes : mapping of str to int, optional
        With it, chromosomes and regions are checked against the genome.

    Returns
    -------
    pandas.DataFrame
        ``contigs`` with the column fold.

    Raises
    ------
    InputError
        If a chromosome is unknown or in two folds, a region is outside the genome, a contig is wanted in two folds,
        or a fold stays empty.
    """
    named = {fold: list(names) for fold, names in (chromosomes or {}).items() if names}
    folds = _placed(contigs, named, holdout, chromsizes)
    shares = {fold: share for fold, share in fractions.items() if share > 0 and fold not in named}
    free = np.flatnonzero(folds == "")
    if len(free) and not shares:
        left = ", ".join(sorted(set(contigs["chrom"].iloc[free])))
        raise InputError(f"no fold takes the contigs of {left}; name them under chromosomes or give a fold a fraction")
    _draw(folds, free, (contigs["end"] - contigs["start"]).to_numpy(), shares, generator(seed, "folds"))
    for fold in FOLDS:
        if (fractions.get(fold, 0) > 0 or fold in named) and not (folds == fold).any():
            raise InputError(
                f"fold {fold} got none of {len(contigs)} contigs; "
                "make max_contig_bins smaller or give the fold a chromosome"
            )
    return contigs.assign(fold=folds)


def _placed(contigs, named, holdout, chromsizes):
    """Folds of the contigs that chromosomes and held-out regions place; "" for the others."""
    fold_of = {}
    for fold, names in named.items():
        for chrom in names:
            if chromsizes is not None and chrom not in chromsizes:
                known = _few(chromsizes)
                raise InputError(f"chromosomes: {fold} names {chrom}, which the genome lacks; it has {known}")
            if fold_of.setdefault(chrom, fold) != fold:
                raise InputError(f"chromosomes: {chrom} is in {fold_of[chrom]} and in {fold}; name it once")
    folds = contigs["chrom"].map(fold_of).fillna("").to_numpy(object)
    by_region = {}
    for entry in holdout:
        region, fold = parse_region(entry["region"]), entry["fold"]
        if chromsizes is not None and region.end > chromsizes.get(region.chrom, 0):
            size = chromsizes.get(region.chrom)
            found = f"ends at {size}" if size else f"is not in the genome, which has {_few(chromsizes)}"
            raise InputError(f"holdout: region {region}: {region.chrom} {found}")
        touched = (contigs["chrom"] == region.chrom) & (contigs["start"] < region.end) & (contigs["end"] > region.start)
        for i in np.flatnonzero(touched):
            if folds[i] not in ("", fold):
                other = by_region.get(i, f"chromosomes: {folds[i]}")
                contig = Window(*contigs.iloc[i][COLUMNS])
                raise InputError(
                    f"holdout: {region} puts contig {contig} into {fold}, but {other} puts it into {folds[i]}; "
                    "change one, or make max_contig_bins smaller so that they fall on different contigs"
                )
            folds[i] = fold
            by_region[i] = f"region {region}"
    return folds


def _draw(folds, free, lengths, shares, stream):
    """Fill in the folds of the free contigs, in place."""
    if not len(free):
        return
    names = list(shares)
    aims = np.array([shares[name] for name in names])
    lacks = aims / aims.sum() * lengths[free].sum()
    shuffled = stream.permutation(free)
    for i in shuffled[np.argsort(-lengths[shuffled], kind="stable")]:
        weights = np.where(lacks >= lengths[i] / 2, lacks, 0.0)
        chosen = stream.choice(len(names), p=weights / weights.sum()) if weights.any() else int(np.argmax(lacks))
        folds[i] = names[chosen]
        lacks[chosen] -= lengths[i]


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


def write_table(table, path, header=True):
    """Write a table as tab-separated text; without a header, a table of regions is a BED file."""
    part = f"{path}.part"
    table.to_csv(part, sep="\t", header=header, index=False, float_format="%.4f")
    os.replace(part, path)


def _few(names, limit=6):
    names = list(names)
    return ", ".join(names[:limit]) + (", ..." if len(names) > limit else "")


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
    chosen = windows[windows["kept"].astype(bool) & (windows["fold"] == fold)].reset_index(drop=True)
    if chosen.empty:
        raise InputError(f"fold {fold!r} has no window left; write another one (evaluation.fold, mutagenesis.fold)")
    chosen.insert(0, "window", np.arange(len(chosen)))
    return chosen
