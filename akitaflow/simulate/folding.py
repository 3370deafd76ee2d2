"""The folding law of the simulation: a loop-extrusion model that computes contacts from the sites of a sequence.

1. Each site of the factors has an occupancy, a logistic function of its score.
2. Loop extruders bind at random bins and have two legs, which move apart by one bin at a time. A site stops a leg with
   the probability of its occupancy. Sites of an oriented factor stop the leg that meets the 3' end of the motif, and
   the other leg with a smaller probability; sites of a factor without orientation stop both. Extruders fall off after
   ``processivity`` bins on average. The steady state, n(a, b) extruders with legs in bins a and b, is computed from the
   states with legs one bin nearer.
3. The contact of two bins relative to the mean at their distance is a weighted sum of three terms: 1, the smoothed
   number n of the two bins, and the number of extruders whose loops span both bins. The latter two are divided by their
   means at the same distance in a fixed array of sites, so that the law does not depend on the genome.

The law applies to any sequence, for example an edited one, and is symmetric under the reverse complement.
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
from akitaflow.genome.matrices import Matrix, jaspar_matrix
from akitaflow.genome.motifs import scan_codes
from akitaflow.simulate.sites import background

MAX_ENDS = 8.0  # limits of the two terms, relative to their means
MAX_COVER = 4.0
WEAKEST = 10  # p value of the scan, relative to that of a half occupied site
KERNEL = np.exp(-0.5 * np.arange(-4, 5) ** 2)  # Gaussian of one bin, truncated at four bins
KERNEL /= KERNEL.sum()

# the fixed array of sites: at least 1,500 bins, a site about every 7.4 bins; bins near its ends are not used
REFERENCE_BINS = 1500
REFERENCE_INNER = slice(100, 1300)
REFERENCE_SPACING = (2.0, 5.5)  # bins: least distance, and mean of the exponential that is added
REFERENCE_OCCUPANCY = 0.9


@dataclass(frozen=True, eq=False)
class Factor:
    """Protein that stops legs of loop extruders."""

    name: str
    matrix: Matrix
    composition: tuple  # background of the scores: probabilities of A, C, G, T
    pvalue: float  # p value of the score of a half occupied site
    oriented: bool = True

    @cached_property
    def threshold(self):
        """Score in bits of a half occupied site."""
        return self.matrix.threshold(self.pvalue, self.composition)


@dataclass(frozen=True, eq=False)
class Law:
    """Parameters of the folding law, see :mod:`akitaflow.simulate.folding`."""

    factors: tuple  # of Factor
    bin_size: int = 128  # bp
    weights: tuple = (0.45, 0.5)  # of the terms for legs and for loops; the weight of the constant term is the rest
    processivity: float = 40.0  # bins
    strength: float = 1.0  # 0: contacts depend on distance only
    distance_bins: int = 96  # largest distance, bins
    wrong_orientation: float = 0.3  # occupancy of an oriented site for the other leg, relative to its occupancy
    occupancy_width: float = 0.5  # bits
    occupancy_max: float = 0.92
    occupancy_min: float = 0.05  # sites of smaller occupancy are left out


def load_factors(simulation):
    """Factors of a simulation by name.

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
    """Folding law of one dataset.

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
        If the dataset has an unknown factor, or the sum of its weights exceeds 1.
    """
    settings = simulation["datasets"][dataset]
    unknown = sorted(set(settings["factors"]) - set(simulation["factors"]))
    if unknown:
        names = ", ".join(simulation["factors"])
        raise InputError(f"simulation.datasets.{dataset}.factors: no factor {unknown[0]!r}; write some of {names}")
    if sum(settings["weights"]) > 1:
        raise InputError(f"simulation.datasets.{dataset}.weights: {settings['weights']} exceed 1; write smaller ones")
    factors = load_factors(simulation)
    binding, folding = simulation["binding"], simulation["folding"]
    return Law(
        factors=tuple(factors[name] for name in settings["factors"]),
        bin_size=bin_size,
        weights=tuple(settings["weights"]),
        processivity=settings["processivity_bins"],
        strength=simulation["strength"],
        distance_bins=folding["distance_bins"],
        wrong_orientation=folding["wrong_orientation"],
        occupancy_width=binding["width_bits"],
        occupancy_max=binding["maximum"],
        occupancy_min=binding["minimum"],
    )


