"""The network of a trained model in fewer operations: the same function, to rounding.

What is used, all of it exact:

- Batch normalisation with its running statistics is a scale and a shift for each filter: the scale goes into the
  kernel, the shift becomes a bias.
- The max pool behind the first convolution is the maximum of one convolution for each place in the pool, each with as
  many positions as are left; one-hot bases of a pool become one position of 4 x pool channels.
- The trunk's output is >= 0, and so are distances: the ReLU before the first 2D convolution does nothing. Then mean of
  pairs, distance, convolution, batch normalisation and symmetrisation are linear: pixel (i, j) is
  ``g(i, side(j)) + g(j, side(i)) + constant(i, j)``, where g is a 1D convolution of the trunk and ``side`` says which
  taps of the kernel fall outside the window.
- A 1x1 convolution commutes with symmetrisation, so the channels before it are symmetrised, which are fewer.
- The last 1x1 convolution and the dense layer are one matrix, used for the upper triangle only.
- The crop is moved up through the 2D blocks as far as their reach allows.

:class:`Level` needs full convolutions, :class:`Head` the published form of everything behind the tower
(:func:`has_folded_head`). What they lack is computed by the Keras network.
"""

import keras
import numpy as np
import tensorflow as tf

CACHED = 2**26  # bytes that the first level of windows computed at once may take


def has_folded_head(architecture):
    """Whether the part behind the tower has the published form, which :class:`Head` computes."""
    a = architecture
    published = a.trunk == "dilated" and a.head == "map" and a.pairs == "mean" and a.symmetrize
    return published and has_folded_tower(a)


def has_folded_tower(a):
    """Whether the tower has the published form: ReLU, full convolution, batch normalisation, max pool."""
    return a.convolution == "full" and a.block_order == "relu_first"


def fold(network, name):
    """Kernel and bias of a block: its convolution with its batch normalisation.

    Parameters
    ----------
    network : keras.Model
        Of :func:`akitaflow.model.network.build`.
    name : str
        Of the block, as ``tower_1``.

    Returns
    -------
    (kernel, bias) : tuple of ndarray of float32
        Shapes (taps, [taps,] channels, filters) and (filters,).
    """
    kernel = network.get_layer(f"{name}_conv").kernel.numpy().astype(np.float64)
    norm = network.get_layer(f"{name}_norm")
    gamma, beta, mean, variance = (
        weight.numpy().astype(np.float64) for weight in (norm.gamma, norm.beta, norm.moving_mean, norm.moving_variance)
    )
    scale = gamma / np.sqrt(variance + norm.epsilon)
    return (kernel * scale).astype(np.float32), (beta - mean * scale).astype(np.float32)


def sides(taps):
    """Taps before and behind the middle one under TensorFlow's padding "same"."""
    before = (taps - 1) // 2
    return before, taps - 1 - before


