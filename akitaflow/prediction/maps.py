"""Predicted maps in genome coordinates, of windows, longer regions and whole chromosomes.

A model maps a window of fixed length. Longer regions are covered by overlapping windows, the last of which ends at the
end of the region. The value of a pixel is the mean over the windows that contain it; a pixel in no window is missing
(NaN). A map has the bins that remain after the crop at the start of the first and the end of the last window, so a map
of a chromosome lacks its ends. Bins of which more than half is N are missing, and windows with no other bins are not
predicted.

Pixels farther from the diagonal than a window's map are missing. With a stride of s bins all pixels up to
``map_bins - s`` bins from the diagonal are predicted; beyond, only those within the map of a window.

Coordinates are 0-based and half-open.
"""

import itertools
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from akitaflow import logs
from akitaflow.errors import InputError
from akitaflow.genome.intervals import Window, parse_region, some_names
from akitaflow.genome.sequence import UNKNOWN
from akitaflow.prediction.stream import Request

MAX_UNKNOWN = 0.5  # share of N above which a bin is missing


@dataclass(frozen=True, eq=False)
class Map:
    """Predicted maps of a region, one for each output of a model.

    Attributes
    ----------
    chrom : str
    start : int
        First base of the first bin: start of the sequence plus the crop.
    bin_size : int
        bp.
    outputs : list of str
        Names of the outputs in order.
    band : array of float32, shape (bins, reach, outputs)
        ``band[i, d]`` is the pixel of bins i and i + d, log(observed / expected); NaN where missing. An array, or a
        dataset of an open HDF5 file.
    """

    chrom: str
    start: int
    bin_size: int
    outputs: list
    band: np.ndarray = field(repr=False)

    @classmethod
    def of_squares(cls, squares, chrom, start, bin_size, outputs):
        """A map of symmetric matrices.

        Parameters
        ----------
        squares : ndarray, shape (outputs, bins, bins)
            NaN where missing.
        chrom, start, bin_size, outputs
            As the attributes.

        Returns
        -------
        Map
        """
        squares = np.asarray(squares, np.float32)
        bins = squares.shape[-1]
        band = np.full((bins, bins, len(squares)), np.nan, np.float32)
        rows, columns = np.triu_indices(bins)
        band[rows, columns - rows] = squares[:, rows, columns].T
        return cls(chrom, start, bin_size, list(outputs), band)

    @property
    def bins(self):
        """Number of bins."""
        return len(self.band)

    @property
    def end(self):
        """End of the last bin, bp (exclusive)."""
        return self.start + self.bins * self.bin_size

    @cached_property
    def maps(self):
        """Symmetric matrices, float32 (outputs, bins, bins). Only for short regions: the size is quadratic."""
        rows, columns, values = self.pixels(0, self.bins)
        square = np.full((len(self.outputs), self.bins, self.bins), np.nan, np.float32)
        square[:, rows, columns] = square[:, columns, rows] = values.T
        return square

    def fetch(self, region):
        """The map of a region within this map.

        Parameters
        ----------
        region : str or (chrom, start, end)
            ``chr1:1,000-2,000``, 0-based and half-open; extended to whole bins.

        Returns
        -------
        Map

        Raises
        ------
        InputError
            If the region is not contained in the map.
        """
        chrom, start, end = as_window(region)
        low, high = (start - self.start) // self.bin_size, -((self.start - end) // self.bin_size)
        if chrom != self.chrom or low < 0 or high > self.bins:
            raise InputError(f"{chrom}:{start}-{end} is not in the map, which covers {self.chrom}:{self._span}")
        band = np.array(self.band[low:high, : high - low])
        outside = np.add.outer(np.arange(high - low), np.arange(band.shape[1])) >= high - low
        band[outside] = np.nan
        return Map(chrom, self.start + low * self.bin_size, self.bin_size, self.outputs, band)

    def to_frame(self):
        """The predicted pixels as a long table.

        Returns
        -------
        DataFrame
            Columns chrom, start_1, start_2 (bp, starts of the two bins, start_1 <= start_2) and one per output.
        """
        rows, columns, values = self.pixels(0, self.bins)
        coordinates = {
            "chrom": self.chrom,
            "start_1": self.start + rows * self.bin_size,
            "start_2": self.start + columns * self.bin_size,
        }
        return pd.concat([pd.DataFrame(coordinates), pd.DataFrame(values, columns=self.outputs)], axis=1)

    @property
    def _span(self):
        return f"{self.start}-{self.end}"

    def pixels(self, low, high):
        """Rows, columns and values (pixels, outputs) of the predicted pixels of rows [low, high), row by row."""
        band = self.band[low:high]
        rows, distances = np.nonzero(np.isfinite(band[..., 0]))
        return rows + low, rows + low + distances, band[rows, distances]


