"""CTCF-independent structure: insulation after CTCF sites are randomised, at open chromatin without CTCF.

The paper notes structure at DNase sites without CTCF in Fig. 2e, in which all CTCF motifs are randomised. Here the
insulation of each bin after the mutagenesis (:mod:`akitaflow.analyses.insulation`) is compared between three classes of
bins:

``CTCF``
    a site of the randomised motif in the bin or a neighbouring bin, or a CTCF signal above the quantile of all bins;
``DNase without CTCF``
    a DNase signal above the quantile, and not in class CTCF;
``neither``
    all other bins with both signals.
"""

import numpy as np
import pandas as pd

from akitaflow.evaluation import bootstrap

CTCF, OPEN, NEITHER = "CTCF", "DNase without CTCF", "neither"
#: Classes of bins.
CLASSES = [CTCF, OPEN, NEITHER]
SUMMARY = ["class", "quantity", "mean", "low", "high", "n_bins", "n_windows", "n_contigs"]


def classify(bins, quantile):
    """The class of each bin.

    Parameters
    ----------
    bins : DataFrame
        window, start, end, n_sites (of :class:`akitaflow.analyses.insulation.BinTable`, one dataset) and the signals
        CTCF and DNase, NaN where missing.
    quantile : float
        Quantile of a signal above which it is strong.

    Returns
    -------
    Series of str
        One of :data:`CLASSES`; NaN where a signal is missing.
    """
    size = (bins["end"] - bins["start"]).iloc[0]
    with_site = bins.loc[bins["n_sites"] > 0, ["window", "start"]]
    near = pd.concat([with_site.assign(start=with_site["start"] + step) for step in (-size, 0, size)])
    beside = pd.MultiIndex.from_frame(bins[["window", "start"]]).isin(pd.MultiIndex.from_frame(near))
    bound = beside | (bins["CTCF"] > bins["CTCF"].quantile(quantile)).to_numpy()
    open_ = (bins["DNase"] > bins["DNase"].quantile(quantile)).to_numpy()
    classes = pd.Series(np.select([bound, open_], [CTCF, OPEN], NEITHER), index=bins.index)
    return classes.where(bins[["CTCF", "DNase"]].notna().all(axis=1))


def summarise(bins, n, seed):
    """Mean insulation of each class before and after the mutagenesis, with intervals over contigs.

    Parameters
    ----------
    bins : DataFrame
        window, contig, class, insulation, insulation_mutated.
    n : int
        Resamples.
    seed : tuple
        ``(seed, *names)`` of :func:`akitaflow.evaluation.bootstrap.estimate`.

    Returns
    -------
    DataFrame
        class, quantity (``insulation``, ``insulation_mutated``, and ``difference_mutated``: insulation_mutated of the
        class minus that of ``neither``), mean, low, high (95 %), n_bins, n_windows, n_contigs.
    """
    known = bins.dropna(subset="class")
    rows = []
    for name in CLASSES:
        members = known[known["class"] == name]
        numbers = (len(members), members["window"].nunique(), members["contig"].nunique())
        for quantity in ("insulation", "insulation_mutated"):
            mean = bootstrap.mean(members[quantity].to_numpy(), members["contig"], n, (*seed, name, quantity))
            rows.append((name, quantity, *mean, *numbers))
        if name != NEITHER:
            difference = mean_difference(known, known["class"] == name, known["class"] == NEITHER, n, (*seed, name))
            rows.append((name, "difference_mutated", *difference, *numbers))
    return pd.DataFrame(rows, columns=SUMMARY)


def mean_difference(bins, first, second, n, seed):
    """Difference of the mean insulation after mutagenesis between two groups of bins, with its interval over contigs.

    Parameters
    ----------
    bins : DataFrame
        contig, insulation_mutated.
    first, second : array_like of bool, shape (bins,)
        Which bins are in each group.
    n, seed
        As in :func:`summarise`.

    Returns
    -------
    akitaflow.evaluation.bootstrap.Estimate
    """
    values, first, second = bins["insulation_mutated"].to_numpy(), np.asarray(first), np.asarray(second)

    def statistic(items):
        left, right = values[items[first[items]]], values[items[second[items]]]
        return left.mean() - right.mean() if len(left) and len(right) else float("nan")

    return bootstrap.estimate(statistic, bins["contig"], n, seed)
