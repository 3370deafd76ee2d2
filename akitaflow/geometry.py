"""Geometry of windows and maps: numbers of bins, and the pixel of each predicted value.

A window of the genome is cut into bins. A map holds the pairs of its bins, without the bins of the crop at both ends.
It is symmetric, so only its upper triangle is stored: the pixels (i, j) with j - i >= ``diagonal_offset``, row by row.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from akitaflow.errors import InputError


@dataclass(frozen=True)
class Geometry:
    """Sizes of windows and of their maps; the defaults are the published ones.

    Parameters
    ----------
    bin_size : int
        Size of a bin, bp.
    window : int
        Length of the sequence that the model reads, bp.
    crop : int
        bp at each end of the window that the map leaves out.
    diagonal_offset : int
        First diagonal of the upper triangle.
    pools : tuple of int, optional
        Sizes of the max pools of the network; their product is the bin size.

    Attributes
    ----------
    window_bins, crop_bins, map_bins : int
        Bins of the window, of the crop at each end, and of the map.
    n_values : int
        Number of values of the upper triangle.
    pixels, window_pixels : tuple of two ndarrays of int64, shape (n_values,)
        Rows and columns of the values, in bins of the map and in bins of the window.
    inner : slice
        Bins of the window that belong to the map.

    Raises
    ------
    InputError
        If window or crop are not whole bins, or the map has no pixel at the diagonal offset.
    """

    bin_size: int = 2048
    window: int = 2**20
    crop: int = 2**16
    diagonal_offset: int = 2
    pools: tuple | None = None

    def __post_init__(self):
        for name in ("window", "crop"):
            if getattr(self, name) % self.bin_size:
                raise InputError(
                    f"geometry: {name} {getattr(self, name)} bp is not a whole number of bins of {self.bin_size} bp"
                )
        if self.map_bins <= self.diagonal_offset:
            raise InputError(
                f"geometry: a window of {self.window_bins} bins less {self.crop_bins} at each side leaves no pixel "
                f"at diagonal {self.diagonal_offset}; write a larger window_bins or a smaller crop_bins"
            )

    @classmethod
    def from_config(cls, geometry):
        """Geometry from the config's ``geometry``: bin_size, window, crop (bp), diagonal_offset, pools."""
        numbers = (geometry[name] for name in ("bin_size", "window", "crop", "diagonal_offset"))
        return cls(*numbers, pools=tuple(geometry["pools"]))

    @classmethod
    def from_bins(cls, bin_size, window_bins, crop_bins, diagonal_offset, pools=None):
        """Geometry from the window and the crop in bins."""
        return cls(bin_size, window_bins * bin_size, crop_bins * bin_size, diagonal_offset, pools)

    @property
    def window_bins(self):
        return self.window // self.bin_size

    @property
    def crop_bins(self):
        return self.crop // self.bin_size

    @property
    def map_bins(self):
        return self.window_bins - 2 * self.crop_bins

    @property
    def n_values(self):
        side = self.map_bins - self.diagonal_offset
        return side * (side + 1) // 2

    @property
    def derived(self):
        """Numbers that follow from the others: dict of window_bins, crop_bins, map_bins, n_values."""
        return {name: getattr(self, name) for name in ("window_bins", "crop_bins", "map_bins", "n_values")}

    @cached_property
    def pixels(self):
        """Rows and columns of the map for each value: two ndarrays of int64, shape (n_values,)."""
        return np.triu_indices(self.map_bins, self.diagonal_offset)

    @property
    def window_pixels(self):
        """Rows and columns as :attr:`pixels`, in bins of the window."""
        rows, columns = self.pixels
        return rows + self.crop_bins, columns + self.crop_bins

    @property
    def inner(self):
        """Bins of the window that belong to the map, as a slice."""
        return slice(self.crop_bins, self.window_bins - self.crop_bins)

    def upper_triangle(self, maps):
        """Values of maps: shape (..., n_values) of (..., map_bins, map_bins). See :func:`upper_triangle`."""
        return upper_triangle(maps, self.diagonal_offset)

    def to_map(self, values, fill=np.nan):
        """The symmetric map of values, shape (map_bins, map_bins). See :func:`to_map`."""
        return to_map(values, self.map_bins, self.diagonal_offset, fill)

    def flip_index(self):
        """Index that reverse-complements the values of a map. See :func:`flip_index`."""
        return flip_index(self.map_bins, self.diagonal_offset)


def extension(length, bin_size):
    """How far a window is extended to the left and to the right in place of deleted bases.

    Parameters
    ----------
    length : int
        Deleted bases, bp.
    bin_size : int
        bp.

    Returns
    -------
    (left, right) : tuple of int
        bp; their sum is ``length``. The left half is rounded to whole bins (ties to the smaller), so that the bins left
        of the deletion stay on their grid.
    """
    left = bin_size * ((length + bin_size - 1) // (2 * bin_size))
    return left, length - left


def upper_triangle(maps, offset):
    """Values of the upper triangle, row by row.

    Parameters
    ----------
    maps : ndarray, shape (..., bins, bins)
    offset : int
        First diagonal of the upper triangle.

    Returns
    -------
    ndarray, shape (..., values)
    """
    rows, columns = np.triu_indices(maps.shape[-1], offset)
    return maps[..., rows, columns]


def to_map(values, n_bins, offset, fill=np.nan):
    """The symmetric map of the values of an upper triangle; the inverse of :func:`upper_triangle`.

    Parameters
    ----------
    values : ndarray, shape (values,)
    n_bins : int
        Bins of the map.
    offset : int
        First diagonal that the values cover.
    fill : float
        Value of the diagonals nearer than ``offset``.

    Returns
    -------
    ndarray, shape (n_bins, n_bins)
        float64 if ``values`` are float64, else float32.

    Raises
    ------
    ValueError
        If the number of values differs from the number of pixels.
    """
    rows, columns = np.triu_indices(n_bins, offset)
    if values.shape != rows.shape:
        raise ValueError(f"{values.shape} values for {len(rows)} pixels of {n_bins} bins from diagonal {offset}")
    result = np.full((n_bins, n_bins), fill, np.result_type(values.dtype, np.float32))
    result[rows, columns] = values
    result[columns, rows] = values
    return result


def flip_index(n_bins, offset):
    """Index that turns the values of a map into those of the map of the reverse complement.

    ``values[flip_index(n_bins, offset)]`` are the values of the map of the reverse-complemented sequence.

    Parameters
    ----------
    n_bins : int
        Bins of the map.
    offset : int
        First diagonal of the upper triangle.

    Returns
    -------
    ndarray of int64, shape (values,)
    """
    rows, columns = np.triu_indices(n_bins, offset)
    position = np.zeros((n_bins, n_bins), np.int64)
    position[rows, columns] = np.arange(len(rows))
    return position[n_bins - 1 - columns, n_bins - 1 - rows]