def as_window(region):
    """A region as :class:`akitaflow.genome.intervals.Window`: ``chr1:1,000-2,000`` or (chrom, start, end)."""
    return parse_region(region) if isinstance(region, str) else Window(*region)


def predict_region(predictor, region, *, stride_bins=None, progress=None):
    """Predict the maps of a region, from one window or from overlapping windows.

    Parameters
    ----------
    predictor : akitaflow.prediction.predictor.Predictor
    region : str or (chrom, start, end)
        Sequence to read, 0-based and half-open, of at least ``model.length`` bp; a last incomplete bin is left out.
        The map is shorter by the crop at both ends.
    stride_bins : int, optional
        Distance of neighbouring windows in bins; by default half of a map. A smaller stride averages more windows and
        predicts pixels farther from the diagonal, but takes longer.
    progress : str, optional
        Description of a progress line; by default no line.

    Returns
    -------
    Map

    Raises
    ------
    InputError
        If the region is shorter than the model's window or extends beyond its chromosome.
    """
    model, genome, geometry = predictor.model, predictor.genome, predictor.model.geometry
    window = as_window(region)
    _check(window, model, genome)
    size, map_bins, n = geometry.bin_size, geometry.map_bins, (window.end - window.start) // geometry.bin_size
    start, bins = window.start + geometry.crop, n - 2 * geometry.crop_bins
    missing = _mostly_unknown(genome, window.chrom, start, bins, size)
    if missing.all():
        logs.warn(f"{window}: nothing is predicted, because more than half of each of its bins is N")
    # first bin of each window in the region, which is also the first bin of its map in the region's map
    firsts = [
        first
        for first in _firsts(n, geometry.window_bins, stride_bins, map_bins)
        if not missing[first:][:map_bins].all()
    ]
    positions = [window.start + first * size for first in firsts]
    requests = [Request((window.chrom, position, position + model.length)) for position in positions]
    predictions = predictor.stream(requests, progress=progress)
    maps = zip(firsts, (prediction.values for prediction in predictions), strict=True)
    band = _stitched(maps, bins, geometry, len(model.outputs))
    _set_missing(band, missing)
    return Map(window.chrom, start, size, list(model.outputs), band)


def window_map(model, window, values):
    """The map of one window from predicted values.

    Parameters
    ----------
    model : akitaflow.model.folding_model.FoldingModel
    window : (chrom, start, end)
        Of the model's length. For a perturbed window, the coordinates of its reference.
    values : ndarray of float32, shape (n_values, outputs)
        Of :func:`akitaflow.prediction.stream.stream`.

    Returns
    -------
    Map
    """
    chrom, start, _ = window
    geometry = model.geometry
    band = _stitched([(0, values)], geometry.map_bins, geometry, len(model.outputs))
    return Map(chrom, start + geometry.crop, geometry.bin_size, list(model.outputs), band)


def predict_chromosome(predictor, chrom, **options):
    """Predict the maps of a chromosome, without the crop at its ends.

    Memory is that of the band, bins x map_bins x outputs x 4 bytes: 1.1 GB for the longest human chromosome and five
    outputs at the published size.

    Parameters
    ----------
    predictor : akitaflow.prediction.predictor.Predictor
    chrom : str
    **options
        Of :func:`predict_region`.

    Returns
    -------
    Map

    Raises
    ------
    InputError
        If the genome has no such chromosome, or it is shorter than the model's window.
    """
    return predict_region(predictor, whole_chromosome(predictor.genome, chrom), **options)


