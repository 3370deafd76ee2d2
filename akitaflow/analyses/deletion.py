"""A locus with a boundary that was deleted: predicted maps with and without it, and without each subset of its sites.

The paper deletes the boundary of the *Lmo2* locus (Fig. 3c), and every subset of its three CTCF sites (Supplementary
Fig. 7). A deletion recentres the window and extends it on both sides (:mod:`akitaflow.prediction.perturb`); its map
is compared with the undeleted one over the bins that both have.
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

MOST_SITES = 8  # 255 subsets


def window_of(region, deletion, length, crop, bin_size, chrom_size):
    """The window of a locus: the region that the config gives, or one centred on the deletion.

    Parameters
    ----------
    region : str or None
        As chr11:33475000-34523576.
    deletion : Window
    length, crop, bin_size, chrom_size : int
        bp.

    Returns
    -------
    Window
        On the grid of bins.

    Raises
    ------
    InputError
        If the region is not on the grid or not of the model's length, or the map does not hold the deletion.
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
    return window


def boundary_sites(sites, boundary, top=None):
    """The sites of a boundary, in order; those that share bases are one.

    Parameters
    ----------
    sites : DataFrame
        chrom, start, end, score, strand.
    boundary : Window
        Sites wholly inside count.
    top : int, optional
        Only so many, those of the highest score.

    Returns
    -------
    DataFrame
        site (1, 2, ...), chrom, start, end, score (the highest of what was joined) and strand (that one's).

    Raises
    ------
    InputError
        If there is none, or more than can be combined.
    """
    inside = sites["chrom"] == boundary.chrom
    inside &= (sites["start"] >= boundary.start) & (sites["end"] <= boundary.end)
    inside = sites[inside]
    rows = []
    for start, end in merge_intervals(zip(inside["start"], inside["end"], strict=True)):
        best = inside[(inside["start"] >= start) & (inside["end"] <= end)].nlargest(1, "score").iloc[0]
        rows.append((boundary.chrom, start, end, best["score"], best["strand"]))
    table = pd.DataFrame(rows, columns=["chrom", "start", "end", "score", "strand"])
    if top is not None:
        table = table.nlargest(top, "score").sort_values("start", ignore_index=True)
    place = f"{boundary.chrom}:{boundary.start}-{boundary.end}"
    if table.empty:
        raise InputError(f"deletions: no site in the boundary {place}; write a wider one or a larger motifs.pvalue")
    if len(table) > MOST_SITES:
        raise InputError(
            f"deletions: {len(table)} sites in the boundary {place} have {2 ** len(table) - 1} subsets; write "
            f"sites.top: {MOST_SITES} or less, or a narrower boundary"
        )
    table.insert(0, "site", np.arange(1, len(table) + 1))
    return table


def subsets(n):
    """All subsets of 1 to n but the empty one, by size, as tuples."""
    return [chosen for size in range(1, n + 1) for chosen in combinations(range(1, n + 1), size)]


def flanks(start, boundary, bin_size, flank_bins, n_bins):
    """Bins left and right of a boundary, between which contact across it is measured.

    Parameters
    ----------
    start : int
        Of the map, bp.
    boundary : Window
    bin_size, flank_bins, n_bins : int
        bp; bins on either side at most; bins of the map.

    Returns
    -------
    (left, right) : tuple of slice
    """
    last, first = (boundary.start - start) // bin_size, -(-(boundary.end - start) // bin_size)
    return slice(max(0, last - flank_bins), last), slice(first, min(n_bins, first + flank_bins))


def across(maps, boxes):
    """Mean of a map over the pairs of a left and a right bin, those that are there; shape (...) of maps (..., n, n)."""
    left, right = boxes
    return np.nanmean(maps[..., left, right], axis=(-2, -1))


