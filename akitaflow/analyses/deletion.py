"""Deletion of a boundary: predicted maps of a locus with and without it, and without each subset of its sites.

The paper deletes the boundary of the *Lmo2* locus (Fig. 3c), and every subset of its three CTCF sites (Supplementary
Fig. 7). The window with a deletion is recentred and extended on both sides (:mod:`akitaflow.prediction.perturb`); its
map is compared with the undeleted map over common bins.
"""

from dataclasses import dataclass, field
from itertools import combinations

import h5py
import numpy as np
import pandas as pd

from akitaflow.errors import InputError
from akitaflow.files import read_table, write_h5
from akitaflow.genome.intervals import Window, parse_region
from akitaflow.geometry import Geometry
from akitaflow.prediction.perturb import Delete, align, apply, crop_bins, merge_intervals
from akitaflow.prediction.stream import Request

MOST_SITES = 8  #: largest number of sites, with 255 subsets


def window_of(region, deletion, length, crop, bin_size, chrom_size, boundary=None):
    """The window of a locus: the region of the config, or one centred on the deletion.

    Parameters
    ----------
    region : str or None
        For example chr11:33475000-34523576.
    deletion : Window
    length, crop, bin_size, chrom_size : int
        bp.
    boundary : Window, optional

    Returns
    -------
    Window
        On the grid of bins.

    Raises
    ------
    InputError
        If the region is not on the grid or not of the model's length, or its map does not contain the deletion, or has
        no bin on a side of the boundary.
    """
    if region is None:
        middle = (deletion.start + deletion.end) // 2
        start = max(0, min(middle - length // 2, chrom_size - length)) // bin_size * bin_size
        window = Window(deletion.chrom, start, start + length)
    else:
        window = parse_region(region)
    place = f"{window.chrom}:{window.start}-{window.end}"
    if window.end - window.start != length or window.start % bin_size or window.end > chrom_size:
        raise InputError(
            f"deletions: the region {place} is not a window of {length} bp on bins of {bin_size} bp of {window.chrom} "
            f"({chrom_size} bp); write region: null to centre one on the deletion"
        )
    if not (window.chrom == deletion.chrom and window.start + crop < deletion.start < deletion.end < window.end - crop):
        raise InputError(
            f"deletions: the map of {place}, which lacks {crop} bp at both ends, does not hold the deletion "
            f"{deletion.chrom}:{deletion.start}-{deletion.end}"
        )
    inner = Window(window.chrom, window.start + crop + bin_size, window.end - crop - bin_size)
    if boundary is not None and not inner.start <= boundary.start < boundary.end <= inner.end:
        raise InputError(
            f"deletions: the boundary {boundary} does not lie in the map with bins on both sides, {inner}; write one "
            "nearer to the deletion, or a region that holds both"
        )
    return window


def boundary_sites(sites, boundary, top=None):
    """The sites of a boundary in order of position; overlapping sites are merged.

    Parameters
    ----------
    sites : DataFrame
        chrom, start, end, score, strand.
    boundary : Window
        Only sites contained in it are used.
    top : int, optional
        Number of sites; those with the highest scores are used.

    Returns
    -------
    DataFrame
        site (1, 2, ...), chrom, start, end, score and strand (of the merged site with the highest score).

    Raises
    ------
    InputError
        If there are no sites, fewer than ``top``, or more than :data:`MOST_SITES`.
    """
    inside = sites["chrom"] == boundary.chrom
    inside &= (sites["start"] >= boundary.start) & (sites["end"] <= boundary.end)
    inside = sites[inside]
    rows = []
    for start, end in merge_intervals(zip(inside["start"], inside["end"], strict=True)):
        best = inside[(inside["start"] >= start) & (inside["end"] <= end)].nlargest(1, "score").iloc[0]
        rows.append((boundary.chrom, start, end, best["score"], best["strand"]))
    table = pd.DataFrame(rows, columns=["chrom", "start", "end", "score", "strand"])
    place = f"{boundary.chrom}:{boundary.start}-{boundary.end}"
    if table.empty:
        raise InputError(f"deletions: no site in the boundary {place}; write a wider one or a larger motifs.pvalue")
    if top is not None:
        if len(table) < top:
            raise InputError(
                f"deletions: {len(table)} sites in the boundary {place}, but sites.top is {top}; write sites.top: "
                f"{len(table)} or less, a wider boundary or a larger motifs.pvalue"
            )
        table = table.nlargest(top, "score").sort_values("start", ignore_index=True)
    if len(table) > MOST_SITES:
        raise InputError(
            f"deletions: {len(table)} sites in the boundary {place} have {2 ** len(table) - 1} subsets; write "
            f"sites.top: {MOST_SITES} or less, or a narrower boundary"
        )
    table.insert(0, "site", np.arange(1, len(table) + 1))
    return table


def subsets(n):
    """All non-empty subsets of 1 to n as tuples, sorted by size."""
    return [chosen for size in range(1, n + 1) for chosen in combinations(range(1, n + 1), size)]


def flanks(start, boundary, bin_size, flank_bins, n_bins):
    """Bins left and right of a boundary whose contacts cross it.

    Parameters
    ----------
    start : int
        Start of the map, bp.
    boundary : Window
    bin_size : int
        bp.
    flank_bins : int
        Largest number of bins on either side.
    n_bins : int
        Bins of the map.

    Returns
    -------
    (left, right) : tuple of slice
    """
    last, first = (boundary.start - start) // bin_size, -(-(boundary.end - start) // bin_size)
    return slice(max(0, last - flank_bins), last), slice(first, min(n_bins, first + flank_bins))


def across(maps, boxes):
    """Mean of maps, shape (..., n, n), over the finite pairs of a left and a right bin of :func:`flanks`."""
    left, right = boxes
    return np.nanmean(maps[..., left, right], axis=(-2, -1))


@dataclass(frozen=True)
class Locus:
    """A locus with a deletion.

    Parameters
    ----------
    window, deletion, boundary : Window
    geometry : akitaflow.geometry.Geometry
    flank_bins : int
        Bins on either side of the boundary.
    about : dict
        fold (of the windows that it overlaps) and provisional (whether the coordinates are).
    """

    window: Window
    deletion: Window
    boundary: Window
    geometry: Geometry
    flank_bins: int
    about: dict = field(default_factory=dict, compare=False)

    @classmethod
    def read(cls, path, geometry):
        """Read a locus from the table of a deletion's window (rule choose_deletion_window)."""
        row = read_table(path).iloc[0]
        places = [Window(row["chrom"], int(row[f"{name}start"]), int(row[f"{name}end"])) for name in ("", *_OTHERS)]
        about = {"fold": row["fold"], "provisional": bool(row["provisional"])}
        return cls(*places, geometry, int(row["flank_bins"]), about)

    @property
    def map_start(self):
        """First base of the map, bp."""
        return self.window.start + self.geometry.crop

    @property
    def bin_size(self):
        """Length of a bin, bp."""
        return self.geometry.bin_size

    @property
    def map_bins(self):
        """Number of bins of the map."""
        return self.geometry.map_bins

    @property
    def boxes(self):
        """The slices of :func:`flanks`."""
        return flanks(self.map_start, self.boundary, self.bin_size, self.flank_bins, self.map_bins)

    def altered(self, genome):
        """The window with the deletion (:func:`akitaflow.prediction.perturb.apply`)."""
        return apply(genome, self.window, [Delete(self.deletion.start, self.deletion.end)], self.bin_size)

    def in_reference(self, maps, bins):
        """A map of the deletion on the bins of the undeleted window, NaN in deleted bins."""
        return align(maps, maps, bins)[1]


_OTHERS = ("deletion_", "boundary_")


def predict(predictor, locus, sites):
    """Predict the undeleted locus, the deletion, and the deletion of every subset of the boundary's sites.

    Parameters
    ----------
    predictor : akitaflow.prediction.predictor.Predictor
    locus : Locus
    sites : DataFrame
        Of :func:`boundary_sites`.

    Returns
    -------
    maps : dict of str to ndarray of float32, shape (outputs, bins, bins)
        wild_type; deletion (on its own bins); deletion_in_reference (on the bins of the undeleted window).
    bins : ndarray of int, shape (window bins,)
        ``Altered.bins`` of the deletion.
    table : DataFrame
        A row per subset and output, the deletion first: dataset, subset (for example ``1+3``, or ``deletion``),
        n_sites, disruption (mean squared difference over the bins that all subsets share with the undeleted window;
        for the deletion over the bins that it shares), contact_before, contact_after (:func:`across`, over the same
        bins), n_pixels.
    """
    places = dict(
        zip(sites["site"], zip(sites["start"].astype(int), sites["end"].astype(int), strict=True), strict=True)
    )
    chosen = subsets(len(sites))
    alternatives = [(Delete(locus.deletion.start, locus.deletion.end),)]
    alternatives += [tuple(Delete(*places[site]) for site in subset) for subset in chosen]
    model = predictor.model
    shared = _shared_bins(predictor.genome, locus, alternatives[1:])
    names = ["deletion", *("+".join(map(str, subset)) for subset in chosen)]
    sizes = [0, *map(len, chosen)]
    rows, maps, bins = [], {}, None
    request = Request(locus.window, tuple(alternatives), "locus")
    for prediction in predictor.stream([request]):
        if prediction.alternative is None:
            maps["wild_type"] = _squares(prediction.values, model)
            continue
        alternative = _squares(prediction.values, model)
        before, after = align(maps["wild_type"], alternative, prediction.altered.bins)
        if prediction.alternative == 0:
            bins = prediction.altered.bins
            maps |= {"deletion": alternative, "deletion_in_reference": after}
        else:
            before[..., ~shared, :] = before[..., ~shared] = np.nan
        subset = {"subset": names[prediction.alternative], "n_sites": sizes[prediction.alternative]}
        rows += _rows(before, after, locus.boxes, model.outputs, subset)
    return maps, bins, pd.DataFrame(rows)


def _shared_bins(genome, locus, alternatives):
    """Which bins of the undeleted map have a counterpart in every alternative; ndarray of bool, shape (map_bins,)."""
    shared = np.ones(locus.map_bins, bool)
    for perturbations in alternatives:
        bins = crop_bins(apply(genome, locus.window, perturbations, locus.bin_size).bins, locus.map_bins)
        shared &= np.isin(np.arange(locus.map_bins), bins)
    return shared


def _squares(values, model):
    return np.stack([model.geometry.to_map(column) for column in values.T])


def _rows(before, after, boxes, outputs, subset):
    """Scores of one alternative for every output, over the pixels that are finite in both maps."""
    known = np.isfinite(before[0]) & np.isfinite(after[0])
    before, after = (np.where(known, maps, np.nan) for maps in (before, after))
    disruption = np.nanmean((after - before) ** 2, axis=(-2, -1))
    scored = zip(outputs, disruption, across(before, boxes), across(after, boxes), strict=True)
    n_pixels = int(np.triu(known).sum())
    for dataset, value, first, second in scored:
        scores = {"disruption": value, "contact_before": first, "contact_after": second, "n_pixels": n_pixels}
        yield {"dataset": dataset, **subset, **scores}


def write_maps(path, maps, bins, locus, /, **about):
    """Write the maps of a locus to an HDF5 file.

    A dataset float32 (..., bins, bins) for each map, and ``bins``. Attributes: chrom, start (of the map, bp), bin_size,
    and ``about``.

    Parameters
    ----------
    path : str or Path
    maps : dict of str to ndarray, shape (..., bins, bins)
    bins : ndarray of int, shape (window bins,)
        ``Altered.bins`` of the deletion.
    locus : Locus
    **about : object
        Further attributes.
    """
    place = {"chrom": locus.window.chrom, "start": locus.map_start, "bin_size": locus.bin_size}
    arrays = {name: np.asarray(values, np.float32) for name, values in maps.items()}
    write_h5(path, arrays | {"bins": bins}, place | about)


def read_maps(path, dataset=None):
    """Read a file of :func:`write_maps`.

    Parameters
    ----------
    path : str or Path
    dataset : str, optional
        Output to read, for files with several outputs.

    Returns
    -------
    dict of str to ndarray, shape (bins, bins)
    """
    with h5py.File(path) as file:
        names = [name for name in file if name != "bins"]
        if dataset is None:
            return {name: file[name][:] for name in names}
        column = list(file.attrs["outputs"]).index(dataset)
        return {name: file[name][column] for name in names}
