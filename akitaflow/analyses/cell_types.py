"""Predicted and measured differences between the maps of two datasets (cell types).

A model with several outputs predicts a map for each dataset from one sequence, and so their difference. The difference
of the predicted maps, second minus first, is compared with that of the targets (Supplementary Fig. 4).
"""

import numpy as np
import pandas as pd

from akitaflow.dataset.windows import WINDOW_COLUMNS, choose_strongest
from akitaflow.evaluation import scores
from akitaflow.evaluation.accuracy import intervals

POOLED = ["first", "second", "metric", "measured", "low", "high", "n_windows", "n_contigs"]


def difference(first, second):
    """Targets and predictions of the second dataset minus those of the first.

    Parameters
    ----------
    first, second : (targets, predictions), each ndarray, shape (windows, n_values)
        Of :func:`akitaflow.evaluation.accuracy.read_dataset`.

    Returns
    -------
    (measured, predicted) : tuple of ndarray, shape (windows, n_values)
    """
    return tuple(b - a for a, b in zip(first, second, strict=True))


def window_table(windows, measured, predicted):
    """Correlations and strengths of the measured and predicted difference in each window.

    Parameters
    ----------
    windows : DataFrame
        window, chrom, start, end, fold, contig.
    measured, predicted : ndarray, shape (windows, n_values)
        Of :func:`difference`.

    Returns
    -------
    DataFrame
        The columns of ``windows``, pearson and spearman of the two differences, and their strengths (mean of squares):
        ``strength_measured``, ``strength_predicted``.
    """
    table = windows[WINDOW_COLUMNS].reset_index(drop=True)
    for name in ("pearson", "spearman"):
        table[name] = getattr(scores, name)(measured, predicted, axis=-1)
    table["strength_measured"] = scores.signal(measured, axis=-1)
    table["strength_predicted"] = scores.signal(predicted, axis=-1)
    return table


def pooled_table(measured, predicted, contigs, names, n, seed):
    """Correlations of measured and predicted differences over all windows, with 95 % intervals over contigs.

    Parameters
    ----------
    measured, predicted : ndarray, shape (windows, n_values)
    contigs : array_like, shape (windows,)
    names : (str, str)
        First and second dataset.
    n : int
        Resamples.
    seed : tuple
        ``(seed, *names)`` of the bootstrap.

    Returns
    -------
    DataFrame
        first, second, metric (``pearson``: pooled; ``pearson_window_median``), measured, low, high, n_windows,
        n_contigs.
    """
    estimates = intervals(measured, predicted, contigs, n, seed)
    numbers = (len(measured), len(np.unique(contigs)))
    rows = [(*names, metric, *estimate, *numbers) for metric, estimate in estimates.items()]
    return pd.DataFrame(rows, columns=POOLED)


def choose_examples(table, n):
    """Rows of at most n non-overlapping windows with the largest measured difference, the largest first."""
    return choose_strongest(table, "strength_measured", n)
