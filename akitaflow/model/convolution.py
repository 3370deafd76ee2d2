"""A 1D convolution whose gradient on a CPU is made of fast operations where sequences are long.

TensorFlow's gradient of a long 1D convolution costs many forward passes on a CPU and runs on one core. The layer here
gets the same numbers from what is fast: the gradient of the input is a convolution with the flipped kernel, the
gradient of the kernel is one matrix product per tap. It pays from about :data:`LONG` positions on
(``benchmarks/training_step.py`` measures it); shorter sequences and GPUs keep TensorFlow's own gradient.
"""

import keras
import tensorflow as tf

LONG = 2**15  # positions from which the gradient by matrix products is the faster one
MIN_CHANNELS = 16  # with fewer (the one-hot sequence) the matrix products are too narrow to be fast


class Convolution1D(keras.layers.Conv1D):
    """Keras's Conv1D (stride 1, padding "same", no bias) with the gradient that is the faster one."""

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