def bound_sites(codes, law, masked=()):
    """Sites of a sequence that the factors of a law occupy.

    Parameters
    ----------
    codes : ndarray of uint8, shape (length,)
    law : Law
    masked : iterable of (int, int)
        Intervals without binding, 0-based, half-open: sites whose middle lies in one have occupancy 0.

    Returns
    -------
    pandas.DataFrame
        Columns start, end (0-based, half-open), strand, factor, score (bits) and occupancy, with masked sites.
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
    """Contacts of a sequence relative to the mean at their distance.

    Extruders fall off at the ends of the sequence. To compare edited sequences, include some hundred bins on both sides
    of the region of interest.

    Parameters
    ----------
    codes : ndarray of uint8, shape (length,)
    law : Law
    masked : iterable of (int, int)
        See :func:`bound_sites`.

    Returns
    -------
    ndarray of float32, shape (bins, law.distance_bins + 1)
        Element (i, d) is the contact of bins i and i + d; NaN where i + d lies beyond the sequence.
    """
    n_bins = -(-len(codes) // law.bin_size)
    pass_left, pass_right = _passage(bound_sites(codes, law, masked), law, n_bins)
    extruders = _extruders(pass_left, pass_right, law.processivity, law.distance_bins)
    mean_legs, mean_loops = _reference(law.processivity, law.distance_bins, law.wrong_orientation)
    legs = np.minimum(_smoothed(extruders / mean_legs), MAX_ENDS)
    loops = np.minimum(_cover(extruders) / mean_loops, MAX_COVER)
    result = 1 + law.strength * (law.weights[0] * (legs - 1) + law.weights[1] * (loops - 1))
    bins, distances = np.arange(n_bins)[:, None], np.arange(law.distance_bins + 1)
    return np.where(bins + distances < n_bins, result, np.nan).astype(np.float32)


def _middle(sites):
    """Middle base of each site, counted along its strand, so that it is the same base of both strands."""
    half = (sites["end"] - sites["start"] - 1) // 2
    return np.where(sites["strand"] == "+", sites["start"] + half, sites["end"] - 1 - half).astype(np.int64)


def _passage(sites, law, n_bins):
    """Probabilities that the left-moving and the right-moving leg pass each bin; two ndarrays of shape (bins,)."""
    oriented = {factor.name: factor.oriented for factor in law.factors}
    bins = _middle(sites) // law.bin_size
    occupancy = sites["occupancy"].to_numpy(float)
    reduced = np.where(sites["factor"].map(oriented).astype(bool), law.wrong_orientation, 1.0) * occupancy
    forward = (sites["strand"] == "+").to_numpy()
    pass_left, pass_right = np.ones(n_bins), np.ones(n_bins)
    np.multiply.at(pass_left, bins, 1 - np.where(forward, occupancy, reduced))
    np.multiply.at(pass_right, bins, 1 - np.where(forward, reduced, occupancy))
    return pass_left, pass_right


def _extruders(pass_left, pass_right, processivity, distance_bins):
    """Steady-state number of extruders with legs in bins i and i + d, shape (bins, distance_bins + 1)."""
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
    """Number of extruders whose loops span each pair of bins, by inclusion and exclusion from large distances."""
    n_bins, n_distances = ends.shape
    cover = np.zeros((n_bins + 1, n_distances + 2))  # row 0 is the bin before the first
    for d in range(n_distances - 1, -1, -1):
        inner = cover[:-1, d + 2] if d + 2 < n_distances + 2 else 0.0
        cover[1:, d] = ends[:, d] + cover[:-1, d + 1] + cover[1:, d + 1] - inner
    return cover[1:, :n_distances]


def _smoothed(band):
    """Gaussian smoothing of a map that is stored as a band; the map is 1 beyond the largest distance."""
    n_bins, n_distances = band.shape
    reach = len(KERNEL) // 2
    first = np.arange(-reach, n_bins + reach)
    offsets = np.arange(-2 * reach, n_distances + 2 * reach)
    # the first and the last row and column are repeated beyond the ends of the sequence
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
    """Mean numbers of legs and of spanning loops at each distance in the fixed array of sites."""
    rng = seeds.generator(0, "folding", "reference sites")
    least, mean = REFERENCE_SPACING
    n_bins = max(REFERENCE_BINS, REFERENCE_INNER.stop + distance_bins)  # room for the largest distance
    positions = np.cumsum(least + rng.exponential(mean, n_bins)).astype(int)
    positions = positions[positions < n_bins]
    forward = rng.random(len(positions)) < 0.5
    reduced = wrong_orientation * REFERENCE_OCCUPANCY
    pass_left, pass_right = np.ones(n_bins), np.ones(n_bins)
    np.multiply.at(pass_left, positions, 1 - np.where(forward, REFERENCE_OCCUPANCY, reduced))
    np.multiply.at(pass_right, positions, 1 - np.where(forward, reduced, REFERENCE_OCCUPANCY))
    ends = _extruders(pass_left, pass_right, processivity, distance_bins)
    return ends[REFERENCE_INNER].mean(axis=0), _cover(ends)[REFERENCE_INNER].mean(axis=0)


def distance_decay(distance_bins, decay_bins=48, near=-0.5, far=-3.0):
    """Contact at each distance: a power law, which is steeper beyond ``decay_bins``.

    Parameters
    ----------
    distance_bins : int
        Largest distance, bins.
    decay_bins : int
        Distance at which the exponent changes, bins.
    near, far : float
        Exponents below and above ``decay_bins``.

    Returns
    -------
    ndarray of float64, shape (distance_bins + 1,)
        1 at distances 0 and 1.
    """
    distance = np.maximum(np.arange(distance_bins + 1), 1).astype(float)
    beyond = float(decay_bins) ** near * (distance / decay_bins) ** far
    return np.where(distance <= decay_bins, distance**near, beyond)


def write_maps(path, bands, bin_size):
    """Write the enrichment of all chromosomes as HDF5, with a dataset ``{chrom}/enrichment`` for each.

    Parameters
    ----------
    path : str
    bands : dict of str to ndarray
        Of :func:`enrichment`, by chromosome.
    bin_size : int
        bp.
    """
    write_h5(path, {f"{chrom}/enrichment": band for chrom, band in bands.items()}, {"bin_size": bin_size}, level=1)


def read_maps(path):
    """Read a file of :func:`write_maps`.

    Parameters
    ----------
    path : str

    Returns
    -------
    bands : dict of str to ndarray of float32, shape (bins, distances)
        Enrichment by chromosome.
    bin_size : int
        bp.
    """
    with h5py.File(path) as file:
        return {chrom: file[chrom]["enrichment"][:] for chrom in file}, int(file.attrs["bin_size"])


def square(band, start, n_bins):
    """Symmetric map of bins ``start`` to ``start + n_bins - 1`` of a band.

    Parameters
    ----------
    band : ndarray, shape (bins, distances)
        Element (i, d) is the contact of bins i and i + d.
    start : int
        First bin, 0-based.
    n_bins : int
        At most the number of distances.

    Returns
    -------
    ndarray, shape (n_bins, n_bins)
    """
    rows, columns = np.triu_indices(n_bins)
    result = np.empty((n_bins, n_bins), band.dtype)
    result[rows, columns] = result[columns, rows] = band[start + rows, columns - rows]
    return result


def noise_free_targets(h5_path, windows, steps):
    """Targets of windows without noise, from maps of the folding law.

    Parameters
    ----------
    h5_path : str
        Maps of one dataset (:func:`write_maps`).
    windows : pandas.DataFrame
        Columns chrom, start, end (bp, 0-based, half-open, on bin boundaries).
    steps : akitaflow.dataset.targets.TargetSteps

    Returns
    -------
    ndarray of float32, shape (windows, steps.n_values)

    Raises
    ------
    InputError
        If the maps have another bin size, or fewer distances than a window.
    """
    bands, mean = noise_free_means(h5_path, steps)
    values = np.empty((len(windows), steps.n_values), np.float32)
    for row, window in enumerate(windows.itertuples()):
        contact = square(bands[window.chrom], window.start // steps.bin_size, steps.window_bins)
        values[row] = noise_free_values(contact, mean, steps)
    return values


def noise_free_means(h5_path, steps):
    """Maps of one dataset, and their means at each distance.

    Parameters
    ----------
    h5_path : str
        Maps of one dataset (:func:`write_maps`).
    steps : akitaflow.dataset.targets.TargetSteps

    Returns
    -------
    bands : dict of str to ndarray, shape (bins, distances)
    mean : ndarray, shape (steps.window_bins,)

    Raises
    ------
    InputError
        If the maps have another bin size, or fewer distances than a window.
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
    """Target of one window without noise: clipped log of contact over its mean at each distance, smoothed.

    Parameters
    ----------
    contact : ndarray, shape (window_bins, window_bins)
        Enrichment of the window (:func:`square`).
    mean : ndarray, shape (window_bins,)
        Mean at each distance (:func:`noise_free_means`); not used if ``steps.expected`` is "window".
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
