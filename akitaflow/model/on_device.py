"""Maps on the device that computes them: the Keras network on a GPU.

Batches go through the network as it is until it has predicted so much that compiling by XLA would have paid; from then
on they are compiled. A compiled network takes batches of one size, to which smaller ones are padded, so that nothing is
compiled twice.
"""

import sys

import keras
import numpy as np
import tensorflow as tf

from akitaflow.model.compiled import compiling
from akitaflow.model.network import build

COMPILE_AFTER = 3000 * 2**20  # bp predicted: compiling takes 12 to 20 s, and a published window then 6 ms less
PRECISIONS = ("float32", "bfloat16")


class OnDevice:
    """Predictions that stay on the device.

    Parameters
    ----------
    network : keras.Model
    compile_after : int, optional
        bp predicted until the network is compiled; never if not given.
    """

    def __init__(self, network, compile_after=None):
        self.network, self.compile_after = network, compile_after
        self.predicted, self.batch = 0, 0  # bp so far; windows of a compiled batch
        signature = [tf.TensorSpec((None, network.input_shape[1]), tf.uint8)]

        def predict(codes):
            return tf.cast(network(tf.one_hot(codes, 4), training=False), tf.float32)  # N (4) becomes zeros

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
        ``bfloat16`` keeps weights and the last layer in 32 bits.

    Returns
    -------
    keras.Model
        The network itself for float32.
    """
    if precision == "float32":
        return network
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        other = build(architecture, outputs)
    finally:
        keras.config.set_dtype_policy(policy)
    for weight, given in zip(other.weights, network.weights, strict=True):
        weight.assign(given)
    return other
