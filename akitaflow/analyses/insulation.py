"""Insulation score of each bin of a predicted map.

The insulation of bin b is the mean of log(observed / expected) over the pairs (i, j) with
b - half <= i < b < j <= b + half; it is negative at boundaries. This is the diamond insulation score
(Crane et al. 2015, doi:10.1038/nature14450; ``cooltools.insulation`` for coolers). Bins closer than ``half`` to an end
of the map are NaN.
"""

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, diags

from akitaflow.evaluation import map_scores


class Insulation:
    """Computes the insulation of maps of one shape.

    Parameters
    ----------
    geometry : akitaflow.geometry.Geometry
        Geometry of the maps.
    half : int
        Bins on each side of a bin.
    """

    def __init__(self, geometry, half):
        (rows, columns), map_bins = geometry.pixels, geometry.map_bins
        bins = np.arange(map_bins)
        inside = (bins >= half) & (bins < map_bins - half)
        crossed = (rows < bins[:, None]) & (columns > bins[:, None])
        near = (rows >= bins[:, None] - half) & (columns <= bins[:, None] + half)
        used = crossed & near & inside[:, None]
        count = used.sum(axis=1)
        self.map_bins, self.half = map_bins, half
        self.defined = count > 0
        self.mean = diags(1 / np.maximum(count, 1)) @ csr_matrix(used, dtype=float)

    def __call__(self, values):
        """Insulation of maps.

        Parameters
        ----------
        values : ndarray, shape (n_values, outputs)
            Upper triangles, row by row.

        Returns
        -------
        ndarray of float64, shape (map_bins, outputs)
        """
        result = self.mean @ np.asarray(values, float)
        result[~self.defined] = np.nan
        return result


class BinTable:
    """Collects the insulation of the bins of many windows before and after a perturbation.

    Parameters
    ----------
    insulation : Insulation
    n_windows, n_outputs : int
    """

    def __init__(self, insulation, n_windows, n_outputs):
        self._insulation = insulation
        shape = (n_windows, insulation.map_bins, n_outputs)
        self._reference, self._altered = np.full(shape, np.nan), np.zeros(shape)
        self._draws = np.zeros(n_windows, int)

    def add(self, prediction):
        """Add an :class:`akitaflow.prediction.stream.Prediction`; its ``request_index`` is the row of the window."""
        insulation, index = map_scores.insulation(prediction, self._insulation), prediction.request_index
        if prediction.alternative is None:
            self._reference[index] = insulation
        else:
            self._altered[index] += insulation
            self._draws[index] += 1

    def frame(self, windows, sites, outputs, bin_size):
        """The collected insulation as a table, with a row per window, bin and dataset.

        Parameters
        ----------
        windows : DataFrame
            window, chrom, start, end in the order of the requests.
        sites : DataFrame
            window, start, end (bp) of the perturbed sites.
        outputs : list of str
        bin_size : int

        Returns
        -------
        DataFrame
            window, chrom, start, end (of the bin), dataset, n_sites (sites whose middle is in the bin), insulation,
            insulation_mutated (mean over draws; equal to insulation in windows without draws). Bins without insulation
            are left out.
        """
        bins = self._insulation.map_bins
        untouched = self._draws == 0
        altered = self._altered / np.maximum(self._draws, 1)[:, None, None]
        altered[untouched] = self._reference[untouched]
        first = ((windows["start"] + windows["end"]) // 2 - bins * bin_size // 2).to_numpy()
        start = first[:, None] + bin_size * np.arange(bins)
        place = {number: row for row, number in enumerate(windows["window"])}
        row = sites["window"].map(place).to_numpy(int)
        middle = ((sites["start"] + sites["end"]) // 2).to_numpy(int)
        bin_of = (middle - first[row]) // bin_size
        inside = (bin_of >= 0) & (bin_of < bins)
        n_sites = np.zeros((len(windows), bins), int)
        np.add.at(n_sites, (row[inside], bin_of[inside]), 1)
        n = len(windows) * bins
        tables = [
            pd.DataFrame(
                {
                    "window": np.repeat(windows["window"].to_numpy(), bins),
                    "chrom": np.repeat(windows["chrom"].to_numpy(), bins),
                    "start": start.ravel(),
                    "end": start.ravel() + bin_size,
                    "dataset": [dataset] * n,
                    "n_sites": n_sites.ravel(),
                    "insulation": self._reference[:, :, k].ravel(),
                    "insulation_mutated": altered[:, :, k].ravel(),
                }
            )
            for k, dataset in enumerate(outputs)
        ]
        return pd.concat(tables, ignore_index=True).dropna(subset="insulation").reset_index(drop=True)
