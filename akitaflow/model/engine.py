"""Maps of sequences on a CPU by the fastest exact route; :func:`Engine.predict` chooses it for each sequence.

A prediction has two parts: the tower turns bases into bins, the head turns bins into a map
(:mod:`akitaflow.model.folded`). Of the published network each takes about half of the operations. The tower of a
sequence that was computed whole is kept; where a later sequence differs from it in a few places, as a reference window
and its alternatives do, only the positions that see a changed base are computed anew. Which sequences are kept, and
which one a new sequence is compared with, follows from the sequences alone, so that the same calls give the same
numbers. Both routes give the numbers of the Keras network to rounding (about 1e-6, and below 1e-4).
"""

from collections import OrderedDict

import numpy as np
import tensorflow as tf

from akitaflow.model import folded
from akitaflow.model.heap import keep_heap

KEPT = 8  # towers kept: the variants of a reference over which a prediction is averaged, and the alternative strand
LOWER_BYTES = 2**25
PIECE_BASES = 2**14  # pieces in which the lower levels of a whole window are computed: they stay in the cache
PIECES = (512, 64, 8)  # output positions of the pieces in which changed stretches are computed
HEAD_BYTES = 2**26  # maps that go through the head at once
MOST_CHANGED = 0.5  # share of changed bases up to which it is asked where they are
WORTH = 10**8  # computing a part costs some milliseconds of its own


class Engine:
    """Predictions of a network that no longer changes.

    Parameters
    ----------
    network : keras.Model
        Of :func:`akitaflow.model.network.build`, with its final weights: they are copied.
    architecture : akitaflow.model.network.Architecture
    kept : int
        Towers kept for sequences that differ from them in a few places; 50 MB each at the published size.
    lower_bytes : int
        Bytes that the outputs of the first level kept may take.
    worth : int
        Multiplications that computing a tower in part must save.

    Attributes
    ----------
    whole, parts : int
        Towers computed whole and in part so far.
    levels : list of akitaflow.model.folded.Level or None
        Of the tower; None where it has not the published form.
    head : akitaflow.model.folded.Head or akitaflow.model.folded.Rest
    """

    def __init__(self, network, architecture, kept=KEPT, lower_bytes=LOWER_BYTES, worth=WORTH):
        keep_heap()
        self.architecture, self.kept, self.worth = architecture, kept, worth
        self.whole = self.parts = 0
        self._towers = OrderedDict()  # number -> _Tower, the one used last at the end
        self._number = 0
        if folded.has_folded_tower(architecture):
            levels = folded.tower_levels(network, architecture)
            split = folded.levels_within(levels, lower_bytes)
            self.levels = levels
            self._lower, self._upper = folded.Lower(levels[:split]), folded.Upper(levels[split:])
            self._short = folded.Tower(levels) if folded.window_macs(levels) <= worth else None
        else:
            self.levels = None
            self._keras_tower = _keras_tower(network)
        published = folded.has_folded_head(architecture)
        self.head = folded.Head(network, architecture) if published else folded.Rest(network)
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
        """Outputs of the tower: ndarray of float32 (n, window_bins, tower_filters); codes as for :meth:`predict`."""
        if self.levels is None:
            return self._keras_tower(codes).numpy()
        if self._short:
            self.whole += len(codes)
            return self._short(codes)
        top = self.levels[-1]
        towers = np.empty((len(codes), top.positions, top.kernel.shape[-1]), np.float32)
        for tower, row in zip(towers, codes, strict=True):
            tower[:] = self._one(row)
        return towers

    def forget(self):
        """Keep no tower."""
        self._towers.clear()

    def _one(self, codes):
        plans = [_Change(self, tower, codes, number) for number, tower in self._towers.items()]
        best = min(plans, key=lambda plan: plan.macs, default=None)
        if best is None or best.macs + self.worth >= folded.window_macs(self.levels):
            return self._compute(codes)
        self._towers.move_to_end(best.number)
        self.parts += 1
        return best.compute()

    def _compute(self, codes):
        """The tower of a whole window, which is kept."""
        top = self._lower.top
        piece = min(top.positions, max(1, PIECE_BASES // top.stride))
        lower = np.empty((top.positions, top.kernel.shape[-1]), np.float32)
        for first in range(0, top.positions, piece):
            first = min(first, top.positions - piece)
            lower[first : first + piece] = self._lower(codes, np.array([first]), piece)[0]
        outputs = [lower, *(output[0] for output in self._upper.whole(lower[None]))]
        self.whole += 1
        if self.kept:
            while len(self._towers) >= self.kept:
                self._towers.popitem(last=False)
            self._number += 1
            self._towers[self._number] = _Tower(codes.copy(), outputs)
        return outputs[-1]


class _Tower:
    """A window whose tower is known: its codes and the outputs of the levels that are kept."""

    def __init__(self, codes, outputs):
        self.codes = codes
        self.outputs = [np.require(output, requirements="W") for output in outputs]


class _Change:
    """What must be computed of a sequence that differs from a kept one in places, and what that costs."""

    def __init__(self, engine, tower, codes, number):
        self.engine, self.tower, self.codes, self.number = engine, tower, codes, number
        lower = engine._lower
        self.macs = folded.window_macs(engine.levels)
        changed = np.flatnonzero(tower.codes != codes)
        if len(changed) > MOST_CHANGED * len(codes):
            return
        touched = lower.top.touched(changed)
        self.pieces = _pieces(touched)
        self.macs = sum(len(first) * lower.macs(size) for size, first in self.pieces.items())
        self.touched = np.flatnonzero(touched)
        if self.macs < folded.window_macs(engine.levels):
            self.positions = engine._upper.positions(self.touched)
            self.macs += engine._upper.macs(self.positions)

    def compute(self):
        """The last level of the tower."""
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
    """Pieces of a few sizes that cover the touched positions.

    Parameters
    ----------
    touched : ndarray of bool, shape (positions,)

    Returns
    -------
    dict of int to ndarray of int
        Positions of a piece -> first positions.
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], touched, [False]])))
    pieces = {}
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        while start < end:
            size = next((size for size in PIECES if size <= end - start), PIECES[-1])
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
