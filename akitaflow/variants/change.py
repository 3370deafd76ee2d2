"""What a variant changes in the map of its window.

All scores compare pixels that both maps have: bins that the allele moved are put back on the bins of the reference
(:func:`akitaflow.prediction.perturb.align`), pixels of bins that it removed or inserted are left out. Values are
log(observed / expected).

===================================  ===============================================================================
``disruption``                       mean of (reference - alternative)^2
``change_in_signal``                 mean(reference^2) - mean(alternative^2): positive if patterns become weaker
``correlation``                      Pearson's
``change_in_insulation``             insulation (:mod:`akitaflow.analyses.insulation`) of the alternative minus that of
                                     the reference, at the bin with the middle of the allele in each map:
                                     positive if a boundary becomes weaker; NaN near the edge of the map
``peak_change``                      alternative - reference at the pixel with the largest mean change over strands
                                     and shifts; its bins are ``peak_start_1`` and ``peak_start_2``
===================================  ===============================================================================
"""

from dataclasses import dataclass

import numpy as np

from akitaflow.analyses.insulation import Insulation
from akitaflow.errors import InputError
from akitaflow.evaluation import scores
from akitaflow.prediction.perturb import align, crop_bins
from akitaflow.variants import supremo

SCORES = ("disruption", "change_in_signal", "correlation", "change_in_insulation", "peak_change")
INSULATION_BINS = 10  # on each side of a bin; fewer where the map is small


@dataclass(frozen=True, eq=False)
class Change:
    """Scores of one variant.

    Attributes
    ----------
    mean, spread : ndarray of float, shape (scores, outputs)
        Mean and standard deviation (n - 1) over strands and shifts; the latter is NaN for a single one.
    peak : ndarray of int, shape (2, outputs)
        Bins of the pixel that changes most; -1 if no pixel changes.
    """

    mean: np.ndarray
    spread: np.ndarray
    peak: np.ndarray


class Comparison:
    """Compares reference and alternative maps of one model.

    Parameters
    ----------
    model : akitaflow.model.folding_model.FoldingModel
    members : int
        Number of strands and shifts, whose maps are consecutive outputs.
    supremo_scores : sequence of str
        Of :data:`akitaflow.variants.supremo.NAMES`, in addition.
    insulation_bins : int, optional
        On each side of a bin; 10, or a fifth of a map that has fewer than 50 bins, if not given.

    Raises
    ------
    InputError
        If with ``insulation_bins`` insulation is defined in no bin of the map.
    """

    def __init__(self, model, members, supremo_scores=(), insulation_bins=None):
        self.geometry, self.bins, self.members = model.geometry, model.map_bins, members
        self.supremo_scores = tuple(supremo_scores)
        half = insulation_bins or max(min(INSULATION_BINS, self.bins // 5), 1)
        most = (self.bins - 1) // 2
        if insulation_bins and half > most:
            raise InputError(
                f"insulation_bins: {half} bins on both sides of a bin do not fit into a map of {self.bins} bins; write "
                f"{most} or less"
            )
        self.insulation = Insulation(model.geometry, half)

    @property
    def names(self):
        """Names of the scores in the order of ``Change.mean``."""
        return (*SCORES, *(f"supremo_{name}" for name in self.supremo_scores))

    def __call__(self, reference, alternative, bins, places, own=None):
        """Compare two maps of one window.

        Parameters
        ----------
        reference, alternative : ndarray of float32, shape (n_values, members * outputs)
        bins : ndarray of int, shape (window bins,), or None
            Of :class:`akitaflow.prediction.perturb.Altered`; None if the maps are aligned already, with NaN for pixels
            that one of them lacks.
        places : (int, int)
            Bins of the map with the middle of the allele in the reference and in the alternative.
        own : ndarray, optional
            Map for the insulation of the reference, if ``reference`` has missing pixels.

        Returns
        -------
        Change
        """
        insulation = self._change_in_insulation(reference if own is None else own, alternative, places)
        if bins is not None:
            reference, alternative = self.aligned(reference, alternative, bins)
        difference = np.asarray(alternative, float) - reference
        peak, peak_change = self._peak(difference)
        values = [
            scores.disruption(reference, alternative, axis=0),
            scores.change_in_signal(reference, alternative, axis=0),
            scores.pearson(reference, alternative, axis=0),
            insulation,
            peak_change,
        ]
        if self.supremo_scores:
            values += list(self._supremo(reference, alternative))
        values = np.array(values, float).reshape(len(values), self.members, -1)
        return Change(values.mean(axis=1), _spread(values), peak)

    def _change_in_insulation(self, reference, alternative, places):
        before, after = places
        if not (0 <= before < self.bins and 0 <= after < self.bins):
            return np.full(reference.shape[1], np.nan)
        return self.insulation(alternative)[after] - self.insulation(reference)[before]

    def aligned(self, reference, alternative, bins):
        """Values of both maps on the reference's bins, NaN where one of them has no such pixel.

        Parameters and shapes as of a call; ``bins`` is given.
        """
        if np.array_equal(crop_bins(bins, self.bins), np.arange(self.bins)):
            return reference, alternative
        squares = [
            np.stack([self.geometry.to_map(column) for column in values.T]) for values in (reference, alternative)
        ]
        return tuple(self.geometry.upper_triangle(square).T for square in align(*squares, bins))

    def mean_maps(self, values):
        """Mean maps over strands and shifts.

        Parameters
        ----------
        values : ndarray, shape (n_values, members * outputs)

        Returns
        -------
        ndarray of float32, shape (outputs, bins, bins)
            Symmetric; NaN on the diagonals that are not predicted.
        """
        means = values.reshape(len(values), self.members, -1).mean(axis=1)
        return np.stack([self.geometry.to_map(column.astype(np.float32)) for column in means.T])

    def _peak(self, difference):
        """Bins and change, for each member, of the pixel that changes most in the mean over members."""
        outputs = difference.shape[1] // self.members
        mean = np.abs(difference.reshape(len(difference), self.members, outputs).mean(axis=1))
        mean = np.where(np.isfinite(mean), mean, -1.0)
        pixels = mean.argmax(axis=0)
        peak = np.where(mean.max(axis=0) > 0, [each[pixels] for each in self.geometry.pixels], -1)
        return peak, difference[np.tile(pixels, self.members), np.arange(difference.shape[1])]

    def _supremo(self, reference, alternative):
        pairs = zip(reference.T, alternative.T, strict=True)
        squares = ([self.geometry.to_map(np.asarray(column)) for column in pair] for pair in pairs)
        return np.array([supremo.compare(*pair, self.supremo_scores) for pair in squares]).T


def _spread(values):
    if values.shape[1] == 1:
        return np.full((values.shape[0], values.shape[2]), np.nan)
    return values.std(axis=1, ddof=1)


def alternative_middle(origin, start, end, length):
    """Position of the middle of an allele in the alternative window.

    Parameters
    ----------
    origin : sequence of akitaflow.prediction.perturb.Segment
        Of the alternative window.
    start, end : int
        Reference interval of the allele.
    length : int
        Length of the alternative allele, bp.

    Returns
    -------
    int
        bp from the start of the window.
    """
    position = 0
    for segment in origin:
        if segment.start >= start or segment.end > start:
            return position + max(start - segment.start, 0) + length // 2
        position += segment.length
    return position
