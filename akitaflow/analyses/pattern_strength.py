"""Strength of the patterns of a window, mean(map^2): predicted against measured, and against signals along the genome.

The strength of a map is its :func:`akitaflow.evaluation.scores.signal`: 0 for a map without features. The paper
compares predicted
and measured strength over the test windows, and both with the CTCF and DNase signal of a window (Supplementary Fig. 2).
"""

import numpy as np
import pandas as pd

from akitaflow.evaluation import scores

CORRELATIONS = ["x", "y", "spearman", "low", "high", "n_windows", "n_contigs"]
PREDICTED, MEASURED = "predicted", "measured"


def window_strength(windows, targets, predictions, tracks):
    """Strength and signals of each window.

    Parameters
    ----------
    windows : DataFrame
        window, chrom, start, end, fold, contig.
    targets, predictions : ndarray, shape (windows, n_values)
        Maps of one dataset.
    tracks : dict of str to ndarray, shape (windows, bins)
        Signal of each bin of the cropped window, NaN where there is none.

    Returns
    -------
    DataFrame
        The columns of ``windows``, ``measured``, ``predicted`` (mean(map^2), squared log units) and a column per
        track: its mean over the bins that have a value, NaN if none has.
    """
    table = windows[["window", "chrom", "start", "end", "fold", "contig"]].reset_index(drop=True)
    table[MEASURED] = scores.signal(targets, axis=-1)
    table[PREDICTED] = scores.signal(predictions, axis=-1)
    for name, values in tracks.items():
        known = np.isfinite(values)
        total = np.where(known, values, 0).sum(axis=1)
        table[name] = np.where(known.any(axis=1), total / np.maximum(known.sum(axis=1), 1), np.nan)
    return table


def correlations(table, tracks, n, seed):
    """Rank correlations between the columns of :func:`window_strength`, with intervals over contigs.

    Parameters
    ----------
    table : DataFrame
        Of :func:`window_strength`.
    tracks : list of str
        Names of its tracks.
    n : int
        Resamples.
    seed : tuple
        (seed, *names) of :func:`akitaflow.evaluation.scores.bootstrap_blocks`.

    Returns
    -------
    DataFrame
        x, y, spearman, low, high (95 %, bootstrap over contigs; NaN with a single contig), n_windows, n_contigs.
    """
    pairs = [(MEASURED, PREDICTED), *[(track, y) for track in tracks for y in (MEASURED, PREDICTED)]]
    return pd.DataFrame([_correlation(table, x, y, n, (*seed, x, y)) for x, y in pairs], columns=CORRELATIONS)


def _correlation(table, x, y, n, seed):
    known = table.dropna(subset=[x, y])
    a, b = known[x].to_numpy(), known[y].to_numpy()
    contigs = known["contig"].nunique()

    def statistic(items):
        return float(scores.spearman(a[items], b[items])) if len(items) > 1 else float("nan")

    low = high = float("nan")
    if contigs > 1:
        low, high = scores.bootstrap_blocks(statistic, known["contig"], n, seed)
    return (x, y, statistic(np.arange(len(known))), low, high, len(known), contigs)
