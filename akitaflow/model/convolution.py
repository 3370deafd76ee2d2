"""A 1D convolution with a fast gradient for long sequences on a CPU.

TensorFlow's gradient of a long 1D convolution runs on one core and takes as long as many forward passes. This layer
computes the same gradient with fast operations: a convolution with the flipped kernel for the input, and one matrix
product per tap for the kernel. It is faster from about :data:`LONG` positions (``benchmarks/training_step.py``).
Shorter sequences and GPUs use TensorFlow's own gradient.
"""

import keras
import tensorflow as tf

LONG = 2**15  #: positions from which the gradient by matrix products is faster
MIN_CHANNELS = 16  # with fewer channels (the one-hot sequence) the matrix products are slow


class Convolution1D(keras.layers.Conv1D):
    """Keras's Conv1D (stride 1, padding "same", no bias) with the faster of the two gradients."""

    def call(self, inputs):
        length, channels = inputs.shape[1:]
        if length < LONG or channels < MIN_CHANNELS or tf.config.list_logical_devices("GPU"):
            return super().call(inputs)
        return convolve(inputs, tf.convert_to_tensor(self.kernel), self.dilation_rate[0])


def convolve(x, kernel, rate=1):
    """1D convolution with stride 1 and padding "same", differentiable once.

    Parameters
    ----------
    x : tensor, shape (batch, length, channels)
    kernel : tensor, shape (taps, channels, filters)
    rate : int
        Dilation.

    Returns
    -------
    tensor, shape (batch, length, filters)
    """
    reach = (kernel.shape[0] - 1) * rate
    before = reach // 2  # TensorFlow's "SAME": an even kernel reaches further to the right
    after = reach - before

    @tf.custom_gradient
    def forward(x, kernel):
        def backward(dy):
            flipped = tf.transpose(kernel[::-1], (0, 2, 1))
            padded_dy = tf.pad(dy, ((0, 0), (after, before), (0, 0)))
            dx = tf.nn.convolution(padded_dy, flipped, padding="VALID", dilations=rate)
            padded_x = tf.pad(x, ((0, 0), (before, after), (0, 0)))
            length = tf.shape(dy)[1]
            taps = [_product(padded_x[:, t * rate : t * rate + length], dy) for t in range(kernel.shape[0])]
            return dx, tf.stack(taps)

        return tf.nn.convolution(x, kernel, padding="SAME", dilations=rate), backward

    return forward(x, kernel)


def _product(x, dy):
    """(batch, length, channels), (batch, length, filters) -> (channels, filters)."""
    return tf.matmul(tf.reshape(x, (-1, x.shape[-1])), tf.reshape(dy, (-1, dy.shape[-1])), transpose_a=True)
