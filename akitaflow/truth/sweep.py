"""Claims on the sweep: the factor that folds comes first, its look-alike second, and decoys act by overlap only."""

import numpy as np
from scipy.stats import mannwhitneyu

from akitaflow import scores
from akitaflow.truth import at_least

LOOK_ALIKE = "CTCFL"  # JASPAR's name of the matrix that is much like CTCF's


def window_means(windows, numbers):
    """Disruption of each motif in each window of the fold, 0 without a site.

    Parameters
    ----------
    windows : DataFrame
        matrix, window, disruption of one dataset (``windows.tsv.gz`` of the sweep).
    numbers : array_like
        All windows of the fold.

    Returns
    -------
    DataFrame
        A row per window, a column per matrix.
    """
    return windows.pivot(index="window", columns="matrix", values="disruption").reindex(numbers).fillna(0.0)


def order(means, motifs, decoys, contigs, dataset, least_ratio, n, seed):
    """The first motif is CTCF's, the second CTCFL's, and no decoy comes near.

    Parameters
    ----------
    means : DataFrame
        Of :func:`window_means`.
    motifs : DataFrame
        matrix, motif, rank of the dataset.
    decoys : list of str
        Matrices that fold nothing.
    contigs : array_like
        Of each window.
    dataset : str
    least_ratio : float
        Disruption of CTCF over that of the best decoy.
    n, seed : int
        Of the bootstrap over contigs.

    Returns
    -------
    list of dict
    """
    named = motifs.set_index("motif")["matrix"]
    ctcf, second = means[named["CTCF"]].to_numpy(), means[named[LOOK_ALIKE]].to_numpy()
    others = means.drop(columns=[named["CTCF"], named[LOOK_ALIKE]]).to_numpy()
    false = means[[matrix for matrix in decoys if matrix in means]].to_numpy()
    everything = np.arange(len(means))

    def claim(text, threshold, statistic, name):
        interval = scores.bootstrap_blocks(statistic, contigs, n, (seed, "truth", "sweep", name))
        return at_least(f"{dataset}: {text}", threshold, statistic(everything), *interval)

    def best(values, items):
        return values[items].mean(axis=0).max()

    first_text = "disruption by CTCF minus that by the best other motif (CTCF comes first)"
    second_text = f"disruption by {LOOK_ALIKE} minus that by the best motif but CTCF ({LOOK_ALIKE} comes second)"
    ratio_text = "disruption by CTCF over that by the best decoy"
    return [
        claim(
            first_text, 0, lambda items: ctcf[items].mean() - max(second[items].mean(), best(others, items)), "first"
        ),
        claim(second_text, 0, lambda items: second[items].mean() - best(others, items), "second"),
        claim(ratio_text, least_ratio, lambda items: ctcf[items].mean() / best(false, items), "ratio"),
    ]


def overlap(windows, decoys, contigs, dataset, threshold, n, seed):
    """Decoys disrupt the windows in which their sites overlap CTCF sites, and not the others.

    Parameters
    ----------
    windows : DataFrame
        matrix, window, disruption, overlap (share of the motif's sites in the window) of the dataset.
    decoys : list of str
    contigs : Series
        Contig by number of the window.
    dataset : str
    threshold : float
        Least probability that the disruption of a decoy and window with overlap exceeds that of one without (the
        rank statistic of Mann and Whitney).
    n, seed : int
        Of the bootstrap over contigs.
    """
    rows = windows[windows["matrix"].isin(decoys)]
    disruption, touched = rows["disruption"].to_numpy(), (rows["overlap"] > 0).to_numpy()

    def probability(items):
        with_overlap, without = disruption[items[touched[items]]], disruption[items[~touched[items]]]
        if not len(with_overlap) or not len(without):
            return float("nan")
        return float(mannwhitneyu(with_overlap, without).statistic / len(with_overlap) / len(without))

    blocks = rows["window"].map(contigs)
    interval = scores.bootstrap_blocks(probability, blocks, n, (seed, "truth", "overlap"))
    claim = f"{dataset}: probability that a decoy disrupts a window more where it overlaps a CTCF site"
    return at_least(claim, threshold, probability(np.arange(len(rows))), *interval)
