"""Layers that use other operations when XLA compiles them, with the same results.

XLA's max pool is slow. So is its scatter, the gradient of a gather; with deterministic operations it is sequential.
Outside of :func:`compiling` the layers use TensorFlow's own operations.
"""

from contextlib import contextmanager
from functools import reduce

import numpy as np
import tensorflow as tf
from keras import layers, ops

_compiling = False


@contextmanager
def compiling():
    """Context manager for calls of the network inside a function with ``jit_compile=True``."""
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
    """Keras's layer; when compiled, an elementwise maximum. Of equal values in a pool the first gets the gradient."""

    def call(self, inputs):
        if not is_compiling():
            return super().call(inputs)
        pool = self.pool_size[0] if isinstance(self.pool_size, tuple) else self.pool_size
        pools = ops.reshape(inputs, (-1, inputs.shape[1] // pool, pool, inputs.shape[2]))
        return reduce(ops.maximum, [pools[:, :, position] for position in range(pool)])


class UpperTriangle(layers.Layer):
    """(batch, n, n, c) -> (batch, values, c): the upper triangle from diagonal ``offset``, row by row."""

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
    """Gather along axis 1, each index at most once, with a gradient that is also a gather."""
    inverse = np.full(x.shape[1], len(index), np.int32)  # by default the zero after the last value
    inverse[index] = np.arange(len(index))

    @tf.custom_gradient
    def take(x):
        def gradient(dy):
            return tf.gather(tf.pad(dy, ((0, 0), (0, 1), (0, 0))), inverse, axis=1)

        return tf.gather(x, index, axis=1), gradient

    return take(x)
