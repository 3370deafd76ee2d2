"""The folding law: what a sequence's sites make of its contacts.

1. Every site of the acting factors has an occupancy, a logistic function of its score.
2. Loop extruders land anywhere, each with two legs that move apart one bin at a time. A site stops a leg with its
   occupancy: one of an oriented factor the leg that meets its head, the other leg less; one of an orientation-free
   factor both. Extruders fall off after ``processivity`` bins. Their steady state, the number n(a, b) of extruders
   with legs in bins a and b, follows from the states with legs one bin nearer.
3. Contact of two bins, relative to what their distance gives, is a mean of three terms: 1; the smoothed n of the two
   bins; and the number of extruders whose loops cover both. The latter two are relative to their mean at the same
   distance in one fixed array of sites, so that the law knows nothing of the genome at hand.

It takes any sequence, edited ones included, and treats both strands alike.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import h5py
import numpy as np
import pandas as pd

from akitaflow import seeds
from akitaflow.dataset.targets import smooth
from akitaflow.errors import InputError
from akitaflow.files import write_h5
from akitaflow.genome.motifs import Matrix, jaspar_matrix, scan_codes
from akitaflow.simulate.sites import background

MAX_ENDS = 8.0  # limits of the two terms, relative to their means
MAX_COVER = 4.0
WEAKEST = 10  # sites are looked for up to this many times the p value of a half occupied site
KERNEL = np.exp(-0.5 * np.arange(-4, 5) ** 2)  # one bin, cut at four
KERNEL /= KERNEL.sum()

# the fixed array of sites: 1,500 bins or more, a site about every 7.4 bins; its ends do not count
REFERENCE_BINS = 1500
REFERENCE_INNER = slice(100, 1300)
REFERENCE_SPACING = (2.0, 5.5)  # bins: least distance and mean of the exponential on top of it
REFERENCE_OCCUPANCY = 0.9


@dataclass(frozen=True, eq=False)
class Factor:
    """A protein that stops legs of extruders."""

    name: str
    matrix: Matrix
    composition: tuple  # background of the scores: shares of A, C, G, T
    pvalue: float  # of the score that is half occupied
    oriented: bool = True

    @cached_property
    def threshold(self):
        """The score in bits that is half occupied."""
        return self.matrix.threshold(self.pvalue, self.composition)


@dataclass(frozen=True, eq=False)
class Law:
    """The numbers of the law; see the module for their meaning."""

    factors: tuple  # of Factor
    bin_size: int = 128  # bp
    weights: tuple = (0.45, 0.5)  # of the extruders' ends and of the loops that cover; the rest is distance alone
    processivity: float = 40.0  # bins
    strength: float = 1.0  # 0: nothing folds
    distance_bins: int = 96  # largest distance
    wrong_orientation: float = 0.3  # share of its occupancy with which an oriented site stops the other leg
    occupancy_width: float = 0.5  # bits
    occupancy_max: float = 0.92
    occupancy_min: float = 0.05  # sites below are left out


def load_factors(simulation):
    """All factors of a simulation, by name.

    Parameters
    ----------
    simulation : dict
        The config's ``simulation`` with all defaults.

    Returns
    -------
    dict of str to Factor
    """
    return {
        name: Factor(
            name=name,
            matrix=jaspar_matrix(simulation["motif_release"], factor["matrix"]),
            composition=background(simulation["gc"]),
            pvalue=simulation["binding"]["pvalue"],
            oriented=factor["oriented"],
        )
        for name, factor in simulation["factors"].items()
    }


def load_law(simulation, dataset, bin_size):
    """The law of one dataset.

    Parameters
    ----------
    simulation : dict
        The config's ``simulation`` with all defaults.
    dataset : str
        One of ``simulation["datasets"]``.
    bin_size : int
        bp.

    Returns
    -------
    Law

    Raises
    ------
    InputError
        If the dataset names a factor that the simulation lacks, or its weights exceed 1 together.
    """
    chosen = simulation["datasets"][dataset]
    unknown = sorted(set(chosen["factors"]) - set(simulation["factors"]))
    if unknown:
        known = ", ".join(simulation["factors"])
        raise InputError(f"simulation.datasets.{dataset}.factors: no factor {unknown[0]!r}; write some of {known}")
    if sum(chosen["weights"]) > 1:
        raise InputError(f"simulation.datasets.{dataset}.weights: {chosen['weights']} exceed 1; write smaller ones")
    factors = load_factors(simulation)
    binding, folding = simulation["binding"], simulation["folding"]
    return Law(
        factors=tuple(factors[name] for name in chosen["factors"]),
        bin_size=bin_size,
        weights=tuple(chosen["weights"]),
        processivity=chosen["processivity_bins"],
        strength=simulation["strength"],
        distance_bins=folding["distance_bins"],
        wrong_orientation=folding["wrong_orientation"],
        occupancy_width=binding["width_bits"],
        occupancy_max=binding["maximum"],
        occupancy_min=binding["minimum"],
    )


def bound_sites(codes, law, masked=()):
    """The sites of a sequence that the law's factors occupy.

    Parameters
    ----------
    codes : ndarray of uint8, shape (length,)
    law : Law
    masked : iterable of (int, int)
        Intervals, 0-based half-open, that keep the factors away: sites whose middle lies in one do not act.

    Returns
    -------
    pandas.DataFrame
        Columns start, end (0-based half-open), strand, factor, score (bits) and occupancy; those masked stay in the
        table with occupancy 0.
    """
    tables = []
    for factor in law.factors:
        starts, strands, scores = scan_codes(codes, factor.matrix, WEAKEST * factor.pvalue, factor.composition)
        occupancy = law.occupancy_max / (1 + np.exp((factor.threshold - scores) / law.occupancy_width))
        table = pd.DataFrame(
            {
                "start": starts,
                "end": starts + factor.matrix.width,
                "strand": np.where(strands > 0, "+", "-"),
                "factor": factor.name,
                "score": scores,
                "occupancy": occupancy,
            }
        )
        tables.append(table[occupancy >= law.occupancy_min])
    if not tables:
        return pd.DataFrame(columns=["start", "end", "strand", "factor", "score", "occupancy"])
    table = pd.concat(tables).sort_values(["start", "factor", "strand"], ignore_index=True)
    middle = _middle(table)
    for start, end in masked:
        table.loc[(middle >= start) & (middle < end), "occupancy"] = 0.0
    return table


def enrichment(codes, law, masked=()):
    """Contact relative to what distance alone gives, for a sequence as it stands.

    Extruders that reach an end of the sequence fall off there; give edited sequences with some hundred bins on both
    sides of what matters.

    Parameters
    ----------
    codes : ndarray of uint8, shape (length,)
    law : Law
    masked : iterable of (int, int)
        See :func:`bound_sites`.

    Returns
    -------
    ndarray of float32, shape (bins, law.distance_bins + 1)
        Element (i, d) belongs to bins i and i + d; NaN where i + d lies beyond the sequence.
    """
    n_bins = -(-len(codes) // law.bin_size)
    pass_left, pass_right = _passage(bound_sites(codes, law, masked), law, n_bins)
    ends = _extruders(pass_left, pass_right, law.processivity, law.distance_bins)
    mean_ends, mean_cover = _reference(law.processivity, law.distance_bins, law.wrong_orientation)
    near = np.minimum(_smoothed(ends / mean_ends), MAX_ENDS)
    cover = np.minimum(_cover(ends) / mean_cover, MAX_COVER)
    result = 1 + law.strength * (law.weights[0] * (near - 1) + law.weights[1] * (cover - 1))
    bins, distances = np.arange(n_bins)[:, None], np.arange(law.distance_bins + 1)
    return np.where(bins + distances < n_bins, result, np.nan).astype(np.float32)


def _middle(sites):
    """The base in the middle of each site as its own strand counts, so that both strands give the same base."""
    half = (sites["end"] - sites["start"] - 1) // 2
    return np.where(sites["strand"] == "+", sites["start"] + half, sites["end"] - 1 - half).astype(np.int64)


def _passage(sites, law, n_bins):
    """Probability that the left-moving and the right-moving leg pass each bin."""
    oriented = {factor.name: factor.oriented for factor in law.factors}
    bins = _middle(sites) // law.bin_size
    occupancy = sites["occupancy"].to_numpy(float)
    less = np.where(sites["factor"].map(oriented).astype(bool), law.wrong_orientation, 1.0) * occupancy
    forward = (sites["strand"] == "+").to_numpy()
    pass_left, pass_right = np.ones(n_bins), np.ones(n_bins)
    np.multiply.at(pass_left, bins, 1 - np.where(forward, occupancy, less))
    np.multiply.at(pass_right, bins, 1 - np.where(forward, less, occupancy))
    return pass_left, pass_right


def _extruders(pass_left, pass_right, processivity, distance_bins):
    """Steady state: extruders with legs in bins i and i + d, shape (bins, distance_bins + 1); 0 beyond the end."""
    n_bins = len(pass_left)
    number = np.zeros((n_bins, distance_bins + 1))
    for d in range(min(distance_bins + 1, n_bins)):
        left, right = np.arange(n_bins - d), np.arange(d, n_bins)
        if d == 0:
            arriving = 1.0
        else:
            arriving = pass_left[left + 1] * number[left + 1, d - 1] + pass_right[right - 1] * number[left, d - 1]
        number[left, d] = arriving / (pass_left[left] + pass_right[right] + 1 / processivity)
    return number


def _cover(ends):
    """Extruders whose legs stand at or outside each pair of bins, by inclusion and exclusion from far to near."""
    n_bins, n_distances = ends.shape
    cover = np.zeros((n_bins + 1, n_distances + 2))  # row 0 stands for the bin before the first
    for d in range(n_distances - 1, -1, -1):
        inner = cover[:-1, d + 2] if d + 2 < n_distances + 2 else 0.0
        cover[1:, d] = ends[:, d] + cover[:-1, d + 1] + cover[1:, d + 1] - inner
    return cover[1:, :n_distances]


def _smoothed(band):
    """Gaussian smoothing, over one bin, of the map of which this is the band; beyond the largest distance it is 1."""
    n_bins, n_distances = band.shape
    reach = len(KERNEL) // 2
    first = np.arange(-reach, n_bins + reach)
    offsets = np.arange(-2 * reach, n_distances + 2 * reach)
    # the map continues beyond the ends of the sequence with its last row and column
    second = np.clip(first[:, None] + offsets, 0, n_bins - 1)
    first = np.clip(first, 0, n_bins - 1)[:, None]
    distance = np.abs(second - first)
    values = band[np.minimum(first, second), np.minimum(distance, n_distances - 1)]
    padded = np.where(distance < n_distances, values, 1.0)
    width = n_distances + 2 * reach
    once = sum(weight * padded[:, t : t + width] for t, weight in enumerate(KERNEL))
    return sum(
        weight * once[t : t + n_bins, 2 * reach - t : 2 * reach - t + n_distances] for t, weight in enumerate(KERNEL)
    )


@lru_cache(maxsize=32)
def _reference(processivity, distance_bins, wrong_orientation):
    """Means at each distance of ends and cover in the fixed array of sites."""
    rng = seeds.generator(0, "folding", "reference sites")
    least, mean = REFERENCE_SPACING
    n_bins = max(REFERENCE_BINS, REFERENCE_INNER.stop + distance_bins)  # else the farthest pairs reach beyond its end
    places = np.cumsum(least + rng.exponential(mean, n_bins)).astype(int)
    places = places[places < n_bins]
    forward = rng.random(len(places)) < 0.5
    less = wrong_orientation * REFERENCE_OCCUPANCY
    pass_left, pass_right = np.ones(n_bins), np.ones(n_bins)
    np.multiply.at(pass_left, places, 1 - np.where(forward, REFERENCE_OCCUPANCY, less))
    np.multiply.at(pass_right, places, 1 - np.where(forward, less, REFERENCE_OCCUPANCY))
    ends = _extruders(pass_left, pass_right, processivity, distance_bins)
    return ends[REFERENCE_INNER].mean(axis=0), _cover(ends)[REFERENCE_INNER].mean(axis=0)


def distance_decay(distance_bins, decay_bins=48, near=-0.5, far=-3.0):
    """Contact of two bins by their distance alone: a power of distance, a steeper one beyond ``decay_bins``.

    Returns
    -------
    ndarray of float64, shape (distance_bins + 1,)
        1 at distances 0 and 1.
    """
    distance = np.maximum(np.arange(distance_bins + 1), 1).astype(float)
    beyond = float(decay_bins) ** near * (distance / decay_bins) ** far
    return np.where(distance <= decay_bins, distance**near, beyond)


def write_maps(path, bands, bin_size):
    """Write the enrichment of all chromosomes: a group per chromosome, dataset ``enrichment``.

    Parameters
    ----------
    path : str
    bands : dict of str to ndarray
        As :func:`enrichment` gives them.
    bin_size : int
        bp.
    """
    write_h5(path, {f"{chrom}/enrichment": band for chrom, band in bands.items()}, {"bin_size": bin_size}, level=1)


def read_maps(path):
    """The enrichment of all chromosomes as :func:`write_maps` wrote it, and the bin size."""
    with h5py.File(path) as file:
        return {chrom: file[chrom]["enrichment"][:] for chrom in file}, int(file.attrs["bin_size"])


def square(band, start, n_bins):
    """The symmetric map of bins [start, start + n_bins) of a band, shape (n_bins, n_bins)."""
    rows, columns = np.triu_indices(n_bins)
    result = np.empty((n_bins, n_bins), band.dtype)
    result[rows, columns] = result[columns, rows] = band[start + rows, columns - rows]
    return result


def noise_free_targets(h5_path, windows, steps):
    """What targets would be without noise: log of contact over its mean at each distance, then as targets are made.

    Parameters
    ----------
    h5_path : str
        Maps of one dataset (:func:`write_maps`).
    windows : pandas.DataFrame
        Columns chrom, start, end in bp, on bin boundaries.
    steps : akitaflow.dataset.targets.TargetSteps

    Returns
    -------
    ndarray of float32, shape (windows, steps.n_values)

    Raises
    ------
    InputError
        If the maps have other bins, or do not reach as far as the windows.
    """
    bands, mean = noise_free_means(h5_path, steps)
    values = np.empty((len(windows), steps.n_values), np.float32)
    for row, window in enumerate(windows.itertuples()):
        contact = square(bands[window.chrom], window.start // steps.bin_size, steps.window_bins)
        values[row] = noise_free_values(contact, mean, steps)
    return values


def noise_free_means(h5_path, steps):
    """The maps of one dataset, and their means at each distance of a window, shape (window_bins,).

    Raises
    ------
    InputError
        If the maps have other bins, or do not reach as far as the windows.
    """
    bands, bin_size = read_maps(h5_path)
    reach = min(band.shape[1] for band in bands.values())
    if bin_size != steps.bin_size or reach < steps.window_bins:
        raise InputError(
            f"{h5_path}: bins of {bin_size} bp up to distance {reach - 1}; windows have {steps.window_bins} bins of "
            f"{steps.bin_size} bp: write a larger simulation.folding.distance_bins"
        )
    return bands, np.nanmean(np.concatenate([band[:, : steps.window_bins] for band in bands.values()]), axis=0)


def noise_free_values(contact, mean, steps):
    """The target of one window of contacts without noise.

    Parameters
    ----------
    contact : ndarray, shape (window_bins, window_bins)
        Enrichment of its pairs of bins.
    mean : ndarray, shape (window_bins,)
        At each distance, of all maps; not used where ``steps.expected`` is the window's own.
    steps : akitaflow.dataset.targets.TargetSteps

    Returns
    -------
    ndarray of float32, shape (n_values,)
    """
    bins = np.arange(steps.window_bins)
    distance = np.abs(bins[:, None] - bins)
    if steps.expected == "window":
        mean = np.array([np.diagonal(contact, d).mean() for d in bins])
    log_ratio = np.clip(np.log(contact / mean[distance]), -steps.clip, steps.clip)
    log_ratio[distance < steps.diagonal_offset] = 0.0
    inner = steps.geometry.inner
    smoothed = smooth(log_ratio, steps.smoothing_sigma, steps.smoothing_width)
    return steps.geometry.upper_triangle(smoothed[inner, inner]).astype(np.float32)
