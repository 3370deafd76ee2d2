"""Baselines that predict maps from position and base composition only.

All are trained on the windows of the training fold and evaluated on the windows on which the model is evaluated:

``mean_target``
    The mean training target at each position of the map.
``local_composition``
    Boosted trees on GC content, restriction sites (where the protocol cuts) and mappability of the two bins of a pixel.
``sub_bin_composition``
    In addition the content of parts of the two bins: G + C by position in the bin, mean and maximum of dinucleotides.
``centromere_distance``
    Boosted trees on the distances of the two bins to the centromere of their chromosome.

The features of a pixel (i, j) are the distance j - i and symmetric functions of its two bins, so that the reverse
complement of a window gives the flipped map. No feature depends on patterns longer than two bases.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from akitaflow.evaluation import composition
from akitaflow.evaluation.accuracy import POOLED, compare, intervals, pooled_scores
from akitaflow.genome.bigwig import bin_chromosomes
from akitaflow.logs import progress
from akitaflow.seeds import derive, generator

CHECKED_FOR_TREES = 0.2  # fraction of the training contigs held out to choose the number of trees
MAX_TREES = 200
COLUMNS = [
    *POOLED, "n_contigs", "pearson_low", "pearson_high", "pearson_window_median_low", "pearson_window_median_high",
    "features",
]  # fmt: skip
TREES = {"learning_rate": 0.08, "max_leaf_nodes": 31, "min_samples_leaf": 100, "l2_regularization": 1.0}


@dataclass(frozen=True)
class Tracks:
    """Tracks of a genome (see :mod:`akitaflow.evaluation.composition`).

    Attributes
    ----------
    gc : dict of str to ndarray of float32, shape (bins,)
        By chromosome, as the other tracks.
    mappability : dict of str to ndarray of float32, shape (bins,), or None
    sites : dict of str to dict
        Track of restriction sites, float32 (bins,), by recognition sequence.
    contents : dict of str to ndarray of float32, shape (bins, parts, 11)
    centromere : dict of str to ndarray of float32, shape (bins, 1), or None
    mapped_by : str
        Source of the mappability, for tables.
    """

    gc: dict
    mappability: dict | None
    sites: dict
    contents: dict
    centromere: dict | None
    mapped_by: str

    def local(self, enzyme=""):
        """Local features of a protocol: dict of str to ndarray, shape (bins, features), and their description."""
        tracks, names = [self.gc], ["GC content"]
        if enzyme:
            tracks.append(self.sites[enzyme])
            names.append(f"sites of {enzyme}")
        if self.mappability:
            tracks.append(self.mappability)
        names.append(self.mapped_by)
        return {chrom: np.stack([track[chrom] for track in tracks], -1) for chrom in self.gc}, ", ".join(names)


def make_tracks(genome, chromosomes, bin_size, *, enzymes=(), parts=8, kmer=50, mappability=None, centromeres=None):
    """Compute the tracks of some chromosomes.

    Parameters
    ----------
    genome : akitaflow.genome.sequence.Genome
    chromosomes : iterable of str
        Chromosomes of the tracks. Mappability counts k-mers of the whole genome.
    bin_size : int
        bp.
    enzymes : iterable of str
        Recognition sequences of each protocol, separated by commas; empty for a protocol without enzyme.
    parts : int
        Parts of a bin for the sub-bin composition.
    kmer : int
        bp; see :func:`akitaflow.evaluation.composition.unique_kmers`.
    mappability : str, optional
        bigWig to use instead of counting k-mers; bases without a value are 0. If not given, there is no mappability
        for a genome of more than 150 Mb.
    centromeres : str, optional
        BED.

    Returns
    -------
    Tracks
    """
    sizes = {chrom: genome.chromsizes[chrom] for chrom in chromosomes}
    codes = composition.read_codes(genome, sizes)
    if mappability:
        mappable = bin_chromosomes(mappability, sizes, bin_size, uncovered=0.0)
        source = "mappability (bigWig)"
    elif sum(genome.chromsizes.values()) <= composition.LARGEST_COUNTED_GENOME:
        whole = composition.read_codes(genome, genome.chromsizes)
        mappable, source = composition.mappability_track(whole, bin_size, kmer), f"mappability (unique {kmer}-mers)"
    else:
        mappable, source = None, "no mappability (no bigWig, and the genome is too large to count k-mers)"
    centromere = None
    if centromeres:
        centromere = composition.centromere_track(centromeres, sizes, bin_size, genome.chromsizes)
    return Tracks(
        gc={chrom: composition.gc_track(codes[chrom], bin_size) for chrom in sizes},
        mappability=mappable,
        sites={
            enzyme: {chrom: composition.site_track(codes[chrom], enzyme, bin_size) for chrom in sizes}
            for enzyme in set(enzymes)
            if enzyme
        },
        contents={chrom: composition.content_track(codes[chrom], bin_size, parts) for chrom in sizes},
        centromere=centromere and {chrom: values[:, None] for chrom, values in centromere.items()},
        mapped_by=source,
    )


def pair_features(bins, rows, columns):
    """Symmetric functions of the features of two bins.

    Parameters
    ----------
    bins : ndarray of float, shape (window_bins, features)
    rows, columns : ndarray of int, shape (pixels,)
        Bins of each pixel, rows < columns.

    Returns
    -------
    ndarray of float32, shape (pixels, 1 + 4 * features)
        Distance in bins, then sum, product and absolute difference of each feature, and its mean over the bins between.
    """
    first, second = bins[rows], bins[columns]
    sums = np.concatenate([np.zeros((1, bins.shape[1])), np.cumsum(np.nan_to_num(bins), 0, dtype=float)])
    between = (sums[columns] - sums[rows + 1]) / np.maximum(columns - rows - 1, 1)[:, None]
    distance = (columns - rows)[:, None]
    parts = [distance, first + second, first * second, np.abs(first - second), between]
    return np.concatenate(parts, 1).astype(np.float32)


def sub_bin_features(contents, rows, columns):
    """Symmetric functions of the contents of parts of two bins.

    Parameters
    ----------
    contents : ndarray of float, shape (window_bins, parts, 11)
        Of :func:`akitaflow.evaluation.composition.content_track`.
    rows, columns : ndarray of int, shape (pixels,)

    Returns
    -------
    ndarray of float32, shape (pixels, 2 * parts + 40)
        Sum and absolute difference of G + C of the two bins' parts, counted from the outer sides of the pair; the same
        for mean and maximum over the parts of each dinucleotide.
    """
    gc = contents[:, :, 0]
    outward = [gc[rows], gc[columns][:, ::-1]]
    dinucleotides = np.nan_to_num(contents[:, :, 1:])
    summary = np.concatenate([dinucleotides.mean(1), dinucleotides.max(1)], 1)
    pairs = [outward, [summary[rows], summary[columns]]]
    features = [part for first, second in pairs for part in (first + second, np.abs(first - second))]
    return np.concatenate(features, 1).astype(np.float32)


class MeanTarget:
    """The mean training target at each position of the map."""

    name = "mean_target"
    described = "position in the map"

    def fit(self, windows, targets, seed):
        """Train; see :class:`PairTrees`."""
        self.mean = np.nanmean(targets, axis=0, dtype=np.float64)

    def predict(self, window):
        """Values of a window's map, float64 (n_values,)."""
        return self.mean


