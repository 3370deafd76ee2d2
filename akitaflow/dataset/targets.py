"""Targets: the values that the model is trained to predict, computed from balanced contact maps.

Steps for each window and dataset, as published:

1. dense balanced and raw counts of the window;
2. the mask of missing bins (rows and columns of NaN);
3. the diagonals nearer than ``diagonal_offset`` are set to the median of the diagonal at ``diagonal_offset``, all
   values are capped at that median, missing pixels stay missing;
4. adaptive coarse-graining, which pools pixels of low counts with their neighbours;
5. observed over expected;
6. natural logarithm, clipped;
7. linear interpolation of missing pixels, with zeros around the window (optionally, missing pixels are set to 0);
8. the diagonals nearer than ``diagonal_offset`` are set to 0;
9. Gaussian smoothing, with zeros beyond the edges;
10. cropping, upper triangle row by row, float16.
"""

import warnings
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from functools import cached_property
from multiprocessing import get_context

import h5py
import numpy as np
import pandas as pd
from scipy.ndimage import correlate1d
from scipy.sparse import csr_matrix

from akitaflow.errors import InputError
from akitaflow.geometry import Geometry

EXPECTED = ("window", "genome")
WINDOWS_PER_JOB = 64  # windows of one contig per job (13 MB at the published size)


@dataclass(frozen=True)
class TargetSteps:
    """Options of the target steps; the defaults are the published ones."""

    bin_size: int = 2048  # bp
    window_bins: int = 512
    crop_bins: int = 32  # bins left out at each end
    diagonal_offset: int = 2  # first diagonal of the target
    clip: float = 2.0  # limit of |log(observed/expected)|
    coarsegrain_cutoff: float = 2.0  # raw counts below which a pixel is pooled with its neighbours
    coarsegrain_levels: int = 8
    expected: str = "window"  # mean at each distance: of the window (published) or of the genome
    smoothing_sigma: float = 1.0  # bins; 0 turns smoothing off
    smoothing_width: int = 9  # pixels of the kernel, odd
    cap: bool = True  # cap contacts at the median of the first diagonal (step 3)
    missing: str = "interpolate"  # or "zero": missing pixels are 0, the expected value (step 7)

    def __post_init__(self):
        if self.expected not in EXPECTED:
            raise InputError(f"targets: expected is {self.expected!r}; write one of {', '.join(EXPECTED)}")
        if self.missing not in ("interpolate", "zero"):
            raise InputError(f"targets: missing is {self.missing!r}; write interpolate or zero")
        if self.smoothing_width % 2 == 0:
            raise InputError(f"targets: smoothing_width is {self.smoothing_width}; write an odd number of bins")
        _ = self.geometry  # raises an InputError if the map has no pixel

    @classmethod
    def from_config(cls, geometry, targets):
        """Options from the config's ``geometry`` and ``targets``."""
        numbers = {**geometry, **targets}
        return cls(**{field.name: numbers[field.name] for field in fields(cls) if field.name in numbers})

    @cached_property
    def geometry(self):
        """Geometry of windows and maps, an :class:`akitaflow.geometry.Geometry`."""
        return Geometry.from_bins(self.bin_size, self.window_bins, self.crop_bins, self.diagonal_offset)

    @property
    def map_bins(self):
        """Bins of the cropped map."""
        return self.geometry.map_bins

    @property
    def n_values(self):
        """Number of values of one target: pixels of the upper triangle of the cropped map."""
        return self.geometry.n_values


