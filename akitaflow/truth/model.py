"""Claims about the model: its accuracy, and the loss of signal when sites are randomised.

Intervals are bootstrap intervals over contigs.
"""

import pandas as pd

from akitaflow.evaluation import bootstrap
from akitaflow.evaluation.accuracy import intervals
from akitaflow.truth import at_least, at_most


def accuracy(targets, predictions, contigs, dataset, threshold, n, seed):
    """Claim about the pooled Pearson correlation of prediction and target.

    Parameters
    ----------
    targets, predictions : ndarray, shape (windows, n_values)
    contigs : array_like, shape (windows,)
        Contig of each window.
    dataset : str
        Name in the claim.
    threshold : float
        Least correlation.
    n, seed : int
        Resamples and seed of the bootstrap.

    Returns
    -------
    dict
    """
    pearson = intervals(targets, predictions, contigs, n, (seed, "truth", "accuracy"))["pearson"]
    return at_least(f"{dataset}: Pearson correlation of prediction and target", threshold, *pearson)


def noise_free(truth, predictions, contigs, dataset, threshold, n, seed):
    """Claim about the pooled Pearson correlation of prediction and noise-free map.

    Parameters as in :func:`accuracy`; ``truth`` holds the noise-free maps, shape (windows, n_values).
    """
    pearson = intervals(truth, predictions, contigs, n, (seed, "truth", "noise-free"))["pearson"]
    return at_least(f"{dataset}: Pearson correlation of prediction and noise-free map", threshold, *pearson)


def _with_sites(mutagenesis, windows, dataset):
    """Rows of the windows of a dataset with sites, with the column contig."""
    rows = mutagenesis[(mutagenesis["dataset"] == dataset) & (mutagenesis["n_sites"] > 0)]
    contigs = windows.set_index(["chrom", "start"])["contig"]
    keys = pd.MultiIndex.from_frame(rows[["chrom", "start"]])
    return rows.assign(contig=contigs.reindex(keys).to_numpy())


def signal_left(mutagenesis, windows, dataset, motif, threshold, n, seed):
    """Claim about the share of the signal that remains when the sites of a motif are randomised.

    Parameters
    ----------
    mutagenesis : DataFrame
        windows.tsv of the motif: chrom, start, dataset, n_sites, signal, signal_mutated.
    windows : DataFrame
        chrom, start and contig of the windows of the same fold.
    dataset, motif : str
        Names in the claim.
    threshold : float
        Largest share.
    n, seed : int
        Resamples and seed of the bootstrap.

    Returns
    -------
    dict
    """
    rows = _with_sites(mutagenesis, windows, dataset)
    before, after = rows["signal"].to_numpy(), rows["signal_mutated"].to_numpy()

    def share(items):
        total = before[items].sum()
        return after[items].sum() / total if total > 0 else float("nan")

    remaining = bootstrap.estimate(share, rows["contig"], n, (seed, "truth", "signal left"))
    claim = f"{dataset}: share of the signal left when {motif} sites are randomised"
    return at_most(claim, threshold, *remaining)


def windows_weaker(mutagenesis, windows, dataset, motif, threshold, n, seed):
    """Claim about the share of windows that lose signal when the sites of a motif are randomised.

    Parameters as in :func:`signal_left`; ``threshold`` is the least share.
    """
    rows = _with_sites(mutagenesis, windows, dataset)
    weaker = (rows["signal_mutated"] < rows["signal"]).to_numpy()
    share = bootstrap.mean(weaker, rows["contig"], n, (seed, "truth", "weaker"), limits=bootstrap.SHARE)
    claim = f"{dataset}: share of windows that lose signal when {motif} sites are randomised"
    return at_least(claim, threshold, *share)
