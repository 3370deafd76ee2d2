"""Contigs and folds: the regions of the genome on which the model is trained, validated and tested.

Coordinates are 0-based and half-open, in bp. Tables of contigs have the columns chrom, start, end.
"""

import numpy as np
import pandas as pd

from akitaflow.errors import InputError
from akitaflow.genome.intervals import COLUMNS, Window, parse_region, subtract
from akitaflow.seeds import generator

FOLDS = ("train", "valid", "test")


def read_filtered(path):
    """Filtered bins of a balanced cooler: those without a weight.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    dict of str to ndarray of bool, shape (bins,)
        Filtered bins of each chromosome.

    Raises
    ------
    InputError
        If the cooler is not balanced.
    """
    import cooler

    clr = cooler.Cooler(str(path))
    bins = clr.bins()
    if "weight" not in bins.columns:
        raise InputError(f"{path}: not balanced (no column 'weight'); run `cooler balance` on it")
    return {chrom: bins["weight"].fetch((chrom, None, None)).isna().to_numpy() for chrom in clr.chromnames}


def filtered_runs(filtered, bin_size, min_run):
    """Regions of at least ``min_run`` consecutive filtered bins.

    Parameters
    ----------
    filtered : dict of str to ndarray of bool
        From :func:`read_filtered`.
    bin_size : int
        bp.
    min_run : int
        Bins; 0 for no regions.

    Returns
    -------
    pandas.DataFrame
        chrom, start, end.
    """
    rows = []
    for chrom, flags in filtered.items():
        edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
        for first, last in edges.reshape(-1, 2):
            if 0 < min_run <= last - first:
                rows.append((chrom, first * bin_size, last * bin_size))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"chrom": str, "start": int, "end": int})


def find_contigs(chromsizes, bin_size, min_bins, blocked):
    """Contigs: regions of whole bins that no blocked region overlaps.

    Parameters
    ----------
    chromsizes : mapping of str to int
        Lengths in bp, in the order of the genome. A last bin that is not whole is left out.
    bin_size : int
        bp.
    min_bins : int
        Bins of a window; shorter contigs are left out.
    blocked : iterable of pandas.DataFrame
        Gaps, runs of filtered bins and excluded regions: chrom, start, end.

    Returns
    -------
    pandas.DataFrame
        chrom, start, end.
    """
    import bioframe

    whole_bins = {chrom: size // bin_size * bin_size for chrom, size in chromsizes.items()}
    tables = [table[COLUMNS] for table in blocked if len(table)]
    blocked = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)
    blocked = blocked[blocked["chrom"].isin(whole_bins.keys()) & (blocked["end"] > blocked["start"])]
    blocked = blocked.astype({"chrom": str, "start": int, "end": int})
    blocked["start"] = blocked["start"] // bin_size * bin_size
    blocked["end"] = -(-blocked["end"] // bin_size) * bin_size
    if len(blocked):
        blocked = bioframe.merge(blocked)[COLUMNS]
    contigs = subtract(whole_bins, blocked)
    return contigs[contigs["end"] - contigs["start"] >= min_bins * bin_size].reset_index(drop=True)


def cut_contigs(contigs, bin_size, max_bins, min_bins):
    """Halve contigs until none is longer than ``max_bins``.

    A contig whose halves would be shorter than ``min_bins`` is not halved.

    Parameters
    ----------
    contigs : pandas.DataFrame
        chrom, start, end.
    bin_size : int
        bp.
    max_bins, min_bins : int
        Bins.

    Returns
    -------
    pandas.DataFrame
        chrom, start, end on bin boundaries, in the order of ``contigs``.
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
    """Assign each contig to a fold.

    Contigs of chromosomes that are listed for a fold, and contigs that overlap a held-out region, are assigned first.
    The others are drawn for the folds without chromosomes, from the longest to the shortest; contigs of equal length in
    random order. The probability of a fold is proportional to the bases that it still lacks of its fraction. A fold
    gets no contig longer than twice these bases.

    Parameters
    ----------
    contigs : pandas.DataFrame
        chrom, start, end.
    fractions : mapping of str to float
        Share of the drawn bases of each fold.
    seed : int
    chromosomes : mapping of str to list of str, optional
        Chromosomes of each fold.
    holdout : iterable of dict
        ``region`` (text for :func:`akitaflow.genome.intervals.parse_region`) and ``fold``.
    chromsizes : mapping of str to int, optional
        Lengths of the chromosomes of the genome in bp, against which chromosomes and regions are checked.

    Returns
    -------
    pandas.DataFrame
        ``contigs`` with the column fold.

    Raises
    ------
    InputError
        If a chromosome is unknown or in two folds, a region lies outside the genome, a contig is assigned to two folds,
        or a fold gets no contig.
    """
    named = {fold: list(names) for fold, names in (chromosomes or {}).items() if names}
    folds = _placed(contigs, named, holdout, chromsizes)
    shares = {fold: share for fold, share in fractions.items() if share > 0 and fold not in named}
    free = np.flatnonzero(folds == "")
    if len(free) and not shares:
        unassigned = ", ".join(sorted(set(contigs["chrom"].iloc[free])))
        raise InputError(
            f"no fold takes the contigs of {unassigned}; name them under chromosomes or give a fold a fraction"
        )
    _draw(folds, free, (contigs["end"] - contigs["start"]).to_numpy(), shares, generator(seed, "folds"))
    for fold in FOLDS:
        if (fractions.get(fold, 0) > 0 or fold in named) and not (folds == fold).any():
            raise InputError(
                f"fold {fold} got none of {len(contigs)} contigs; "
                "make max_contig_bins smaller or give the fold a chromosome"
            )
    return contigs.assign(fold=folds)


def _placed(contigs, named, holdout, chromsizes):
    """Folds of the contigs that chromosomes and held-out regions assign; "" for the other contigs."""
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
            problem = f"ends at {size}" if size else f"is not in the genome, which has {_few(chromsizes)}"
            raise InputError(f"holdout: region {region}: {region.chrom} {problem}")
        touched = (contigs["chrom"] == region.chrom) & (contigs["start"] < region.end) & (contigs["end"] > region.start)
        for i in np.flatnonzero(touched):
            if folds[i] not in ("", fold):
                assigned_by = by_region.get(i, f"chromosomes: {folds[i]}")
                contig = Window(*contigs.iloc[i][COLUMNS])
                raise InputError(
                    f"holdout: {region} puts contig {contig} into {fold}, but {assigned_by} puts it into {folds[i]}; "
                    "change one, or make max_contig_bins smaller so that they fall on different contigs"
                )
            folds[i] = fold
            by_region[i] = f"region {region}"
    return folds


def _draw(folds, free, lengths, shares, rng):
    """Draw the folds of the free contigs, in place."""
    if not len(free):
        return
    names = list(shares)
    aim = np.array([shares[name] for name in names])
    lacking = aim / aim.sum() * lengths[free].sum()
    shuffled = rng.permutation(free)
    for i in shuffled[np.argsort(-lengths[shuffled], kind="stable")]:
        weights = np.where(lacking >= lengths[i] / 2, lacking, 0.0)
        drawn = rng.choice(len(names), p=weights / weights.sum()) if weights.any() else int(np.argmax(lacking))
        folds[i] = names[drawn]
        lacking[drawn] -= lengths[i]


def _few(names, limit=6):
    names = list(names)
    return ", ".join(names[:limit]) + (", ..." if len(names) > limit else "")