class PairTrees:
    """Boosted trees that predict a pixel from features of its two bins.

    Parameters
    ----------
    name : str
        Of the baseline.
    described : str
        Description of its features.
    features : callable
        (window, rows, columns) -> float array (pixels, features).
    geometry : akitaflow.geometry.Geometry
    n_pixels : int
        Number of training pixels, sampled in equal numbers from all windows.
    """

    def __init__(self, name, described, features, geometry, n_pixels=100_000):
        self.name, self.described = name, described
        self.features, self.geometry, self.n_pixels = features, geometry, n_pixels

    def fit(self, windows, targets, seed):
        """Train on a sample of pixels; the number of trees is chosen on held-out contigs of the training fold.

        Parameters
        ----------
        windows : DataFrame
            ``chrom, start, end, contig`` of the training windows.
        targets : ndarray of float, shape (windows, n_values)
        seed : int
        """
        x, y, contig = self._sample(windows, targets, seed)
        n_trees = MAX_TREES
        held_out = _held_out_contigs(contig, seed)
        if held_out.any() and not held_out.all():
            trial = _trees(MAX_TREES, seed).fit(x[~held_out], y[~held_out])
            errors = [np.mean((step - y[held_out]) ** 2) for step in trial.staged_predict(x[held_out])]
            n_trees = int(np.argmin(errors)) + 1
        self.trees = _trees(n_trees, seed).fit(x, y)

    def predict(self, window):
        """Values of a window's map, float64 (n_values,)."""
        return self.trees.predict(self.features(window, *self.geometry.window_pixels))

    def _sample(self, windows, targets, seed):
        rows, columns = self.geometry.window_pixels
        each = min(len(rows), -(-self.n_pixels // len(windows)))
        random = generator(seed, "baselines", "pixels")
        x, y = [], []
        for number, window in enumerate(windows.itertuples()):
            chosen = np.sort(random.choice(len(rows), each, replace=False))
            x.append(self.features(window, rows[chosen], columns[chosen]))
            y.append(targets[number, chosen])
        y = np.concatenate(y).astype(np.float64)
        finite = np.isfinite(y)
        return np.concatenate(x)[finite], y[finite], np.repeat(windows["contig"].to_numpy(), each)[finite]


def _trees(n_trees, seed):
    from sklearn.ensemble import HistGradientBoostingRegressor

    state = derive(seed, "baselines", "trees") % 2**32
    return HistGradientBoostingRegressor(max_iter=n_trees, early_stopping=False, random_state=state, **TREES)


def _held_out_contigs(contig, seed):
    """True for pixels of held-out contigs, a random sample; whole contigs, because their windows overlap."""
    names = np.unique(contig)
    n_held_out = round(CHECKED_FOR_TREES * len(names))
    return np.isin(contig, generator(seed, "baselines", "aside").permutation(names)[:n_held_out])


def _of_window(track, window, geometry):
    """Rows of a track in a window, whose start is a multiple of the bin size."""
    first = window.start // geometry.bin_size
    return track[window.chrom][first : first + geometry.window_bins]


def make_baselines(tracks, enzyme, geometry, n_pixels=100_000):
    """The untrained baselines for one dataset.

    Parameters
    ----------
    tracks : Tracks
    enzyme : str
        Recognition sequences of its protocol, empty for none.
    geometry : akitaflow.geometry.Geometry
    n_pixels : int
        Training pixels of each model.

    Returns
    -------
    list
        Objects with ``name``, ``described``, ``fit(windows, targets, seed)`` and ``predict(window)``.
    """
    local_track, described = tracks.local(enzyme)

    def local(window, rows, columns):
        return pair_features(_of_window(local_track, window, geometry), rows, columns)

    def sub_bin(window, rows, columns):
        contents = sub_bin_features(_of_window(tracks.contents, window, geometry), rows, columns)
        return np.concatenate([local(window, rows, columns), contents], 1)

    def centromere(window, rows, columns):
        return pair_features(_of_window(tracks.centromere, window, geometry), rows, columns)

    parts = next(iter(tracks.contents.values())).shape[1]
    untrained = [
        MeanTarget(),
        PairTrees("local_composition", described, local, geometry, n_pixels),
        PairTrees(
            "sub_bin_composition",
            f"{described}, G + C of {parts} parts of a bin, dinucleotides",
            sub_bin,
            geometry,
            n_pixels,
        ),
    ]
    if tracks.centromere:
        untrained.append(PairTrees("centromere_distance", "distance to the centromere", centromere, geometry, n_pixels))
    return untrained


def predict_windows(baseline, windows):
    """Predictions of a trained baseline for some windows; ndarray of float32, shape (windows, n_values)."""
    rows = progress(windows.itertuples(), f"predicting {baseline.name}", "window", total=len(windows))
    return np.stack([np.asarray(baseline.predict(window), np.float32) for window in rows])


def judge(model, dataset, windows, targets, predictions, baselines, n, seed):
    """Scores of a model and of trained baselines on the same windows, and their paired differences.

    Parameters
    ----------
    model : str
        Name of the model.
    dataset : str
    windows : DataFrame
        The evaluated windows: ``chrom, start, end, fold, contig``.
    targets, predictions : ndarray, shape (windows, n_values)
        Of the model.
    baselines : list
        Of :func:`make_baselines`, trained.
    n : int
        Resamples of the bootstrap over contigs.
    seed : int

    Returns
    -------
    (table, comparison) : tuple of DataFrame
        Table: ``COLUMNS``, the model first. Comparison: baseline, dataset, then the columns of
        :func:`akitaflow.evaluation.accuracy.compare`.
    """
    contigs = windows["contig"].to_numpy()

    def row(name, values, features):
        scored = {"model": name, "dataset": dataset, "fold": windows["fold"].iloc[0]}
        scored |= pooled_scores(targets, values) | {"n_contigs": len(np.unique(contigs)), "features": features}
        # one seed for all rows, so that all have the same resamples of contigs
        for metric, (_, low, high) in intervals(targets, values, contigs, n, (seed, "baselines", dataset)).items():
            scored |= {f"{metric}_low": low, f"{metric}_high": high}
        return scored

    rows, differences = [row(model, predictions, "sequence")], []
    for baseline in baselines:
        values = predict_windows(baseline, windows)
        rows.append(row(baseline.name, values, baseline.described))
        compared = compare(targets, predictions, values, contigs, n, (seed, "baselines", dataset))
        differences += [{"baseline": baseline.name, "dataset": dataset} | difference for difference in compared]
    return pd.DataFrame(rows)[COLUMNS], pd.DataFrame(differences)


def ceiling_rows(ceilings):
    """Rows of the table, ``COLUMNS``, for the ceilings of :func:`akitaflow.evaluation.ceiling.ceiling_row`."""
    table = ceilings.assign(model="ceiling", features="two halves of the contacts")
    return table.reindex(columns=COLUMNS)
