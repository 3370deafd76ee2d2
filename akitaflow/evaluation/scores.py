"""Scores: agreement of two maps, strength of a map, effect of a perturbation.

Every score uses the pairs of values that are finite in both arrays and reduces all axes (``axis=None``) or one. With
maps of shape (windows, values, outputs), ``axis=1`` scores each window and output separately.
"""

import numpy as np
from scipy.stats import rankdata


def _pairs(a, b, axis):
    """Both arrays as float64 with the reduced axis last, NaN where either is not finite."""
    a, b = np.broadcast_arrays(np.asarray(a, np.float64), np.asarray(b, np.float64))
    if axis is None:
        a, b = a.ravel(), b.ravel()
    else:
        a, b = np.moveaxis(a, axis, -1), np.moveaxis(b, axis, -1)
    finite = np.isfinite(a) & np.isfinite(b)
    if not finite.all():
        a, b = np.where(finite, a, np.nan), np.where(finite, b, np.nan)
    return a, b, finite


def _mean(values, finite):
    """Mean of the finite values of the last axis; NaN where there are none."""
    count = finite.sum(-1)
    total = np.where(finite, values, 0.0).sum(-1)
    return np.divide(total, count, out=np.full(np.shape(total), np.nan), where=count > 0)[()]


def mean(values, axis=None):
    """Mean of the finite values.

    Parameters
    ----------
    values : array_like
    axis : int or None
        Axis to reduce; None for all.

    Returns
    -------
    float64 scalar or ndarray
        NaN where there is no finite value.
    """
    values = np.asarray(values)
    values = values.ravel() if axis is None else np.moveaxis(values, axis, -1)
    return _mean(values, np.isfinite(values))


def mse(target, prediction, axis=None):
    """Mean squared difference of the finite pairs, in squared log units.

    Parameters
    ----------
    target, prediction : array_like of the same shape
    axis : int or None
        Axis to reduce; None for all.

    Returns
    -------
    float64 scalar or ndarray
        NaN where there is no finite pair.
    """
    a, b, finite = _pairs(target, prediction, axis)
    return _mean((a - b) ** 2, finite)


def pearson(target, prediction, axis=None):
    """Pearson's correlation of the finite pairs.

    Parameters
    ----------
    target, prediction : array_like of the same shape
    axis : int or None
        Axis to reduce; None for all.

    Returns
    -------
    float64 scalar or ndarray
        NaN with fewer than two pairs or where either side is constant.
    """
    a, b, finite = _pairs(target, prediction, axis)
    da = np.where(finite, a - np.expand_dims(_mean(a, finite), -1), 0.0)
    db = np.where(finite, b - np.expand_dims(_mean(b, finite), -1), 0.0)
    va, vb = (da**2).sum(-1), (db**2).sum(-1)
    scale = np.sqrt(va) * np.sqrt(vb)
    # a constant array has a variance of about (eps * value)^2 per value, from the rounding of the mean
    size = np.where(finite, a, 0.0), np.where(finite, b, 0.0)
    floor = [(np.finfo(float).eps * 4) ** 2 * (s**2).sum(-1) for s in size]
    varies = (finite.sum(-1) > 1) & (va > floor[0]) & (vb > floor[1])
    r = np.divide((da * db).sum(-1), scale, out=np.full(np.shape(scale), np.nan), where=varies)
    return np.clip(r, -1.0, 1.0)[()]


def spearman(target, prediction, axis=None):
    """Spearman's rank correlation of the finite pairs, ties at their mean rank.

    Parameters
    ----------
    target, prediction : array_like of the same shape
    axis : int or None
        Axis to reduce; None for all.

    Returns
    -------
    float64 scalar or ndarray
        NaN with fewer than two pairs or where either side is constant.
    """
    a, b, _ = _pairs(target, prediction, axis)
    if a.size == 0:
        return pearson(a, b, axis=-1)
    # ranks among the finite pairs; the rank of NaN is NaN
    return pearson(rankdata(a, axis=-1, nan_policy="omit"), rankdata(b, axis=-1, nan_policy="omit"), axis=-1)


def moments(target, prediction, axis=-1):
    """Sums from which pooled scores of any set of windows can be computed, for fast resampling.

    Parameters
    ----------
    target, prediction : array_like of the same shape
    axis : int
        Axis to reduce.

    Returns
    -------
    ndarray of float64, shape (..., 6)
        Number of finite pairs, then sums of t, p, t*t, p*p, t*p. Additive over windows.
    """
    a, b, finite = _pairs(target, prediction, axis)
    a, b = np.where(finite, a, 0.0), np.where(finite, b, 0.0)
    return np.stack([finite.sum(-1), a.sum(-1), b.sum(-1), (a * a).sum(-1), (b * b).sum(-1), (a * b).sum(-1)], -1)


def pearson_of_moments(sums):
    """Pooled Pearson correlation of summed :func:`moments`, shape (..., 6) -> (...)."""
    n, a, b, aa, bb, ab = np.moveaxis(np.asarray(sums, np.float64), -1, 0)
    va, vb = n * aa - a * a, n * bb - b * b
    tiny = 1e-12 * n
    varies = (va > tiny * aa) & (vb > tiny * bb)
    scale = np.sqrt(np.where(varies, va * vb, 1.0))
    return np.where(varies, (n * ab - a * b) / scale, np.nan)[()]


def mse_of_moments(sums):
    """Pooled mean squared difference of summed :func:`moments`, shape (..., 6) -> (...)."""
    n, _, _, aa, bb, ab = np.moveaxis(np.asarray(sums, np.float64), -1, 0)
    return np.divide(aa + bb - 2 * ab, n, out=np.full(np.shape(n), np.nan), where=n > 0)[()]


def disruption(reference, alternative, axis=None):
    """Mean squared change of a map by a perturbation, ``mean((ref - alt)^2)``; arguments as in :func:`mse`."""
    return mse(reference, alternative, axis)


def signal(values, axis=None):
    """Strength of the patterns of a map, ``mean(values^2)``; 0 for a featureless map. Arguments as in :func:`mse`."""
    return mse(values, 0.0, axis)


def change_in_signal(reference, alternative, axis=None):
    """Loss of signal by a perturbation, ``mean(ref^2) - mean(alt^2)`` over the finite pairs; > 0 for weaker patterns.

    Parameters
    ----------
    reference, alternative : array_like of the same shape
    axis : int or None
        Axis to reduce; None for all.

    Returns
    -------
    float64 scalar or ndarray
    """
    a, b, finite = _pairs(reference, alternative, axis)
    return _mean(a**2, finite) - _mean(b**2, finite)
