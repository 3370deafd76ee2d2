"""Scores of SuPreMo-Akita: ways to compare two contact maps.

Sources: Gunsalus, McArthur, Gjoni et al. 2023, "Comparing chromatin contact maps at scale: methods and insights"
(bioRxiv, doi:10.1101/2023.04.04.535480), which defines and compares them, and Gjoni and Pollard 2024, "SuPreMo: a
computational tool for streamlining in silico perturbation using sequence-based predictive models" (Bioinformatics,
doi:10.1093/bioinformatics/btae340), which applies them to Akita. Maps are log(observed / expected); pixels that are
missing in one of the two maps are left out of both.

=======================  ============================================================================================
name                     definition
=======================  ============================================================================================
``spearman``             Spearman's correlation of the pixels
``ssi``                  structural similarity (Wang et al. 2004), uniform window of 7 pixels, range of values 2,
                         missing pixels 0
``scc``                  stratum-adjusted correlation (HiCRep, Yang et al. 2017): Pearson's correlation of each
                         diagonal, weighted by n (1 + 1/n) / 12 of its n pixels
``insulation``           mean squared difference of the insulation tracks: log2 of the mean of observed / expected in a
                         diamond of 10 bins
``directionality``       the same of the directionality index (Dixon et al. 2012), from sums of observed / expected over
                         10 bins on each side
``decay``                the same of the median of each diagonal
``triangle``             the same of the means of all triangles on the diagonal, of all sizes and places
``principal_component``  the same of the projections of the map's rows onto their first principal component
=======================  ============================================================================================

The first three are similarities, 1 for equal maps; the others are 0 for equal maps. Three details differ from the code
of SuPreMo. Its directionality index first resizes the map to a fixed number of pixels of the published model and sums
logarithms; here it is that of its source. Its decay is shifted by the map's smallest pixel, here it is not. The sign of
a principal component is arbitrary; here it is the one that fits the other map better.
"""

import numpy as np
from scipy.linalg import eigh

from akitaflow.evaluation import scores
from akitaflow.geometry import upper_triangle

#: Names of the scores.
NAMES = ("spearman", "ssi", "scc", "insulation", "directionality", "decay", "triangle", "principal_component")
WINDOW = 10  # bins of the diamond and of the directionality index
SSI_WINDOW = 7  # pixels
SSI_RANGE = 2.0


def compare(reference, alternative, names=NAMES):
    """Scores of two aligned maps.

    Parameters
    ----------
    reference, alternative : ndarray, shape (bins, bins)
        Symmetric, NaN where missing.
    names : sequence of str
        Of ``NAMES``.

    Returns
    -------
    list of float
        In the order of ``names``; NaN if the maps share no pixels.
    """
    missing = ~(np.isfinite(reference) & np.isfinite(alternative))
    maps = [np.where(missing, np.nan, np.asarray(values, float)) for values in (reference, alternative)]
    if missing.all():
        return [np.nan] * len(names)
    return [float(_SCORES[name](*maps)) for name in names]


def _spearman(a, b):
    return scores.spearman(upper_triangle(a, 0), upper_triangle(b, 0))


def _ssi(a, b):
    from skimage.metrics import structural_similarity

    side = min(SSI_WINDOW, len(a) - 1 + len(a) % 2)  # an odd number
    return structural_similarity(np.nan_to_num(a), np.nan_to_num(b), win_size=side, data_range=SSI_RANGE)


def _scc(a, b):
    total = weights = 0.0
    for distance in range(1, len(a)):
        one, two = np.diagonal(a, distance), np.diagonal(b, distance)
        n = np.isfinite(one).sum()
        if n < 2:
            continue
        weight = n * (1 + 1 / n) / 12
        correlation = scores.pearson(one, two)
        total += weight * (correlation if np.isfinite(correlation) else 0.0)
        weights += weight
    return total / weights if weights else np.nan


def insulation_track(values, window=WINDOW):
    """log2 of the mean of observed / expected in the diamond of each bin; NaN if it extends beyond the map."""
    n, folded = len(values), np.exp(values)
    track = np.full(n, np.nan)
    for place in range(window + 1, n - window):
        diamond = folded[place - window - 1 : place - 1, place + 1 : place + window + 1]
        if np.isfinite(diamond).any():
            track[place] = np.log2(np.nanmean(diamond))
    return track


def directionality_track(values, window=WINDOW):
    """Directionality index: chi-squared of contacts up- and downstream, positive where downstream contacts prevail."""
    folded = np.exp(values)
    n = len(folded)
    track = np.full(n, np.nan)
    for place in range(window, n - window):
        up, down = folded[place, place - window : place], folded[place, place + 1 : place + window + 1]
        both = np.isfinite(up[::-1]) & np.isfinite(down)
        if not both.any():
            continue
        a, b = up[::-1][both].sum(), down[both].sum()
        expected = (a + b) / 2
        track[place] = np.sign(b - a) * ((a - expected) ** 2 + (b - expected) ** 2) / expected
    return track


def decay_track(values):
    """Median of each diagonal; NaN if it has no values."""
    return np.array([_median(np.diagonal(values, distance)) for distance in range(len(values))])


def triangle_track(values):
    """Means of the triangles between the diagonal and each pixel, first those at the first bin."""
    upper = np.triu(np.where(np.isfinite(values), values, 0.0), 1)
    known = np.triu(np.isfinite(values), 1).astype(float)
    # the triangle of bins i to j has the pixels with rows i and later and columns up to j
    sums = [np.cumsum(np.cumsum(each[::-1], axis=0)[::-1], axis=1) for each in (upper, known)]
    rows, columns = np.triu_indices(len(values), 1)
    total, count = (each[rows, columns] for each in sums)
    return np.divide(total, count, out=np.full(len(rows), np.nan), where=count > 0)


def _principal_component(a, b):
    one, two = _component(a), _component(b)
    return min(scores.mse(one, two), scores.mse(one, -two))


def _component(values):
    filled = np.nan_to_num(values)
    centred = filled - filled.mean(axis=0)
    n = len(centred)
    _, vectors = eigh(centred.T @ centred, subset_by_index=[n - 1, n - 1])
    return centred @ vectors[:, 0]


def _median(values):
    values = values[np.isfinite(values)]
    return np.median(values) if len(values) else np.nan


def _of_tracks(track):
    return lambda a, b: scores.mse(track(a), track(b))


_SCORES = {
    "spearman": _spearman,
    "ssi": _ssi,
    "scc": _scc,
    "insulation": _of_tracks(insulation_track),
    "directionality": _of_tracks(directionality_track),
    "decay": _of_tracks(decay_track),
    "triangle": _of_tracks(triangle_track),
    "principal_component": _principal_component,
}