def smooth(matrix, sigma, width):
    """Gaussian smoothing of a map with zeros beyond its edges.

    Parameters
    ----------
    matrix : ndarray, shape (bins, bins)
    sigma : float
        Bins; 0 for no smoothing.
    width : int
        Bins of the kernel, odd; 9 in the published files.

    Returns
    -------
    ndarray, shape (bins, bins)
    """
    if sigma == 0:
        return matrix
    kernel = np.exp(-0.5 * (np.arange(width) - width // 2) ** 2 / sigma**2)
    kernel /= kernel.sum()
    once = correlate1d(matrix, kernel, axis=0, mode="constant", cval=0.0)
    return correlate1d(once, kernel, axis=1, mode="constant", cval=0.0)


def genome_expected(clr, window_bins, processes=1):
    """Mean balanced contact at each distance, over all valid pairs of bins within chromosomes.

    Parameters
    ----------
    clr : cooler.Cooler
        Balanced; weights in the column ``weight``.
    window_bins : int
        Number of distances: 0 to ``window_bins - 1`` bins.
    processes : int

    Returns
    -------
    ndarray of float64, shape (window_bins,)
        NaN at distances without valid pairs or without contacts.
    """
    from cooltools import expected_cis

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of pandas, about cooltools' own grouping
        table = expected_cis(clr, smooth=False, aggregate_smoothed=False, ignore_diags=0, nproc=processes)
    # chromosomes are weighted by their numbers of valid pairs, so that short ones do not add noise
    sums = table.groupby("dist")[["balanced.sum", "n_valid"]].sum().reindex(range(window_bins), fill_value=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (sums["balanced.sum"] / sums["n_valid"]).to_numpy(float)
    return np.where(mean > 0, mean, np.nan)


def target(balanced, raw, steps, expected=None):
    """Target of one window and dataset.

    Parameters
    ----------
    balanced, raw : ndarray of float, shape (window_bins, window_bins)
        Balanced contacts, NaN in the rows and columns of missing bins, and raw counts of the same pixels.
    steps : TargetSteps
    expected : ndarray of float, shape (window_bins,), optional
        Mean contact at each distance (:func:`genome_expected`); required if ``steps.expected`` is "genome".

    Returns
    -------
    values : ndarray of float16, shape (steps.n_values,)
    finite : float
        Share of measured values, which are finite before clipping and interpolation.
    """
    smoothed, measured = target_map(balanced, raw, steps, expected)
    geometry = steps.geometry
    inner = geometry.inner
    finite = float(geometry.upper_triangle(measured[inner, inner]).mean())
    return geometry.upper_triangle(smoothed[inner, inner]).astype(np.float16), finite


def target_map(balanced, raw, steps, expected=None):
    """Map of a window after step 9; parameters as in :func:`target`.

    Returns
    -------
    smoothed : ndarray of float, shape (window_bins, window_bins)
    measured : ndarray of bool, shape (window_bins, window_bins)
        Pixels that are finite before clipping and interpolation.
    """
    log_ratio = _log_observed_over_expected(balanced, raw, steps, expected)
    clipped = np.clip(log_ratio, -steps.clip, steps.clip)  # keeps NaN
    filled = np.nan_to_num(clipped) if steps.missing == "zero" else _fill_missing(clipped, np.isnan(balanced))
    _set_near_diagonals(filled, 0.0, steps.diagonal_offset)
    return smooth(filled, steps.smoothing_sigma, steps.smoothing_width), np.isfinite(log_ratio)


def _log_observed_over_expected(balanced, raw, steps, expected):
    """Steps 3 to 6 without clipping: NaN for missing pixels, -inf where the pooled contact is 0."""
    from cooltools.lib.numutils import adaptive_coarsegrain, observed_over_expected

    missing = np.isnan(balanced)
    first = np.diagonal(balanced, steps.diagonal_offset)
    cap = np.nanmedian(first) if np.isfinite(first).any() else np.nan
    contacts = np.array(balanced, float)
    _set_near_diagonals(contacts, cap, steps.diagonal_offset)
    if steps.cap:
        contacts = np.clip(contacts, 0, cap)
    contacts[missing] = np.nan
    # adaptive_coarsegrain writes into float inputs, so both are copies; it divides 0 by 0 in missing squares
    with np.errstate(invalid="ignore"):
        pooled = adaptive_coarsegrain(
            contacts,
            np.array(raw, float),
            cutoff=steps.coarsegrain_cutoff,
            max_levels=steps.coarsegrain_levels,
            min_shape=_smallest_pooled(steps.window_bins),
        )
    if steps.expected == "window":
        ratio = observed_over_expected(pooled, np.isfinite(pooled))[0]
    else:
        if expected is None:
            raise ValueError("expected: genome needs the mean contact at each distance")
        bins = np.arange(steps.window_bins)
        ratio = pooled / expected[np.abs(bins[:, None] - bins)]
    with np.errstate(divide="ignore"):
        return np.log(ratio)


def _smallest_pooled(window_bins):
    """Bins at which pooling stops: 8, or fewer for windows of 8 bins, of which cooltools pools none and fails."""
    return 8 if window_bins > 8 else 4 if window_bins > 4 else 2


def _fill_missing(matrix, missing):
    """Interpolate missing bins; other missing pixels become 0, the expected value.

    Single pixels are missing at distances without expected contacts. The interpolation fills entire rows and columns
    only.
    """
    from cooltools.lib.numutils import interp_nan

    filled = matrix.copy()
    missing_bins = missing.all(axis=0)
    if missing_bins.all():
        return np.zeros_like(filled)
    present = np.ix_(~missing_bins, ~missing_bins)
    filled[present] = np.nan_to_num(filled[present], nan=0.0)
    filled[missing_bins] = np.nan
    filled[:, missing_bins] = np.nan
    return interp_nan(filled)


def _set_near_diagonals(matrix, value, offset):
    """Set the diagonals nearer than the offset, in place."""
    bins = np.arange(len(matrix))
    for distance in range(offset):
        matrix[bins[distance:], bins[: len(bins) - distance]] = value
        matrix[bins[: len(bins) - distance], bins[distance:]] = value


def iterate_targets(cooler_path, windows, steps, threads=1):
    """Compute the targets of windows contig by contig.

    The contacts of a contig are read once for all of its windows that are in one job.

    Parameters
    ----------
    cooler_path : str
        Balanced cooler at ``steps.bin_size``.
    windows : pandas.DataFrame
        Columns chrom, start, end (bp, 0-based, half-open, on bin boundaries) and contig. The latter may be missing if
        all windows of a chromosome are of one contig.
    steps : TargetSteps
    threads : int
        Number of processes.

    Yields
    ------
    rows : ndarray of int
        Positions of the windows in the table.
    values : ndarray of float16, shape (rows, steps.n_values)
    finite : ndarray of float32, shape (rows,)
        Share of measured values.

    Raises
    ------
    InputError
        If the cooler has another bin size, is not balanced, or a window is not on its bins.
    """
    import cooler

    clr = cooler.Cooler(str(cooler_path))
    _check(clr, windows, steps)
    expected = genome_expected(clr, steps.window_bins, threads) if steps.expected == "genome" else None
    jobs = [(str(cooler_path), chrom, rows, starts, steps, expected) for chrom, rows, starts in _jobs(windows)]
    if threads <= 1 or len(jobs) <= 1:
        yield from map(_job_targets, jobs)
        return
    if steps.expected == "window":
        _compile()
    # forked processes inherit the compiled code; spawned ones would take seconds to compile it again
    with ProcessPoolExecutor(threads, mp_context=get_context("fork")) as pool:
        waiting = deque()
        for job in jobs:
            waiting.append(pool.submit(_job_targets, job))
            if len(waiting) > 2 * threads:  # limits the memory of finished jobs
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def window_targets(cooler_path, windows, steps, threads=1):
    """Targets of all windows in the order of the table; parameters as in :func:`iterate_targets`.

    Returns
    -------
    values : ndarray of float16, shape (windows, steps.n_values)
    finite : ndarray of float32, shape (windows,)
    """
    values = np.zeros((len(windows), steps.n_values), np.float16)
    finite = np.zeros(len(windows), np.float32)
    for rows, values_of_rows, finite_of_rows in iterate_targets(cooler_path, windows, steps, threads):
        values[rows] = values_of_rows
        finite[rows] = finite_of_rows
    return values, finite


class TargetTables:
    """Targets of the windows of a split, read row by row from one HDF5 file per dataset.

    Parameters
    ----------
    paths : mapping of str to str
        File of each dataset, in the order of the outputs. It holds ``values``, float16 of shape (windows, n_values),
        and ``finite``, float32 of shape (windows,).
    """

    def __init__(self, paths):
        self.files = {dataset: h5py.File(path, "r") for dataset, path in paths.items()}

    def finite(self):
        """Share of measured values of each window: dict of dataset to float32 (windows,)."""
        return {dataset: file["finite"][:] for dataset, file in self.files.items()}

    def row(self, row):
        """Target of one window: float16 (n_values, datasets)."""
        return np.stack([file["values"][row] for file in self.files.values()], axis=-1)

    def examples(self, fasta, windows, rows):
        """Yield sequences and targets of rows of the table of windows.

        Parameters
        ----------
        fasta : str
            Indexed FASTA.
        windows : DataFrame
            chrom, start, end; 0-based, half-open, in bp.
        rows : iterable of int

        Yields
        ------
        codes : ndarray of uint8, shape (length,)
        target : ndarray of float16, shape (n_values, datasets)
        """
        from akitaflow.genome.sequence import Genome

        genome = Genome(fasta)
        for row in rows:
            window = windows.loc[row]
            yield genome.fetch(window["chrom"], int(window["start"]), int(window["end"])), self.row(row)


def _check(clr, windows, steps):
    if clr.binsize != steps.bin_size:
        raise InputError(f"{clr.filename}: bins of {clr.binsize} bp; targets need bin_size {steps.bin_size}")
    if "weight" not in clr.bins().columns:
        raise InputError(f"{clr.filename}: not balanced (no column 'weight'); run `cooler balance` on it")
    sizes = clr.chromsizes
    missing = sorted(set(windows["chrom"]) - set(sizes.index))
    if missing:
        raise InputError(f"{clr.filename}: has no chromosome {', '.join(missing)}")
    length = steps.window_bins * steps.bin_size
    on_bins = (windows["end"] - windows["start"] == length) & (windows["start"] % steps.bin_size == 0)
    inside = (windows["start"] >= 0) & (windows["end"] <= windows["chrom"].map(sizes))
    if not (on_bins & inside).all():
        window = windows[~(on_bins & inside)].iloc[0]
        raise InputError(
            f"window {window.chrom}:{window.start}-{window.end} is not {steps.window_bins} whole bins of {clr.filename}"
        )


def _jobs(windows):
    """Yield chromosome, positions in the table and starts of the windows of each job."""
    table = pd.DataFrame(
        {
            "chrom": windows["chrom"].to_numpy(),
            "start": windows["start"].to_numpy(np.int64),
            "contig": windows["contig"].to_numpy() if "contig" in windows else 0,
        }
    ).sort_values(["chrom", "contig", "start"], kind="stable")
    for (chrom, _), group in table.groupby(["chrom", "contig"], sort=False):
        for first in range(0, len(group), WINDOWS_PER_JOB):
            job = group.iloc[first : first + WINDOWS_PER_JOB]
            yield chrom, job.index.to_numpy(), job["start"].to_numpy()


def _job_targets(job):
    """Targets of the windows of one job, all of one contig; its pixels are read once."""
    import cooler

    path, chrom, rows, starts, steps, expected = job
    low, high = starts.min(), starts.max() + steps.window_bins * steps.bin_size
    clr = cooler.Cooler(path)
    weight = clr.bins()["weight"].fetch((chrom, low, high)).to_numpy()
    upper = _upper_band(clr, chrom, low, high, steps.window_bins)
    values = np.empty((len(rows), steps.n_values), np.float16)
    finite = np.empty(len(rows), np.float32)
    for i, start in enumerate((starts - low) // steps.bin_size):
        window = slice(start, start + steps.window_bins)
        raw = upper[window, window].toarray()
        raw += np.triu(raw, 1).T
        balanced = np.outer(weight[window], weight[window]) * raw
        values[i], finite[i] = target(balanced, raw, steps, expected)
    return rows, values, finite


def _upper_band(clr, chrom, low, high, window_bins):
    """Raw counts of a region as a sparse upper triangle, without pairs farther apart than a window."""
    pixels = clr.matrix(balance=False, as_pixels=True, ignore_index=False).fetch((chrom, low, high))
    first = clr.offset((chrom, low, high))
    rows = pixels["bin1_id"].to_numpy() - first
    columns = pixels["bin2_id"].to_numpy() - first
    near = columns - rows < window_bins
    n_bins = (high - low) // clr.binsize
    counts = pixels["count"].to_numpy()[near].astype(float)
    return csr_matrix((counts, (rows[near], columns[near])), shape=(n_bins, n_bins))


def _compile():
    """Compile cooltools' observed_over_expected before processes are forked."""
    from cooltools.lib.numutils import observed_over_expected

    observed_over_expected(np.ones((16, 16)), np.ones((16, 16), bool))
