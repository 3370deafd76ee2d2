"""What persists without CTCF: insulation after CTCF sites are randomised, against open chromatin without CTCF.

The paper notes that some structure is left in Fig. 2e, after all CTCF motifs are randomised, and that it stands at
DNase sites without CTCF. Here the insulation of each bin after the mutagenesis (:mod:`akitaflow.analyses.insulation`)
is compared between three classes of bins:

``CTCF``
    a site of the randomised motif in the bin or one next to it, or a CTCF signal in the upper quantile of all bins;
``DNase without CTCF``
    a DNase signal in the upper quantile, and not CTCF;
``neither``
    all others that have both signals.
"""

import numpy as np
import pandas as pd

from akitaflow.evaluation import bootstrap

CTCF, OPEN, NEITHER = "CTCF", "DNase without CTCF", "neither"
CLASSES = [CTCF, OPEN, NEITHER]
SUMMARY = ["class", "quantity", "mean", "low", "high", "n_bins", "n_windows", "n_contigs"]


def classify(bins, quantile):
    """The class of each bin.

    Parameters
    ----------
    bins : DataFrame
        window, start, end, n_sites (of :class:`akitaflow.analyses.insulation.BinTable`, one dataset) and the signals
        CTCF and DNase, NaN where there is none.
    quantile : float
        Share of the bins that are below the limit of a strong signal.

    Returns
    -------
    Series of str
        One of :data:`CLASSES`; missing where a signal is missing.
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
        (seed, *names) of :func:`akitaflow.evaluation.bootstrap.estimate`.

    Returns
    -------
    DataFrame
        class, quantity (``insulation``, ``insulation_mutated``, and ``difference_mutated``: the latter minus that of
        ``neither``), mean, low, high (95 %), n_bins, n_windows, n_contigs.
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


def mean_difference(bins, here, there, n, seed):
    """Mean insulation after mutagenesis of some bins minus that of others, with its interval over contigs.

    Parameters
    ----------
    bins : DataFrame
        contig, insulation_mutated.
    here, there : array_like of bool, shape (bins,)
    n, seed
        As in :func:`summarise`.

    Returns
    -------
    akitaflow.evaluation.bootstrap.Estimate
    """
    values, here, there = bins["insulation_mutated"].to_numpy(), np.asarray(here), np.asarray(there)

    def statistic(items):
        first, second = values[items[here[items]]], values[items[there[items]]]
        return first.mean() - second.mean() if len(first) and len(second) else float("nan")

    return bootstrap.estimate(statistic, bins["contig"], n, seed)
