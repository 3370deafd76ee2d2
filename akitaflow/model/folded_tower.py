"""The tower of a trained network, from bases to bins: of whole windows, or of the positions that a change affects.

A tower has levels, one for each max pool. :class:`LowerLevels` computes the first levels on pieces of sequence, whose
intermediate values fit in the cache. :class:`UpperLevels` computes the others. :class:`ShortTower` computes all levels
of several short windows at once.
"""

import numpy as np
import tensorflow as tf

from akitaflow.model.folded import fold, sides

BATCH_BYTES = 2**26  # size of the first level of the windows that are computed at once


class Level:
    """A block of the tower: convolution, max pool, and the ReLU of the next block.

    Parameters
    ----------
    kernel, bias, pool, relu
        See below.
    below : Level or None
        The level from which this one is computed; None if it is the sequence.
    length : int
        Length of the window, bp.

    Attributes
    ----------
    kernel, bias : ndarray of float32, shapes (taps, channels, filters) and (filters,)
    pool : int
        Positions of the convolution per output position.
    stride : int
        bp per output position.
    positions : int
        Output positions in a window.
    before, after : int
        bp to the left and to the right of its own ``stride`` bases that an output position depends on.
    relu : bool
        Whether a ReLU follows; the last level has none.
    taps, taps_before, taps_after : int
        Taps of the kernel, and those before and after the middle one.
    macs : int
        Multiplications for an output position.
    """

    def __init__(self, kernel, bias, pool, below, length, relu):
        self.kernel, self.bias, self.pool, self.relu = kernel, bias, pool, relu
        step, before, after = (below.stride, below.before, below.after) if below else (1, 0, 0)
        self.stride = step * pool
        self.positions = length // self.stride
        self.taps = len(kernel)
        self.taps_before, self.taps_after = sides(self.taps)
        self.before, self.after = before + self.taps_before * step, after + self.taps_after * step
        self.macs = kernel.size * pool

    def touched(self, changed):
        """Which output positions depend on one of the changed bases.

        Parameters
        ----------
        changed : ndarray of int
            bp from the start of the window.

        Returns
        -------
        ndarray of bool, shape (positions,)
        """
        first = -((self.after + self.stride - 1 - changed) // self.stride)
        last = (changed + self.before) // self.stride
        starts = np.bincount(np.clip(first, 0, self.positions), minlength=self.positions + 1)
        ends = np.bincount(np.clip(last + 1, 0, self.positions), minlength=self.positions + 1)
        return np.cumsum(starts - ends)[:-1] > 0


def tower_levels(network, architecture):
    """The levels of a network's tower, from the bases to the bins: list of :class:`Level`."""
    levels = []
    for i, pool in enumerate(architecture.pools):
        kernel, bias = fold(network, f"tower_{i}" if i else "stem")
        below = levels[-1] if levels else None
        levels.append(Level(kernel, bias, pool, below, architecture.length, i + 1 < len(architecture.pools)))
    return levels


def window_macs(levels):
    """Number of multiplications of a tower for one window."""
    return sum(level.macs * level.positions for level in levels)


def levels_within(levels, limit):
    """Number of levels, from the first, after which the outputs of a window take at most ``limit`` bytes."""
    for i, level in enumerate(levels, start=1):
        if 4 * level.positions * level.kernel.shape[-1] <= limit:
            return i
    return len(levels)


class ShortTower:
    """All levels of the tower of several whole windows at once, for short windows.

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
        self._at_once = max(1, BATCH_BYTES // (4 * length * levels[0].kernel.shape[-1]))

    def __call__(self, codes):
        """Outputs of the tower, ndarray of float32 (n, positions, filters), of codes (n, length)."""
        parts = [self._tower(codes[i : i + self._at_once]).numpy() for i in range(0, len(codes), self._at_once)]
        return np.concatenate(parts) if parts else self._tower(codes).numpy()


class LowerLevels:
    """The first levels of a tower, computed on pieces of sequence.

    Parameters
    ----------
    levels : list of Level
        From the first one.
    """

    def __init__(self, levels):
        self.levels, self.top = levels, levels[-1]
        self.paired = levels[0].pool == 2 and levels[0].taps > 1
        self._kernels = [level.kernel[None] for level in levels]
        if self.paired:
            self._halves = _pool_kernels(levels[0].kernel, 2)
        self._plain, self._masked = self._function(False), self._function(True)

    def bases(self, positions):
        """Number of bases read for a piece of that many output positions."""
        for level in reversed(self.levels):
            positions = positions * level.pool + level.taps - 1
        return positions + self.extra

    @property
    def extra(self):
        """Bases read to make the length even; the output does not depend on them."""
        return int(self.paired and self.levels[0].taps % 2 == 0)

    def macs(self, positions):
        """Number of multiplications for a piece of that many output positions, including its margins."""
        total = 0
        for level in reversed(self.levels):
            total += positions * level.macs
            positions = positions * level.pool + level.taps - 1
        return total

    def __call__(self, codes, first, positions):
        """Outputs of pieces of a window.

        Parameters
        ----------
        codes : ndarray of uint8, shape (length,)
            Codes of the window.
        first : ndarray of int, shape (pieces,)
            First output position of each piece.
        positions : int
            Output positions of each piece, all inside the window.

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
                    # padding "same" is zero at each level, not only at the sequence
                    start = (start + level.taps_before) // level.pool
                    position = start[:, None] + tf.range(tf.shape(x)[2])
                    inside = (position >= 0) & (position < level.positions)
                    x *= tf.cast(inside, tf.float32)[:, None, :, None]
            return x[:, 0]

        return lower

    def _stem(self, codes):
        """The first level, (pieces, 1, positions, filters), of bases (pieces, n)."""
        level = self.levels[0]
        x = tf.one_hot(codes, 4)[:, None]
        if not self.paired:
            return _convolved(x, self._kernels[0], level)
        x = tf.reshape(x, (tf.shape(codes)[0], 1, -1, 8))
        even, odd = (tf.nn.conv2d(x, kernel, 1, "VALID") for kernel in self._halves)
        return _activated(tf.maximum(even, odd), level)


class UpperLevels:
    """The levels of a tower above :class:`LowerLevels`: of whole windows, or of the positions that a change affects.

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
        """The output positions of each level that depend on touched positions of the last of the lower levels.

        Parameters
        ----------
        touched : ndarray of int
            Positions of that level, sorted.

        Returns
        -------
        list of ndarray of int
            Sorted positions of each level.
        """
        positions_of_levels = []
        for level in self.levels:
            first = (touched - level.taps_after) // level.pool
            last = (touched + level.taps_before) // level.pool
            span = np.arange((last - first).max() + 1 if len(touched) else 0)
            touched = np.unique(np.minimum(first[:, None] + span, last[:, None]))
            touched = touched[(touched >= 0) & (touched < level.positions)]
            positions_of_levels.append(touched)
        return positions_of_levels

    def macs(self, positions):
        """Number of multiplications for given positions of each level, as of :meth:`positions`."""
        return sum(level.macs * len(computed) for level, computed in zip(self.levels, positions, strict=True))

    def changed(self, stored, touched, values, positions):
        """The last level of a window that differs from a stored one.

        Parameters
        ----------
        stored : list of ndarray of float32, shapes (positions, filters)
            Outputs of the last of the lower levels and of each upper level of the stored window. They are changed
            during the call and restored at its end.
        touched : ndarray of int
            Positions of the last of the lower levels that differ.
        values : ndarray of float32, shape (len(touched), filters)
            Values at these positions.
        positions : list of ndarray of int
            Of :meth:`positions`.

        Returns
        -------
        ndarray of float32, shape (positions, filters)
            Outputs of the last level.
        """
        saved = []
        try:
            for level, matrix, below, computed in zip(self.levels, self._matrices, stored, positions, strict=False):
                saved.append((below, touched, below[touched]))
                below[touched] = values
                values = _at(level, matrix, below, computed)
                touched = computed
            last = stored[-1].copy()
            last[touched] = values
        finally:
            for below, replaced, values in saved:
                below[replaced] = values
        return last


def _pool_kernels(kernel, pool):
    """Kernels on positions of ``pool`` bases each, one kernel for each position in the pool."""
    taps, channels, filters = kernel.shape
    groups = -(-(taps + pool - 1) // pool)
    kernels = np.zeros((pool, groups * pool, channels, filters), np.float32)
    for shift in range(pool):
        kernels[shift, shift : shift + taps] = kernel
    return kernels.reshape(pool, 1, groups, pool * channels, filters)


def _convolved(x, kernel, level, padding="VALID"):
    """Convolution, bias, ReLU and pool of (n, 1, positions, channels); the ReLU commutes with the pool."""
    x = _activated(tf.nn.conv2d(x, kernel, 1, padding), level)
    return tf.nn.max_pool2d(x, (1, level.pool), (1, level.pool), "VALID") if level.pool > 1 else x


def _activated(x, level):
    x = tf.nn.bias_add(x, level.bias)
    return tf.nn.relu(x) if level.relu else x


def _at(level, matrix, below, positions):
    """Outputs of a level at some positions, (len(positions), filters), from the outputs of the level below."""
    reach = level.pool + level.taps - 1
    index = (positions * level.pool - level.taps_before)[:, None] + np.arange(reach)
    outside = (index < 0) | (index >= len(below))
    x = below[np.clip(index, 0, len(below) - 1)]
    if outside.any():
        x[outside] = 0
    taps = np.lib.stride_tricks.sliding_window_view(x, level.taps, axis=1)  # (n, pool, channels, taps)
    x = taps.transpose(0, 1, 3, 2).reshape(len(positions) * level.pool, -1) @ matrix
    x = x.reshape(len(positions), level.pool, -1).max(axis=1) + level.bias
    return np.maximum(x, 0, out=x) if level.relu else x
