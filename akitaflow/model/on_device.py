"""Prediction by the Keras network, whose maps stay on the device (GPU) that computes them.

The network is compiled by XLA once it has predicted :data:`COMPILE_AFTER` bp; for fewer, compiling takes longer than it
saves. Smaller batches are padded to the size of the compiled one, so that only a larger batch
compiles the network again.
"""

import sys

import keras
import numpy as np
import tensorflow as tf

from akitaflow.model.compiled import compiling
from akitaflow.model.network import build

COMPILE_AFTER = 3000 * 2**20  #: bp; compiling takes 12 to 20 s and saves 6 ms per published window
PRECISIONS = ("float32", "bfloat16")


class OnDevice:
    """Predictions of a network that stay on the device.

    Parameters
    ----------
    network : keras.Model
    compile_after : int, optional
        bp predicted until the network is compiled; never if not given.
    """

    def __init__(self, network, compile_after=None):
        self.network, self.compile_after = network, compile_after
        self.predicted, self.batch = 0, 0  # bp predicted so far; windows per compiled batch
        signature = [tf.TensorSpec((None, network.input_shape[1]), tf.uint8)]

        def predict(codes):
            return tf.cast(network(tf.one_hot(codes, 4), training=False), tf.float32)  # the code of N, 4, gives zeros

        def predict_compiled(codes):
            with compiling():
                return predict(codes)

        self._plain = tf.function(predict, input_signature=signature, jit_compile=False)
        self._compiled = tf.function(predict_compiled, jit_compile=True)

    def predict(self, codes):
        """Predicted maps.

        Parameters
        ----------
        codes : ndarray of uint8, shape (n, length)

        Returns
        -------
        tensor of float32, shape (n, n_values, outputs)
        """
        n, length = codes.shape
        self.predicted += codes.size
        if self.compile_after is None or self.predicted <= self.compile_after or not n:
            return self._plain(codes)
        if n > self.batch:
            print(
                f"Compiling the network for batches of {n} windows, which takes a while.", file=sys.stderr, flush=True
            )
            self.batch = n
        if n < self.batch:
            codes = np.concatenate([codes, np.zeros((self.batch - n, length), np.uint8)])
        return self._compiled(tf.constant(codes))[:n]


def in_precision(network, architecture, outputs, precision):
    """A network that computes in another precision, with the same weights.

    Parameters
    ----------
    network : keras.Model
    architecture : akitaflow.model.network.Architecture
    outputs : int
    precision : {"float32", "bfloat16"}
        ``bfloat16`` keeps the weights and the last layer in 32 bits.

    Returns
    -------
    keras.Model
        For float32 the network itself.
    """
    if precision == "float32":
        return network
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        converted = build(architecture, outputs)
    finally:
        keras.config.set_dtype_policy(policy)
    for weight, original in zip(converted.weights, network.weights, strict=True):
        weight.assign(original)
    return converted