def whole_chromosome(genome, chrom):
    """The region of a whole chromosome; InputError if the genome has no such chromosome."""
    if chrom not in genome.chromsizes:
        raise InputError(f"the genome has no chromosome {chrom!r}; it has {some_names(genome.chromsizes)}")
    return Window(chrom, 0, genome.chromsizes[chrom])


def long_enough(regions, length):
    """The regions of at least ``length`` bp; prints which are left out."""
    short = [region for region in regions if region.end - region.start < length]
    if short:
        print(f"{len(short)} of {len(regions)} chromosomes, shorter than {length} bp, are left out:", some_names(short))
    return [region for region in regions if region not in short]


def check_regions(regions, model, genome, apart=True):
    """Check regions before any of them is predicted.

    Parameters
    ----------
    regions : list of akitaflow.genome.intervals.Window
    model : akitaflow.model.folding_model.FoldingModel
    genome : akitaflow.genome.sequence.Genome
    apart : bool
        Whether their maps are to be written to one cooler, in which they must not overlap and begin at bins.

    Raises
    ------
    InputError
        As of :func:`predict_region`; with ``apart`` also if maps overlap or are off the grid of bins.
    """
    for region in regions:
        _check(region, model, genome)
        if apart and region.start % model.bin_size:
            start = region.start // model.bin_size * model.bin_size
            raise InputError(
                f"region {region} is off the grid of {model.bin_size} bp bins that a cooler has; write "
                f"{Window(region.chrom, start, start + region.end - region.start)}"
            )
    for before, after in itertools.pairwise(sorted(regions) if apart else []):
        n_bins = (before.end - before.start) // model.bin_size - 2 * model.geometry.crop_bins
        if before.chrom == after.chrom and after.start < before.start + n_bins * model.bin_size:
            raise InputError(f"maps of {before} and {after} overlap: predict one region that holds both")


def _check(window, model, genome):
    chromosome = whole_chromosome(genome, window.chrom)
    length = window.end - window.start
    if length < model.length:
        start = min(max((window.start + window.end - model.length) // 2, 0), chromosome.end - model.length)
        advice = f"write {Window(window.chrom, start, start + model.length)} for the map around it"
        if start < 0:
            advice = f"its chromosome has {chromosome.end} bp and cannot be predicted"
        raise InputError(f"region {window} has {length} bp and the model reads {model.length} bp; {advice}")
    if window.start < 0 or window.end > chromosome.end:
        raise InputError(f"region {window} extends beyond its chromosome, {chromosome}; write one inside it")


def _firsts(n, window_bins, stride_bins, map_bins):
    """First bins of the windows that cover n bins; the last window ends at the last bin."""
    stride = max(map_bins // 2, 1) if stride_bins is None else stride_bins
    if not 1 <= stride <= map_bins:
        raise InputError(f"stride_bins is {stride}; write 1 to {map_bins}, so that maps cover the region")
    return [*range(0, n - window_bins, stride), n - window_bins]


def _mostly_unknown(genome, chrom, start, bins, bin_size):
    """Whether more than half of each bin is N; ndarray of bool, shape (bins,)."""
    step = max(2**24 // bin_size, 1)  # bins read at a time
    shares = [
        (genome.fetch(chrom, start + low * bin_size, start + min(low + step, bins) * bin_size) == UNKNOWN)
        .reshape(-1, bin_size)
        .mean(1)
        for low in range(0, bins, step)
    ]
    return np.concatenate(shares) > MAX_UNKNOWN


def _stitched(maps, bins, geometry, outputs):
    """Band of the mean of overlapping maps; ``maps`` yields (first bin, values of shape (n_values, outputs))."""
    rows, columns = geometry.pixels
    band = np.zeros((bins, min(geometry.map_bins, bins), outputs), np.float32)
    count = np.zeros(band.shape[:2], np.uint16)
    for first, values in maps:
        band[first + rows, columns - rows] += values
        count[first + rows, columns - rows] += 1
    band[count == 0] = np.nan
    band /= np.maximum(count, 1)[..., None]
    return band


def _set_missing(band, missing):
    """Set the rows and columns of missing bins to NaN."""
    reach = band.shape[1]
    for bin_ in np.flatnonzero(missing):
        band[bin_] = np.nan
        distances = np.arange(min(bin_, reach - 1) + 1)
        band[bin_ - distances, distances] = np.nan
