"""Block bootstrap: confidence intervals by resampling blocks of items with replacement (percentile method).

Items are windows or bins and blocks are usually contigs. Windows of one contig overlap or are adjacent, so they are not
independent; contigs are.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from akitaflow.evaluation import scores
from akitaflow.seeds import generator

LEVEL = 0.95  # coverage of the intervals


class Estimate(NamedTuple):
    """A statistic and its interval; NaN where undefined."""

    value: float
    low: float
    high: float


def estimate(statistic, blocks, n, seed, level=LEVEL, min_blocks=1):
    """A statistic of all items, with its interval.

    Parameters
    ----------
    statistic : callable
        Takes an integer index array into the items (with repetitions) and returns a float.
    blocks : array_like, shape (items,)
        Block (contig) of each item.
    n : int
        Number of resamples.
    seed : tuple
        (seed, *names) of :func:`akitaflow.seeds.generator`.
    level : float
        Coverage of the interval.
    min_blocks : int
        With fewer blocks the interval is NaN. The only resample of a single block is the data.

    Returns
    -------
    Estimate
        Resamples with a NaN statistic are left out. The value is NaN without items, the interval is NaN if the
        statistic is NaN in all resamples.
    """
    numbers = _block_numbers(blocks)
    if not len(numbers):
        return Estimate(*[float("nan")] * 3)
    value = float(statistic(np.arange(len(numbers))))
    members = [np.flatnonzero(numbers == block) for block in range(numbers.max() + 1)]
    if len(members) < min_blocks:
        return Estimate(value, float("nan"), float("nan"))
    drawn = _draw(len(members), n, seed)
    resampled = [statistic(np.concatenate([members[block] for block in row])) for row in drawn]
    return Estimate(value, *percentile_interval(resampled, level))


def difference(first, second, blocks, n, seed, level=LEVEL, min_blocks=1):
    """The difference of two statistics of the same items, both computed on the same resamples.

    Parameters
    ----------
    first, second : callable
        As the statistic of :func:`estimate`.
    blocks, n, seed, level, min_blocks
        As in :func:`estimate`.

    Returns
    -------
    Estimate
        Of ``first - second``.
    """
    return estimate(lambda items: first(items) - second(items), blocks, n, seed, level, min_blocks)


def mean(values, blocks, n, seed, level=LEVEL, min_blocks=1):
    """The mean of values, ndarray of shape (items,), with its interval; other arguments as in :func:`estimate`."""
    return estimate(lambda items: values[items].mean(), blocks, n, seed, level, min_blocks)


def rank_correlation(first, second, blocks, n, seed, level=LEVEL, min_blocks=1):
    """Spearman's correlation of two ndarrays of shape (items,), with its interval.

    Other arguments as in :func:`estimate`. Ties have their mean rank (:func:`akitaflow.evaluation.scores.spearman`).
    """
    return estimate(lambda items: scores.spearman(first[items], second[items]), blocks, n, seed, level, min_blocks)


def resampling_weights(blocks, n, seed):
    """Number of times that each item is in each resample.

    With these weights the mean of many columns can be resampled at once: ``weights @ values / weights.sum(axis=1)``,
    and :func:`percentile_interval` of that. The resamples are those of :func:`estimate` with the same seed.

    Parameters
    ----------
    blocks, n, seed
        As in :func:`estimate`.

    Returns
    -------
    ndarray of float64, shape (n, items)
    """
    numbers = _block_numbers(blocks)
    n_blocks = numbers.max() + 1
    counts = np.apply_along_axis(np.bincount, 1, _draw(n_blocks, n, seed), minlength=n_blocks)
    return counts[:, numbers].astype(float)


def percentile_interval(values, level=LEVEL):
    """Central interval of the finite values.

    Parameters
    ----------
    values : array_like
    level : float
        Fraction of the values in the interval.

    Returns
    -------
    (low, high) : tuple of float
        NaN without a finite value.
    """
    values = np.asarray(values, float)
    values = values[np.isfinite(values)]
    if not len(values):
        return (float("nan"), float("nan"))
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return (float(low), float(high))


def _block_numbers(blocks):
    """Index of each item's block in the order of first appearance; ndarray of int, shape (items,)."""
    return pd.factorize(np.asarray(blocks), use_na_sentinel=False)[0]


def _draw(n_blocks, n, seed):
    """Blocks of each resample, ndarray of int, shape (n, n_blocks)."""
    return generator(*seed).integers(n_blocks, size=(n, n_blocks))
