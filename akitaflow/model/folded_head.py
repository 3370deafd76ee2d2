"""All layers after the tower, from bins to the values of the map: folded or in Keras."""

import keras
import numpy as np
import tensorflow as tf

from akitaflow.model.folded import fold, sides


class Head:
    """All layers after the tower: (n, window_bins, tower filters) -> (n, n_values, outputs).

    Parameters
    ----------
    network : keras.Model
    architecture : akitaflow.model.network.Architecture
        Of the published form (:func:`akitaflow.model.folded.has_folded_head`).

    Attributes
    ----------
    maps : callable
        Function of a tensor of float32 (n, window_bins, tower filters) that returns one of (n, n_values, outputs).
    """

    def __init__(self, network, architecture):
        a = self.architecture = architecture
        self._dilated = [
            (*fold(network, f"dilated_{i}_wide"), *fold(network, f"dilated_{i}_back")) for i in range(a.dilated_blocks)
        ]
        self._bottleneck = fold(network, "bottleneck")
        self._blocks = [(*fold(network, f"map_{i}_wide"), *fold(network, f"map_{i}_back")) for i in range(a.map_blocks)]
        self._rates = [round(a.map_rate**i) for i in range(a.map_blocks)]
        # bins cut from each side before a block: those too far from the cropped map for all later blocks to read
        self.crops = [max(0, a.crop_bins - sum(self._rates[i:])) for i in range(a.map_blocks)] + [a.crop_bins]
        self._fold_pairs(*fold(network, "map_first"))
        rows, columns = np.triu_indices(a.map_bins, a.diagonal_offset)
        self._upper = (rows * a.map_bins + columns).astype(np.int32)
        self._lower = (columns * a.map_bins + rows).astype(np.int32)
        final = network.get_layer("final")
        self._final, self._final_bias = final.kernel.numpy(), final.bias.numpy()
        filters = network.get_layer("tower").output.shape[-1]
        signature = [tf.TensorSpec((None, a.window_bins, filters), tf.float32)]
        self.maps = tf.function(self._maps, input_signature=signature, jit_compile=False)

    def macs(self):
        """Number of multiplications for one window."""
        a = self.architecture
        total = sum(wide.size + back.size for wide, _, back, _ in self._dilated) * a.window_bins
        total += (self._bottleneck[0].size + self._pair_kernel.size) * a.window_bins
        for i, (wide, _, back, _) in enumerate(self._blocks, start=1):
            kernels = wide.size + (back.size if i < a.map_blocks else 0)
            total += kernels * (a.window_bins - 2 * self.crops[i]) ** 2
        shared = self._final.shape[0] + (self._blocks[-1][2].shape[2] if self._blocks else 0)
        return total + a.n_values * shared * self._final.shape[1]

    def _fold_pairs(self, kernel, bias):
        """Mean of pairs, distance, first 2D convolution and symmetrisation as a 1D convolution and a constant."""
        a, n = self.architecture, self.architecture.window_bins
        taps, filters = len(kernel), kernel.shape[-1]
        before, after = sides(taps)
        first = np.maximum(before - np.arange(n), 0)  # first tap inside the window, by bin
        last = np.minimum(n - 1 + before - np.arange(n), taps - 1)
        # bins of one kind have the same taps inside the window
        kinds, kind = np.unique(np.stack([first, last]), axis=1, return_inverse=True)
        kind = kind.reshape(-1)
        # a quarter: half of the mean of a pair, half of the mean of the map and its transpose
        channels = kernel[:, :, : a.bottleneck_filters].astype(np.float64) / 4
        summed = [
            channels[:, low : high + 1].sum(axis=1) + channels[low : high + 1].sum(axis=0) for low, high in kinds.T
        ]
        self._pair_kernel = np.concatenate(summed, axis=-1).astype(np.float32)
        self._kinds = len(summed)
        self._inner = int(np.bincount(kind).argmax())
        crop = self.crops[0]
        inside = slice(crop, n - crop)
        constant = np.zeros((n - 2 * crop,) * 2 + (filters,)) + bias.astype(np.float64)
        if a.distance:
            bins = np.arange(n)
            distance = np.pad(np.abs(bins[:, None] - bins).astype(np.float64), ((before, after),) * 2)
            shifted = [distance[i : i + n, j : j + n][inside, inside] for i in range(taps) for j in range(taps)]
            constant += np.stack(shifted, -1) @ kernel[:, :, a.bottleneck_filters].reshape(-1, filters).astype(
                np.float64
            )
        constant = (constant + constant.transpose(1, 0, 2)) / 2
        self._constant = tf.constant(constant.astype(np.float32))  # a graph does not copy an eager tensor
        border = kind[inside] != self._inner
        rows, columns = np.nonzero(border[:, None] | border)
        self._border = (rows * len(border) + columns).astype(np.int32)
        rows, columns = rows + crop, columns + crop
        self._border_first = (rows * self._kinds + kind[columns]).astype(np.int32)
        self._border_second = (columns * self._kinds + kind[rows]).astype(np.int32)
        self._border_inner = (rows * self._kinds + self._inner).astype(np.int32)
        self._border_inner_second = (columns * self._kinds + self._inner).astype(np.int32)

    def _maps(self, x):
        a = self.architecture
        for i, (wide, wide_bias, back, back_bias) in enumerate(self._dilated):
            y = tf.nn.convolution(tf.nn.relu(x), wide, padding="SAME", dilations=round(a.dilated_rate**i))
            y = tf.nn.relu(tf.nn.bias_add(y, wide_bias))
            x += tf.nn.bias_add(tf.nn.convolution(y, back), back_bias)
        x = tf.nn.convolution(tf.nn.relu(x), self._bottleneck[0], padding="SAME")
        x = self._pairs(tf.nn.relu(tf.nn.bias_add(x, self._bottleneck[1])))
        for i, (wide, wide_bias, back, back_bias) in enumerate(self._blocks):
            cut, rate = self.crops[i + 1] - self.crops[i], self._rates[i]
            pad = rate - cut  # zeros at the ends of the window
            y = tf.nn.relu(x)
            y = tf.nn.conv2d(y, wide, 1, [[0, 0], [pad, pad], [pad, pad], [0, 0]], dilations=rate)
            y = tf.nn.relu(tf.nn.bias_add(y, wide_bias))
            if cut:
                x = x[:, cut:-cut, cut:-cut]
            if i + 1 == len(self._blocks):
                return self._values(x, y, back[0, 0], back_bias)
            y += tf.transpose(y, (0, 2, 1, 3))
            x += tf.nn.bias_add(tf.nn.conv2d(y, back * 0.5, 1, "VALID"), back_bias)
        return self._values(x)

    def _pairs(self, x):
        """The symmetric map after the first 2D convolution, from the trunk (n, window_bins, channels)."""
        n, crop = self.architecture.window_bins, self.crops[0]
        filters = self._constant.shape[-1]
        g = tf.nn.convolution(x, self._pair_kernel, padding="SAME")  # (n, window_bins, kinds * filters)
        inner = g[:, crop : n - crop, self._inner * filters : (self._inner + 1) * filters]
        x = (self._constant + inner[:, None]) + inner[:, :, None]
        if len(self._border):
            g = tf.reshape(g, (-1, n * self._kinds, filters))
            correction = tf.gather(g, self._border_first, axis=1) - tf.gather(g, self._border_inner, axis=1)
            second = tf.gather(g, self._border_second, axis=1) - tf.gather(g, self._border_inner_second, axis=1)
            windows, pixels = tf.shape(x)[0], x.shape[1] * x.shape[2]
            index = tf.range(windows)[:, None] * pixels + self._border
            shape = tf.shape(x)
            x = tf.tensor_scatter_nd_add(tf.reshape(x, (-1, filters)), index[..., None], correction + second)
            x = tf.reshape(x, shape)
        return x

    def _values(self, x, y=None, back=None, back_bias=None):
        """The dense layer on the upper triangle of x plus the last 1x1 convolution of the symmetric part of y."""
        bins = self.architecture.map_bins
        upper = tf.gather(tf.reshape(x, (-1, bins * bins, x.shape[-1])), self._upper, axis=1)
        bias = self._final_bias
        values = tf.linalg.matmul(upper, self._final)
        if y is not None:
            y = tf.reshape(y, (-1, bins * bins, y.shape[-1]))
            y = (tf.gather(y, self._upper, axis=1) + tf.gather(y, self._lower, axis=1)) * 0.5
            values += tf.linalg.matmul(y, back @ self._final)
            bias = bias + back_bias @ self._final
        return values + bias


class KerasHead:
    """All layers after the tower, computed by Keras: for forms that :class:`Head` does not support.

    Parameters
    ----------
    network : keras.Model

    Attributes
    ----------
    maps : callable
        As of :class:`Head`.
    """

    def __init__(self, network):
        tower = network.get_layer("tower").output
        part = keras.Model(tower, network.output)
        signature = [tf.TensorSpec((None, *tower.shape[1:]), tf.float32)]
        self.maps = tf.function(lambda x: part(x, training=False), input_signature=signature, jit_compile=False)