class Level:
    """A block of the tower: convolution, max pool, and the ReLU of the block behind it.

    Attributes
    ----------
    kernel, bias : ndarray of float32, shapes (taps, channels, filters) and (filters,)
    pool : int
    stride : int
        bp of an output position.
    positions : int
        Output positions in a window.
    before, behind : int
        bp that an output position sees to the left and to the right of its own ``stride`` bases.
    relu : bool
        Whether a ReLU follows; the last level has none.
    """

    def __init__(self, kernel, bias, pool, below, length, relu):
        self.kernel, self.bias, self.pool, self.relu = kernel, bias, pool, relu
        step, before, behind = (below.stride, below.before, below.behind) if below else (1, 0, 0)
        self.stride = step * pool
        self.positions = length // self.stride
        self.taps = len(kernel)
        self.taps_before, self.taps_behind = sides(self.taps)
        self.before, self.behind = before + self.taps_before * step, behind + self.taps_behind * step
        self.macs = kernel.size * pool  # of an output position

    def touched(self, changed):
        """Which output positions see one of the changed bases: bool (positions,).

        Parameters
        ----------
        changed : ndarray of int
            bp from the window's start.
        """
        first = -((self.behind + self.stride - 1 - changed) // self.stride)
        last = (changed + self.before) // self.stride
        starts = np.bincount(np.clip(first, 0, self.positions), minlength=self.positions + 1)
        ends = np.bincount(np.clip(last + 1, 0, self.positions), minlength=self.positions + 1)
        return np.cumsum(starts - ends)[:-1] > 0


def tower_levels(network, architecture):
    """The levels of a network's tower, from the bases to the bins."""
    levels = []
    for i, pool in enumerate(architecture.pools):
        kernel, bias = fold(network, f"tower_{i}" if i else "stem")
        below = levels[-1] if levels else None
        levels.append(Level(kernel, bias, pool, below, architecture.length, i + 1 < len(architecture.pools)))
    return levels


class Tower:
    """All levels of a tower, of several whole windows at once: for short windows.

    Parameters
    ----------
    levels : list of Level
    """

    def __init__(self, levels):
        kernels, length = [level.kernel[None] for level in levels], levels[0].positions * levels[0].pool

        @tf.function(input_signature=[tf.TensorSpec((None, length), tf.uint8)], jit_compile=False)
        def tower(codes):
            x = tf.one_hot(codes, 4)[:, None]
            for level, kernel in zip(levels, kernels, strict=True):
                x = _convolved(x, kernel, level, "SAME")
            return x[:, 0]

        self._tower = tower
        self._at_once = max(1, CACHED // (4 * length * levels[0].kernel.shape[-1]))

    def __call__(self, codes):
        """Codes (n, length) to ndarray of float32 (n, positions, filters)."""
        parts = [self._tower(codes[i : i + self._at_once]).numpy() for i in range(0, len(codes), self._at_once)]
        return np.concatenate(parts) if parts else self._tower(codes).numpy()


class Lower:
    """The levels of a tower up to one, computed on pieces of sequence.

    Parameters
    ----------
    levels : list of Level
        From the first one on.
    """

    def __init__(self, levels):
        self.levels, self.top = levels, levels[-1]
        self.paired = levels[0].pool == 2 and levels[0].taps > 1
        self._kernels = [level.kernel[None] for level in levels]
        if self.paired:
            self._halves = _pool_kernels(levels[0].kernel, 2)
        self._plain, self._masked = self._function(False), self._function(True)

    def bases(self, positions):
        """Bases that a piece of so many output positions reads."""
        for level in reversed(self.levels):
            positions = positions * level.pool + level.taps - 1
        return positions + self.extra

    @property
    def extra(self):
        """Bases read for an even length, without influence."""
        return int(self.paired and self.levels[0].taps % 2 == 0)

    def macs(self, positions):
        """Multiplications of a piece of so many output positions, halo included."""
        total = 0
        for level in reversed(self.levels):
            total += positions * level.macs
            positions = positions * level.pool + level.taps - 1
        return total

    def __call__(self, codes, first, positions):
        """Output positions of pieces of a window.

        Parameters
        ----------
        codes : ndarray of uint8, shape (length,)
            The window.
        first : ndarray of int, shape (pieces,)
            First output position of each piece.
        positions : int
            Output positions of each piece; all lie in the window.

        Returns
        -------
        tensor of float32, shape (pieces, positions, filters)
        """
        start = first * self.top.stride - self.top.before
        n = self.bases(positions)
        outside = start.min() < 0 or start.max() + n > len(codes)
        if not outside and len(start) == 1:
            return self._plain(codes[None, start[0] : start[0] + n])
        index = start[:, None] + np.arange(n)
        if not outside:
            return self._plain(codes[index])
        pieces = codes[np.clip(index, 0, len(codes) - 1)]
        pieces[(index < 0) | (index >= len(codes))] = 4
        return self._masked(pieces, start.astype(np.int32))

    def _function(self, masked):
        signature = [tf.TensorSpec((None, None), tf.uint8)]
        if masked:
            signature.append(tf.TensorSpec((None,), tf.int32))

        @tf.function(input_signature=signature, jit_compile=False)
        def lower(codes, start=None):
            for i, level in enumerate(self.levels):
                if i == 0:
                    x = self._stem(codes)
                else:
                    x = _convolved(x, self._kernels[i], level)
                if masked and level is not self.top:
                    # padding "same" is zero at every level, not only at the bases
                    start = (start + level.taps_before) // level.pool
                    position = start[:, None] + tf.range(tf.shape(x)[2])
                    inside = (position >= 0) & (position < level.positions)
                    x *= tf.cast(inside, tf.float32)[:, None, :, None]
            return x[:, 0]

        return lower

    def _stem(self, codes):
        """Bases (pieces, n) to the first level (pieces, 1, positions, filters)."""
        level = self.levels[0]
        x = tf.one_hot(codes, 4)[:, None]
        if not self.paired:
            return _convolved(x, self._kernels[0], level)
        x = tf.reshape(x, (tf.shape(codes)[0], 1, -1, 8))
        even, odd = (tf.nn.conv2d(x, kernel, 1, "VALID") for kernel in self._halves)
        return _activated(tf.maximum(even, odd), level)


def _pool_kernels(kernel, pool):
    """Kernels on positions of ``pool`` bases each, one for each place in the pool."""
    taps, channels, filters = kernel.shape
    groups = -(-(taps + pool - 1) // pool)
    kernels = np.zeros((pool, groups * pool, channels, filters), np.float32)
    for place in range(pool):
        kernels[place, place : place + taps] = kernel
    return kernels.reshape(pool, 1, groups, pool * channels, filters)


def _convolved(x, kernel, level, padding="VALID"):
    """Convolution, bias, ReLU and pool of (n, 1, positions, channels); a ReLU may stand before or behind the pool."""
    x = _activated(tf.nn.conv2d(x, kernel, 1, padding), level)
    return tf.nn.max_pool2d(x, (1, level.pool), (1, level.pool), "VALID") if level.pool > 1 else x


def _activated(x, level):
    x = tf.nn.bias_add(x, level.bias)
    return tf.nn.relu(x) if level.relu else x


class Upper:
    """The levels of a tower behind :class:`Lower`: of whole windows, or of the positions that a change reaches.

    Parameters
    ----------
    levels : list of Level
        May be empty.
    """

    def __init__(self, levels):
        self.levels = levels
        kernels = [level.kernel[None] for level in levels]
        channels = levels[0].kernel.shape[1] if levels else None

        @tf.function(input_signature=[tf.TensorSpec((None, None, channels), tf.float32)], jit_compile=False)
        def whole(x):
            x, outputs = x[:, None], []
            for level, kernel in zip(levels, kernels, strict=True):
                x = _convolved(x, kernel, level, "SAME")
                outputs.append(x[:, 0])
            return outputs

        self._whole = whole
        self._matrices = [level.kernel.reshape(-1, level.kernel.shape[-1]) for level in levels]

    def whole(self, x):
        """Outputs of all levels of whole windows: list of ndarray (n, positions, filters)."""
        return [output.numpy() for output in self._whole(x)] if self.levels else []

    def positions(self, touched):
        """The output positions of each level that see touched positions of the level below :class:`Upper`.

        Parameters
        ----------
        touched : ndarray of int
            Sorted.

        Returns
        -------
        list of ndarray of int
        """
        positions_of_levels = []
        for level in self.levels:
            first = (touched - level.taps_behind) // level.pool
            last = (touched + level.taps_before) // level.pool
            span = np.arange((last - first).max() + 1 if len(touched) else 0)
            touched = np.unique(np.minimum(first[:, None] + span, last[:, None]))
            touched = touched[(touched >= 0) & (touched < level.positions)]
            positions_of_levels.append(touched)
        return positions_of_levels

    def macs(self, positions):
        """Multiplications of so many positions of each level."""
        return sum(level.macs * len(place) for level, place in zip(self.levels, positions, strict=True))

    def changed(self, stored, touched, values, positions):
        """The last level of a window that differs from a stored one.

        Parameters
        ----------
        stored : list of ndarray of float32, shapes (positions, filters)
            Outputs of the level below and of each level of the stored window; left as they are.
        touched : ndarray of int
            Positions of the level below that differ.
        values : ndarray of float32, shape (len(touched), filters)
            What they are now.
        positions : list of ndarray of int
            Of :meth:`positions`.

        Returns
        -------
        ndarray of float32, shape (positions, filters)
            Of the last level.
        """
        saved = []
        try:
            for level, matrix, below, place in zip(self.levels, self._matrices, stored, positions, strict=False):
                saved.append((below, touched, below[touched]))
                below[touched] = values
                values = _at(level, matrix, below, place)
                touched = place
            last = stored[-1].copy()
            last[touched] = values
        finally:
            for below, place, values in saved:
                below[place] = values
        return last


def _at(level, matrix, below, place):
    """Output positions of a level, computed one by one from the level below."""
    reach = level.pool + level.taps - 1
    index = (place * level.pool - level.taps_before)[:, None] + np.arange(reach)
    outside = (index < 0) | (index >= len(below))
    x = below[np.clip(index, 0, len(below) - 1)]
    if outside.any():
        x[outside] = 0
    taps = np.lib.stride_tricks.sliding_window_view(x, level.taps, axis=1)  # (n, pool, channels, taps)
    x = taps.transpose(0, 1, 3, 2).reshape(len(place) * level.pool, -1) @ matrix
    x = x.reshape(len(place), level.pool, -1).max(axis=1) + level.bias
    return np.maximum(x, 0, out=x) if level.relu else x


class Head:
    """Everything behind the tower: (n, window_bins, filters) -> (n, n_values, outputs).

    Parameters
    ----------
    network : keras.Model
    architecture : akitaflow.model.network.Architecture
        Of the published form (:func:`has_folded_head`).
    """

    def __init__(self, network, architecture):
        a = self.architecture = architecture
        self._dilated = [
            (*fold(network, f"dilated_{i}_wide"), *fold(network, f"dilated_{i}_back")) for i in range(a.dilated_blocks)
        ]
        self._bottleneck = fold(network, "bottleneck")
        self._blocks = [(*fold(network, f"map_{i}_wide"), *fold(network, f"map_{i}_back")) for i in range(a.map_blocks)]
        self._rates = [round(a.map_rate**i) for i in range(a.map_blocks)]
        # bins that may be cut from each side before a block: what all later blocks cannot reach from the cropped map
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
        """Multiplications for one window."""
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
        before, behind = sides(taps)
        first = np.maximum(before - np.arange(n), 0)  # first tap inside the window, by bin
        last = np.minimum(n - 1 + before - np.arange(n), taps - 1)
        kinds, kind = np.unique(np.stack([first, last]), axis=1, return_inverse=True)
        kind = kind.reshape(-1)
        channels = (
            kernel[:, :, : a.bottleneck_filters].astype(np.float64) / 4
        )  # half of a mean, half of a symmetric map
        summed = [
            channels[:, low : high + 1].sum(axis=1) + channels[low : high + 1].sum(axis=0) for low, high in kinds.T
        ]
        self._pair_kernel = np.concatenate(summed, axis=-1).astype(np.float32)
        self._kinds = len(summed)
        self._inner = int(np.bincount(kind).argmax())
        crop = self.crops[0]
        kept = slice(crop, n - crop)
        constant = np.zeros((n - 2 * crop,) * 2 + (filters,)) + bias.astype(np.float64)
        if a.distance:
            bins = np.arange(n)
            distance = np.pad(np.abs(bins[:, None] - bins).astype(np.float64), ((before, behind),) * 2)
            shifted = [distance[i : i + n, j : j + n][kept, kept] for i in range(taps) for j in range(taps)]
            constant += np.stack(shifted, -1) @ kernel[:, :, a.bottleneck_filters].reshape(-1, filters).astype(
                np.float64
            )
        constant = (constant + constant.transpose(1, 0, 2)) / 2
        self._constant = tf.constant(constant.astype(np.float32))  # an eager tensor, of which graphs hold no copy
        border = kind[kept] != self._inner
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
            pad = rate - cut  # of zeros, where the window itself ends
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
        """The trunk (n, window_bins, channels) to the symmetric map behind the first 2D convolution."""
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


class Rest:
    """Everything behind the tower as the Keras network computes it, for forms that :class:`Head` does not know."""

    def __init__(self, network):
        tower = network.get_layer("tower").output
        part = keras.Model(tower, network.output)
        signature = [tf.TensorSpec((None, *tower.shape[1:]), tf.float32)]
        self.maps = tf.function(lambda x: part(x, training=False), input_signature=signature, jit_compile=False)


def window_macs(levels):
    """Multiplications of a tower for one window."""
    return sum(level.macs * level.positions for level in levels)


def levels_within(levels, limit):
    """Number of first levels after which the outputs of a window take no more than ``limit`` bytes."""
    for i, level in enumerate(levels, start=1):
        if 4 * level.positions * level.kernel.shape[-1] <= limit:
            return i
    return len(levels)
