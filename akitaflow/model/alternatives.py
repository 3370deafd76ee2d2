"""Alternative parts of the network of :mod:`akitaflow.model.network`, as compared in the paper.

=======================  ==========================================================================================
``pairs``                bins i and j become a pair by concatenation, product or maximum (:data:`PAIRS`)
``trunk: lstm``          a bidirectional LSTM instead of the dilated residual blocks (:func:`lstm`)
``convolution``          depthwise convolutions, then a matrix over channels (:func:`separable`)
``head: virtual_4c``     each bin is a viewpoint and predicts its contacts with its neighbours (:func:`virtual_4c`)
``head: zigzag``         each bin predicts the contacts of the pairs around it, as deepC does (:func:`zigzag`)
``block_order``          each block begins with its convolution (:func:`akitaflow.model.network.block`)
=======================  ==========================================================================================
"""

import math

import keras
import numpy as np
from keras import layers, ops


def lstm(a, x):
    """A bidirectional LSTM over the bins: (window_bins, c) -> (window_bins, 2 x units)."""
    units = a.lstm_units or _similar_units(a, x.shape[-1])
    return layers.Bidirectional(layers.LSTM(units, return_sequences=True), name="lstm")(x)


def _similar_units(a, channels):
    """Number of units that gives LSTM and bottleneck as many weights as dilated blocks and bottleneck."""
    per_channel = a.bottleneck_kernel * a.bottleneck_filters  # weights of the bottleneck per input channel
    weights = a.dilated_blocks * 4 * channels * a.dilated_filters + per_channel * channels
    # 2 directions x 4 gates x (channels + units + 1) x units + 2 x units x per_channel = weights
    linear = 8 * (channels + 1) + 2 * per_channel
    return max(1, round((math.sqrt(linear**2 + 32 * weights) - linear) / 16))


def separable(two_d):
    """(layer class, initialisers) of a separable convolution."""
    initializers = {"depthwise_initializer": "he_normal", "pointwise_initializer": "he_normal"}
    return (layers.SeparableConv2D if two_d else layers.SeparableConv1D), initializers


class PairsOfBins(layers.Layer):
    """(batch, n, c) -> (batch, n, n, c): pairs of bins i and j, joined by the method ``join`` of a subclass."""

    width = 1  # channels of a pair for each channel of a bin

    def call(self, x):
        shape = (ops.shape(x)[0], x.shape[1], x.shape[1], x.shape[2])
        return self.join(ops.broadcast_to(ops.expand_dims(x, 2), shape), ops.broadcast_to(ops.expand_dims(x, 1), shape))

    def compute_output_shape(self, shape):
        return (shape[0], shape[1], shape[1], shape[2] * self.width)


class ConcatenatedPairs(PairsOfBins):
    """(batch, n, c) -> (batch, n, n, 2 c): the channels of bin i, then those of bin j."""

    width = 2

    def join(self, first, second):
        return ops.concatenate([first, second], axis=-1)


class ProductOfPairs(PairsOfBins):
    """(batch, n, c) -> (batch, n, n, c): the product of bins i and j, channel by channel."""

    def join(self, first, second):
        return first * second


class MaximumOfPairs(PairsOfBins):
    """(batch, n, c) -> (batch, n, n, c): the larger of bins i and j, channel by channel."""

    def join(self, first, second):
        return ops.maximum(first, second)


#: Layers that combine the features of two bins, by the name of the form.
PAIRS = {"concatenate": ConcatenatedPairs, "product": ProductOfPairs, "max": MaximumOfPairs}


def virtual_4c(a, x, outputs):
    """Each bin as viewpoint: (window_bins, c) -> (n_values, outputs), the mean of the predictions of both bins.

    One linear layer predicts, from the features of a bin, its contacts with the bins at every distance to its right and
    to its left. A pair is predicted twice; training minimises the mean of both errors (:class:`MeanOfViews`), and
    :func:`akitaflow.training.comparison.asymmetry` measures their difference.
    """
    distances = a.map_bins - a.diagonal_offset
    x = layers.Cropping1D(a.crop_bins, name="crop")(x)
    x = _linear(x, 2 * distances * outputs)
    x = Gather(view_index(a.map_bins, a.diagonal_offset), outputs, name="views", dtype="float32")(x)
    return MeanOfViews(name="mean_of_views", dtype="float32")(x)