@dataclass(frozen=True)
class Locus:
    """Where a locus is and what is removed from it.

    Parameters
    ----------
    window, deletion, boundary : Window
    geometry : akitaflow.geometry.Geometry
    flank_bins : int
        Bins on either side of the boundary.
    """

    window: Window
    deletion: Window
    boundary: Window
    geometry: Geometry
    flank_bins: int
    about: dict = field(default_factory=dict, compare=False)

    @classmethod
    def read(cls, path, geometry):
        """From the table of a deletion's window, written by the rule choose_deletion_window."""
        row = read_table(path).iloc[0]
        places = [Window(row["chrom"], int(row[f"{name}start"]), int(row[f"{name}end"])) for name in ("", *_OTHERS)]
        about = {"fold": row["fold"], "provisional": bool(row["provisional"])}
        return cls(*places, geometry, int(row["flank_bins"]), about)

    @property
    def map_start(self):
        """First base of the map."""
        return self.window.start + self.geometry.crop

    @property
    def bin_size(self):
        """bp."""
        return self.geometry.bin_size

    @property
    def map_bins(self):
        """Bins of the map."""
        return self.geometry.map_bins

    @property
    def boxes(self):
        """Of :func:`flanks`."""
        return flanks(self.map_start, self.boundary, self.bin_size, self.flank_bins, self.map_bins)

    def altered(self, genome):
        """The window of the deletion (:func:`akitaflow.prediction.perturb.apply`)."""
        return apply(genome, self.window, [Delete(self.deletion.start, self.deletion.end)], self.bin_size)

    def in_reference(self, maps, bins):
        """A map of the deletion on the bins of the undeleted window, NaN where these are gone."""
        return align(maps, maps, bins)[1]


_OTHERS = ("deletion_", "boundary_")


def predict(predictor, locus, sites):
    """Predict the locus as it is, with the deletion, and with every subset of the boundary's sites deleted.

    Parameters
    ----------
    predictor : akitaflow.prediction.predictor.Predictor
    locus : Locus
    sites : DataFrame
        Of :func:`boundary_sites`.

    Returns
    -------
    maps : dict of str to ndarray of float32, shape (outputs, bins, bins)
        wild_type; deletion, on its own bins; deletion_in_reference, on those of the undeleted window.
    bins : ndarray of int
        ``Altered.bins`` of the deletion.
    table : DataFrame
        A row per subset and output, the deletion first: dataset, subset (``1+3``, or ``deletion``), n_sites,
        disruption (mean squared difference over the bins that all subsets share with the undeleted window; of the
        deletion, over its own), contact_before, contact_after (:func:`across`, over the same bins), n_pixels.
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
    for made in predictor.stream([request]):
        if made.alternative is None:
            maps["wild_type"] = _squares(made.values, model)
            continue
        alternative = _squares(made.values, model)
        before, after = align(maps["wild_type"], alternative, made.altered.bins)
        if made.alternative == 0:
            bins = made.altered.bins
            maps |= {"deletion": alternative, "deletion_in_reference": after}
        else:
            before[..., ~shared, :] = before[..., ~shared] = np.nan
        subset = {"subset": names[made.alternative], "n_sites": sizes[made.alternative]}
        rows += _rows(before, after, locus.boxes, model.outputs, subset)
    return maps, bins, pd.DataFrame(rows)


def _shared_bins(genome, locus, alternatives):
    """Which bins of the undeleted map have a counterpart in every alternative."""
    shared = np.ones(locus.map_bins, bool)
    for perturbations in alternatives:
        bins = crop_bins(apply(genome, locus.window, perturbations, locus.bin_size).bins, locus.map_bins)
        shared &= np.isin(np.arange(locus.map_bins), bins)
    return shared


def _squares(values, model):
    return np.stack([model.geometry.to_map(column) for column in values.T])


def _rows(before, after, boxes, outputs, subset):
    """Scores of one alternative in every output, over the pixels that neither map lacks."""
    known = np.isfinite(before[0]) & np.isfinite(after[0])
    before, after = (np.where(known, maps, np.nan) for maps in (before, after))
    disruption = np.nanmean((after - before) ** 2, axis=(-2, -1))
    scored = zip(outputs, disruption, across(before, boxes), across(after, boxes), strict=True)
    n_pixels = int(np.triu(known).sum())
    for dataset, value, first, second in scored:
        scores = {"disruption": value, "contact_before": first, "contact_after": second, "n_pixels": n_pixels}
        yield {"dataset": dataset, **subset, **scores}


def write_maps(path, maps, bins, locus, /, **about):
    """Store maps of a locus: HDF5 with a dataset float32 (..., bins, bins) each, and ``bins`` of the deletion's window.

    Attributes: chrom, start (bp, of the map), bin_size, and ``about``.
    """
    place = {"chrom": locus.window.chrom, "start": locus.map_start, "bin_size": locus.bin_size}
    arrays = {name: np.asarray(values, np.float32) for name, values in maps.items()}
    write_h5(path, arrays | {"bins": bins}, place | about)


def read_maps(path, dataset=None):
    """The maps of :func:`write_maps`, of one dataset where the file has several.

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
