"""Layers that take other operations where XLA compiles them, with the same results.

XLA has no fast max pool, and the gradient of a gather is a scatter, which it runs slowly or, with deterministic
operations, one value after the other. Outside of :func:`compiling` TensorFlow's own operations are used.
"""

from contextlib import contextmanager
from functools import reduce

import numpy as np
import tensorflow as tf
from keras import layers, ops

_compiling = False


@contextmanager
def compiling():
    """To be entered inside a function with ``jit_compile=True``, around the network's call."""
    global _compiling
    before, _compiling = _compiling, True
    try:
        yield
    finally:
        _compiling = before


def is_compiling():
    """Whether layers are called inside :func:`compiling`."""
    return _compiling


class MaxPooling1D(layers.MaxPooling1D):
    """Keras's layer; compiled, the maximum of the places in a pool. Of equal places the first takes the gradient."""

    def call(self, inputs):
        if not is_compiling():
            return super().call(inputs)
        pool = self.pool_size[0] if isinstance(self.pool_size, tuple) else self.pool_size
        places = ops.reshape(inputs, (-1, inputs.shape[1] // pool, pool, inputs.shape[2]))
        return reduce(ops.maximum, [places[:, :, place] for place in range(pool)])


class UpperTriangle(layers.Layer):
    """(batch, n, n, c) -> (batch, values, c): row by row from a diagonal on."""

    def __init__(self, offset, **kwargs):
        super().__init__(**kwargs)
        self.offset = offset

    def call(self, x):
        n = x.shape[1]
        rows, columns = np.triu_indices(n, self.offset)
        pixels = ops.reshape(x, (-1, n * n, x.shape[-1]))
        index = rows * n + columns
        return _take(pixels, index) if is_compiling() else ops.take(pixels, index, axis=1)

    def compute_output_shape(self, shape):
        side = shape[1] - self.offset
        return (shape[0], side * (side + 1) // 2, shape[-1])


def _take(x, index):
    """Members of axis 1, each at most once; the gradient is a gather too."""
    inverse = np.full(x.shape[1], len(index), np.int32)  # behind the last value: zero
    inverse[index] = np.arange(len(index))

    @tf.custom_gradient
    def take(x):
        def gradient(dy):
            return tf.gather(tf.pad(dy, ((0, 0), (0, 1), (0, 0))), inverse, axis=1)

        return tf.gather(x, index, axis=1), gradient

    return take(x)