def view_index(n_bins, offset):
    """Indices of the two views of each pair in the flattened predictions of all viewpoints.

    The predictions of a viewpoint are the distances ``offset`` to ``n_bins - 1`` to its right, then to its left.

    Returns
    -------
    ndarray of int64, shape (values, 2)
        For each pair (i, j), i < j, in the order of the upper triangle: the view of bin i to the right and the view of
        bin j to the left.
    """
    rows, columns = np.triu_indices(n_bins, offset)
    distances = n_bins - offset
    index = columns - rows - offset  # of the distance
    return np.stack([rows * 2 * distances + index, columns * 2 * distances + distances + index], axis=-1)


def zigzag(a, x, outputs):
    """Each bin predicts the zig-zag pole of pairs centred on it: (window_bins, c) -> (n_values, outputs).

    The pole of bin c contains the pairs (c, c), (c, c + 1), (c - 1, c + 1), (c - 1, c + 2) and so on: at distance d the
    pair (c - floor(d / 2), c + ceil(d / 2)). The poles of all bins cover the map.
    """
    x = layers.Cropping1D(a.crop_bins, name="crop")(x)
    x = _linear(x, (a.map_bins - a.diagonal_offset) * outputs)
    return Gather(pole_index(a.map_bins, a.diagonal_offset), outputs, name="poles", dtype="float32")(x)


def pole_index(n_bins, offset):
    """Index of each pair in the flattened predictions of all poles.

    The predictions of a pole are the distances ``offset`` to ``n_bins - 1``.

    Returns
    -------
    ndarray of int64, shape (values,)
        In the order of the upper triangle.
    """
    rows, columns = np.triu_indices(n_bins, offset)
    distance = columns - rows
    centre = rows + distance // 2
    return centre * (n_bins - offset) + distance - offset


def _linear(x, numbers):
    return layers.Dense(numbers, kernel_initializer="he_normal", dtype="float32", name="final")(x)


class Gather(layers.Layer):
    """Predictions of bins, reordered.

    Takes (batch, n, values of a bin x outputs), returns ``(batch, *shape of index, outputs)``.
    """

    def __init__(self, index, outputs, **kwargs):
        super().__init__(**kwargs)
        self.index, self.outputs = index, outputs

    def call(self, x):
        flat = ops.reshape(x, (-1, x.shape[1] * x.shape[2] // self.outputs, self.outputs))
        return ops.take(flat, self.index, axis=1)

    def compute_output_shape(self, shape):
        return (shape[0], *self.index.shape, self.outputs)


class MeanOfViews(layers.Layer):
    """(batch, values, 2, outputs) -> (batch, values, outputs): the mean of two views a and b.

    The mean of the squared errors of a and b is the squared error of their mean plus ((a - b) / 2)^2; the second term
    is added as a loss.
    """

    def call(self, x):
        self.add_loss(ops.mean(ops.square((x[:, :, 0] - x[:, :, 1]) * 0.5)))
        return ops.mean(x, axis=2)

    def compute_output_shape(self, shape):
        return (shape[0], shape[1], shape[3])


HEADS = {"virtual_4c": virtual_4c, "zigzag": zigzag}


def views(network):
    """A network that returns both predictions of each pair, if the network has two.

    Parameters
    ----------
    network : keras.Model
        Of :func:`akitaflow.model.network.build`.

    Returns
    -------
    keras.Model or None
        (batch, length, 4) -> two tensors (batch, values, outputs): predictions of (i, j) and of (j, i), i < j. None if
        the network predicts each pair once, as ``zigzag`` does.
    """
    names = {layer.name for layer in network.layers}
    if "views" in names:
        pairs = network.get_layer("views").output
        return keras.Model(network.input, [pairs[:, :, 0], pairs[:, :, 1]])
    if "map" not in names:
        return None
    maps = network.get_layer("crop").output
    triangle, final = network.get_layer("upper_triangle"), network.get_layer("final")
    transposed = ops.transpose(maps, (0, 2, 1, 3))
    return keras.Model(network.input, [final(triangle(maps)), final(triangle(transposed))])
