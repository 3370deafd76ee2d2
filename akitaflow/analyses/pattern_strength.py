"""Strength of the patterns of a window, mean(map^2), predicted and measured, and its correlation with genomic tracks.

The strength of a map is :func:`akitaflow.evaluation.scores.signal`. The paper compares predicted and measured strength
over the test windows, and both with the mean CTCF and DNase signal of the window (Supplementary Fig. 2).
"""

import pandas as pd

from akitaflow.dataset.windows import WINDOW_COLUMNS
from akitaflow.evaluation import bootstrap, scores

CORRELATIONS = ["x", "y", "spearman", "low", "high", "n_windows", "n_contigs"]
PREDICTED, MEASURED = "predicted", "measured"


def window_strength(windows, targets, predictions, tracks):
    """Strength of the maps and mean signal of the tracks in each window.

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
        track: its mean over the bins with a value, NaN if there are none.
    """
    table = windows[WINDOW_COLUMNS].reset_index(drop=True)
    table[MEASURED] = scores.signal(targets, axis=-1)
    table[PREDICTED] = scores.signal(predictions, axis=-1)
    for name, values in tracks.items():
        table[name] = scores.mean(values, axis=1)
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
        ``(seed, *names)`` of :func:`akitaflow.evaluation.bootstrap.estimate`.

    Returns
    -------
    DataFrame
        x, y, spearman, low, high (95 % interval, NaN with fewer than 5 contigs), n_windows, n_contigs.
    """
    pairs = [(MEASURED, PREDICTED), *[(track, y) for track in tracks for y in (MEASURED, PREDICTED)]]
    return pd.DataFrame([_correlation(table, x, y, n, (*seed, x, y)) for x, y in pairs], columns=CORRELATIONS)


def _correlation(table, x, y, n, seed):
    known = table.dropna(subset=[x, y])
    values = (known[name].to_numpy() for name in (x, y))
    spearman = bootstrap.rank_correlation(*values, known["contig"], n, seed)
    return (x, y, *spearman, len(known), known["contig"].nunique())
