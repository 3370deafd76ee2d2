"""Claims on the model: accuracy, and what is left without the sites that fold. Intervals: bootstrap over contigs."""

import pandas as pd

from akitaflow.evaluation import bootstrap
from akitaflow.evaluation.accuracy import intervals
from akitaflow.truth import at_least, at_most


def accuracy(targets, predictions, contigs, dataset, threshold, n, seed):
    """Pooled Pearson correlation of prediction and target.

    Parameters
    ----------
    targets, predictions : ndarray, shape (windows, n_values)
    contigs : array_like, shape (windows,)
    dataset : str
        For the name of the claim.
    threshold : float
    n, seed : int
        Of the bootstrap.
    """
    pearson = intervals(targets, predictions, contigs, n, (seed, "truth", "accuracy"))["pearson"]
    return at_least(f"{dataset}: Pearson correlation of prediction and target", threshold, *pearson)


def noise_free(truth, predictions, contigs, dataset, threshold, n, seed):
    """Pooled Pearson correlation of prediction and noise-free map; parameters as in :func:`accuracy`."""
    pearson = intervals(truth, predictions, contigs, n, (seed, "truth", "noise-free"))["pearson"]
    return at_least(f"{dataset}: Pearson correlation of prediction and noise-free map", threshold, *pearson)


def _with_sites(mutagenesis, windows, dataset):
    """Rows of a dataset's windows that have sites, with their contigs."""
    rows = mutagenesis[(mutagenesis["dataset"] == dataset) & (mutagenesis["n_sites"] > 0)]
    contigs = windows.set_index(["chrom", "start"])["contig"]
    keys = pd.MultiIndex.from_frame(rows[["chrom", "start"]])
    return rows.assign(contig=contigs.reindex(keys).to_numpy())


def signal_left(mutagenesis, windows, dataset, motif, threshold, n, seed):
    """Signal that is left without a motif's sites, as a share of the signal before.

    Parameters
    ----------
    mutagenesis : DataFrame
        windows.tsv of the motif: chrom, start, dataset, n_sites, signal, signal_mutated.
    windows : DataFrame
        chrom, start and contig of the windows of the same fold.
    dataset, motif : str
    threshold : float
    n, seed : int
        Of the bootstrap.
    """
    rows = _with_sites(mutagenesis, windows, dataset)
    before, after = rows["signal"].to_numpy(), rows["signal_mutated"].to_numpy()

    def share(items):
        total = before[items].sum()
        return after[items].sum() / total if total > 0 else float("nan")

    left = bootstrap.estimate(share, rows["contig"], n, (seed, "truth", "signal left"))
    claim = f"{dataset}: share of the signal left when {motif} sites are randomised"
    return at_most(claim, threshold, *left)


def windows_weaker(mutagenesis, windows, dataset, motif, threshold, n, seed):
    """Share of windows that lose signal without a motif's sites; parameters as in :func:`signal_left`."""
    rows = _with_sites(mutagenesis, windows, dataset)
    weaker = (rows["signal_mutated"] < rows["signal"]).to_numpy()
    share = bootstrap.mean(weaker, rows["contig"], n, (seed, "truth", "weaker"))
    claim = f"{dataset}: share of windows that lose signal when {motif} sites are randomised"
    return at_least(claim, threshold, *share)
