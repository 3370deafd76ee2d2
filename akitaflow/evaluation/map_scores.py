"""Scores of predicted maps on the device that computed them.

On a CPU maps are arrays, scored by :mod:`akitaflow.evaluation.scores`. On a GPU they are tensors, 2 MB each at the
published size. The same formulas are computed there in 64-bit floats, so that only the scores are copied.
"""

from functools import cache

import numpy as np

from akitaflow.evaluation import scores


def disruption(prediction):
    """mean((reference - values)^2), squared log units.

    Parameters
    ----------
    prediction : akitaflow.prediction.stream.Prediction

    Returns
    -------
    ndarray of float64, shape (outputs,)
    """
    return _score("disruption", prediction.reference_map, prediction.map)


def change_in_signal(prediction):
    """mean(reference^2) - mean(values^2), squared log units; as :func:`disruption`."""
    return _score("change_in_signal", prediction.reference_map, prediction.map)


def correlation(prediction):
    """Pearson's correlation of reference and values, NaN where one of them is constant; as :func:`disruption`."""
    return _score("pearson", prediction.reference_map, prediction.map)


def signal(prediction):
    """mean(values^2), squared log units; as :func:`disruption`."""
    return _score("signal", prediction.map)


def insulation(prediction, measure):
    """Insulation of each bin.

    Parameters
    ----------
    prediction : akitaflow.prediction.stream.Prediction
    measure : akitaflow.analyses.insulation.Insulation

    Returns
    -------
    ndarray of float64, shape (map_bins, outputs)
    """
    if isinstance(prediction.map, np.ndarray):
        return measure(prediction.map)
    return _on_device(measure)(prediction.map).numpy()


def _score(name, *maps):
    if all(isinstance(values, np.ndarray) for values in maps):
        return getattr(scores, name)(*maps, axis=0)
    return _compiled()[name](*maps).numpy()


@cache
def _compiled():
    """The scores as functions of tensors. TensorFlow is imported only if a map is a tensor."""
    import tensorflow as tf

    def pairs(reference, values):
        a, b = tf.cast(reference, tf.float64), tf.cast(values, tf.float64)
        finite = tf.math.is_finite(a) & tf.math.is_finite(b)
        zero = tf.zeros_like(a)
        return tf.where(finite, a, zero), tf.where(finite, b, zero), tf.cast(finite, tf.float64)

    def mean(x, finite):
        return tf.reduce_sum(x * finite, axis=0) / tf.reduce_sum(finite, axis=0)

    def disruption(reference, values):
        a, b, finite = pairs(reference, values)
        return mean(tf.square(a - b), finite)

    def change_in_signal(reference, values):
        a, b, finite = pairs(reference, values)
        return mean(a * a, finite) - mean(b * b, finite)

    def signal(values):
        a, _, finite = pairs(values, values)
        return mean(a * a, finite)

    def pearson(reference, values):
        a, b, finite = pairs(reference, values)
        da, db = (a - mean(a, finite)) * finite, (b - mean(b, finite)) * finite
        va, vb = tf.reduce_sum(da * da, axis=0), tf.reduce_sum(db * db, axis=0)
        # as in scores.pearson: the variance of a constant array is due to rounding of the mean
        tiny = (4 * np.finfo(float).eps) ** 2
        varies = (va > tiny * tf.reduce_sum(a * a, axis=0)) & (vb > tiny * tf.reduce_sum(b * b, axis=0))
        r = tf.reduce_sum(da * db, axis=0) / tf.sqrt(tf.where(varies, va * vb, tf.ones_like(va)))
        return tf.where(varies, tf.clip_by_value(r, -1.0, 1.0), np.nan * tf.ones_like(r))

    functions = {"disruption": disruption, "change_in_signal": change_in_signal, "signal": signal, "pearson": pearson}
    return {name: tf.function(function, reduce_retracing=True) for name, function in functions.items()}


@cache
def _on_device(measure):
    """``measure`` as a function of tensors."""
    import tensorflow as tf

    matrix = measure.mean.tocoo()
    index = np.column_stack([matrix.row, matrix.col]).astype(np.int64)
    matrix = tf.sparse.reorder(tf.SparseTensor(index, matrix.data, matrix.shape))
    undefined = np.where(measure.defined, 0.0, np.nan)[:, None]

    @tf.function(reduce_retracing=True)
    def insulation(values):
        return tf.sparse.sparse_dense_matmul(matrix, tf.cast(values, tf.float64)) + undefined

    return insulation
