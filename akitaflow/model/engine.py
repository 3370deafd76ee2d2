"""Exact prediction of maps on a CPU.

A prediction has two parts. The tower turns bases into bins (:mod:`akitaflow.model.folded_tower`), the head turns bins
into a map (:mod:`akitaflow.model.folded_head`). In the published network each takes about half of the operations.

The engine keeps the tower outputs of the last sequences that it computed whole. If a later sequence differs from one of
them in a few places, as an alternative differs from its reference window, only the positions that depend on a changed
base are computed. Which towers are kept and with which one a sequence is compared depends on the sequences alone, so
the same calls give the same numbers. The results agree with the Keras network to about 1e-6; the tests require 1e-4.
"""

from collections import OrderedDict

import numpy as np
import tensorflow as tf

from akitaflow.model.folded import has_folded_head, has_folded_tower
from akitaflow.model.folded_head import Head, KerasHead
from akitaflow.model.folded_tower import (
    LowerLevels,
    ShortTower,
    UpperLevels,
    levels_within,
    tower_levels,
    window_macs,
)
from akitaflow.model.heap import keep_heap

KEPT = 8  # towers kept: enough for both strands and some shifts of a reference window
LOWER_BYTES = 2**25
PIECE_BASES = 2**14  # bases of the pieces in which the lower levels of a window are computed; they fit in the cache
PIECE_SIZES = (512, 64, 8)  #: output positions of the pieces in which changed intervals are computed
HEAD_BYTES = 2**26  # size of the maps for which the head is computed at once
MAX_CHANGED = 0.5  # share of changed bases above which a tower is computed whole
MIN_SAVING = 10**8  # multiplications; about as long as the constant time of computing a tower in part


class Engine:
    """Predictions of a network whose weights no longer change.

    Parameters
    ----------
    network : keras.Model
        Of :func:`akitaflow.model.network.build`, with its final weights, which are copied.
    architecture : akitaflow.model.network.Architecture
    kept : int
        Number of towers to keep; 50 MB each at the published size.
    lower_bytes : int
        Size of the output of the last of the lower levels, the first that is kept, at most.
    min_saving : int
        Multiplications that computing a tower in part must save.

    Attributes
    ----------
    n_whole, n_partial : int
        Numbers of towers computed whole and in part so far.
    levels : list of akitaflow.model.folded_tower.Level or None
        Levels of the tower; None if Keras computes it, because it has another form than the published one.
    head : akitaflow.model.folded_head.Head or akitaflow.model.folded_head.KerasHead
    """

    def __init__(self, network, architecture, kept=KEPT, lower_bytes=LOWER_BYTES, min_saving=MIN_SAVING):
        keep_heap()
        self.architecture, self.kept, self.min_saving = architecture, kept, min_saving
        self.n_whole = self.n_partial = 0
        self._towers = OrderedDict()  # number -> _KeptTower, the last used at the end
        self._number = 0
        if has_folded_tower(architecture):
            levels = tower_levels(network, architecture)
            split = levels_within(levels, lower_bytes)
            self.levels = levels
            self._lower, self._upper = LowerLevels(levels[:split]), UpperLevels(levels[split:])
            self._short = ShortTower(levels) if window_macs(levels) <= min_saving else None
        else:
            self.levels = None
            self._keras_tower = _keras_tower(network)
        published = has_folded_head(architecture)
        self.head = Head(network, architecture) if published else KerasHead(network)
        widest = max(architecture.map_filters, architecture.bottleneck_filters)
        self._at_once = max(1, HEAD_BYTES // (4 * widest * architecture.window_bins**2))

    def predict(self, codes):
        """Predicted maps.

        Parameters
        ----------
        codes : ndarray of uint8, shape (n, length)
            Codes of :func:`akitaflow.genome.sequence.encode`.

        Returns
        -------
        ndarray of float32, shape (n, n_values, outputs)
        """
        if not len(codes):  # TensorFlow gives wrong shapes for empty convolutions on some CPUs
            return self.predict(np.zeros((1, *codes.shape[1:]), np.uint8))[:0]
        towers = self.towers(codes)
        maps = [self.head.maps(towers[i : i + self._at_once]).numpy() for i in range(0, len(codes), self._at_once)]
        return maps[0] if len(maps) == 1 else np.concatenate(maps)

    def towers(self, codes):
        """Outputs of the tower, ndarray of float32 (n, window_bins, tower_filters); codes as for :meth:`predict`."""
        if self.levels is None:
            return self._keras_tower(codes).numpy()
        if self._short:
            self.n_whole += len(codes)
            return self._short(codes)
        top = self.levels[-1]
        towers = np.empty((len(codes), top.positions, top.kernel.shape[-1]), np.float32)
        for tower, row in zip(towers, codes, strict=True):
            tower[:] = self._tower(row)
        return towers

    def forget(self):
        """Delete the towers that are kept."""
        self._towers.clear()

    def _tower(self, codes):
        """The tower of a sequence, shape (window_bins, tower_filters): in part if that saves enough."""
        plans = [_Change(self, tower, codes, number) for number, tower in self._towers.items()]
        best = min(plans, key=lambda plan: plan.macs, default=None)
        if best is None or best.macs + self.min_saving >= window_macs(self.levels):
            return self._whole_tower(codes)
        self._towers.move_to_end(best.number)
        self.n_partial += 1
        return best.compute()

    def _whole_tower(self, codes):
        """Compute the tower of a whole window and keep it."""
        top = self._lower.top
        piece = min(top.positions, max(1, PIECE_BASES // top.stride))
        lower = np.empty((top.positions, top.kernel.shape[-1]), np.float32)
        for first in range(0, top.positions, piece):
            first = min(first, top.positions - piece)
            lower[first : first + piece] = self._lower(codes, np.array([first]), piece)[0]
        outputs = [lower, *(output[0] for output in self._upper.whole(lower[None]))]
        self.n_whole += 1
        if self.kept:
            while len(self._towers) >= self.kept:
                self._towers.popitem(last=False)
            self._number += 1
            self._towers[self._number] = _KeptTower(codes.copy(), outputs)
        return outputs[-1]


class _KeptTower:
    """Codes of a window, and the outputs of the last of the lower levels and of each upper level."""

    def __init__(self, codes, outputs):
        self.codes = codes
        self.outputs = [np.require(output, requirements="W") for output in outputs]


class _Change:
    """The part of a tower to compute for a sequence that differs from a kept one, and its cost in multiplications."""

    def __init__(self, engine, tower, codes, number):
        self.engine, self.tower, self.codes, self.number = engine, tower, codes, number
        lower = engine._lower
        self.macs = window_macs(engine.levels)
        changed = np.flatnonzero(tower.codes != codes)
        if len(changed) > MAX_CHANGED * len(codes):
            return
        touched = lower.top.touched(changed)
        self.pieces = _pieces(touched)
        self.macs = sum(len(first) * lower.macs(size) for size, first in self.pieces.items())
        self.touched = np.flatnonzero(touched)
        if self.macs < window_macs(engine.levels):
            self.positions = engine._upper.positions(self.touched)
            self.macs += engine._upper.macs(self.positions)

    def compute(self):
        """Outputs of the last level, shape (window_bins, tower_filters)."""
        if not len(self.touched):
            return self.tower.outputs[-1]
        lower, upper = self.engine._lower, self.engine._upper
        stored = self.tower.outputs
        values = np.empty((len(stored[0]), stored[0].shape[1]), np.float32)
        for size, first in self.pieces.items():
            at_once = max(1, PIECE_BASES // (size * lower.top.stride))
            for i in range(0, len(first), at_once):
                starts = first[i : i + at_once]
                values[starts[:, None] + np.arange(size)] = lower(self.codes, starts, size).numpy()
        return upper.changed(stored, self.touched, values[self.touched], self.positions)


def _pieces(touched):
    """Pieces that cover the touched positions, of the sizes in :data:`PIECE_SIZES`.

    Parameters
    ----------
    touched : ndarray of bool, shape (positions,)

    Returns
    -------
    dict of int to ndarray of int
        Number of positions of a piece -> first positions of the pieces of this size.
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], touched, [False]])))
    pieces = {}
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        while start < end:
            size = next((size for size in PIECE_SIZES if size <= end - start), PIECE_SIZES[-1])
            size = min(size, len(touched))
            first = min(start, len(touched) - size)
            pieces.setdefault(size, []).append(first)
            start = first + size
    return {size: np.array(first) for size, first in pieces.items()}


def _keras_tower(network):
    import keras

    part = keras.Model(network.input, network.get_layer("tower").output)
    signature = [tf.TensorSpec((None, network.input_shape[1]), tf.uint8)]
    return tf.function(
        lambda codes: part(tf.one_hot(codes, 4), training=False), input_signature=signature, jit_compile=False
    )
