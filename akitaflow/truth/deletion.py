"""Claims about the deletion of the planted boundary: its sites are redundant, and its two domains merge."""

import numpy as np

from akitaflow.evaluation import bootstrap
from akitaflow.genome.intervals import Window
from akitaflow.prediction.perturb import Delete, apply
from akitaflow.simulate import folding
from akitaflow.truth import at_least, at_most, positive


def domains(table, locus):
    """Bins of the map in the planted domains left and right of the boundary.

    Parameters
    ----------
    table : DataFrame
        Truth table ``locus``: start, end (0-based, half-open, in bp), name.
    locus : akitaflow.analyses.deletion.Locus

    Returns
    -------
    (left, right) : tuple of slice
    """
    rows = table.set_index("name")
    edges = (rows.loc[[f"domain_{side}" for side in ("left", "right")], ["start", "end"]] - locus.map_start).to_numpy()
    (left, left_end), (right, right_end) = np.clip(edges // locus.bin_size, 0, locus.map_bins)
    return slice(left, left_end), slice(right, right_end)


def maps_of_the_law(genome, locus, law, steps, h5_path):
    """Noise-free maps with and without the deletion, computed with the folding law.

    Parameters
    ----------
    genome : akitaflow.genome.sequence.Genome
    locus : akitaflow.analyses.deletion.Locus
    law : akitaflow.simulate.folding.Law
    steps : akitaflow.dataset.targets.TargetSteps
    h5_path : str
        Maps of the genome without deletion (:func:`akitaflow.simulate.folding.write_maps`).

    Returns
    -------
    dict of str to ndarray, shape (bins, bins)
        Keys wild_type and deletion_in_reference.
    """
    bands, mean = folding.noise_free_means(h5_path, steps)
    (chrom, start, end), size = locus.window, steps.bin_size
    contact = folding.square(bands[chrom], start // size, steps.window_bins)
    flank = size * bands[chrom].shape[1]
    wide_window = Window(chrom, max(0, start - flank), min(genome.chromsizes[chrom] // size * size, end + flank))
    edits = [Delete(locus.deletion.start, locus.deletion.end)]
    # both windows shift by the same number of bases, so the offset between them does not change
    band = folding.enrichment(apply(genome, wide_window, edits, size).codes, law)
    deleted = folding.square(band, (start - wide_window.start) // size, steps.window_bins)
    noise_free_maps = [
        steps.geometry.to_map(folding.noise_free_values(contact_of_map, mean, steps))
        for contact_of_map in (contact, deleted)
    ]
    return {
        "wild_type": noise_free_maps[0],
        "deletion_in_reference": locus.in_reference(noise_free_maps[1], locus.altered(genome).bins),
    }


def redundant(table, name, threshold):
    """Claim that no single site of the boundary disrupts the map as much as all sites.

    Parameters
    ----------
    table : DataFrame
        Subsets of sites of one dataset: subset, n_sites, disruption.
    name : str
        Name in the claim.
    threshold : float
        Largest share of the disruption by all sites.

    Returns
    -------
    dict
    """
    rows = table[table["subset"] != "deletion"]
    all_sites = rows.loc[rows["n_sites"].idxmax(), "disruption"]
    share = rows.loc[rows["n_sites"] == 1, "disruption"].max() / all_sites
    claim = f"{name}: disruption by the worst single site of the boundary over that by all of them"
    return at_most(claim, threshold, share, np.nan, np.nan)


def rises_as_the_law(maps, law, name, threshold, boxes, n, seed):
    """Claim that the predicted contact across the boundary rises by a share of the rise in the folding law.

    Parameters
    ----------
    maps, law : dict of str to ndarray, shape (bins, bins)
        Predicted and noise-free maps, with keys wild_type and deletion_in_reference.
    name : str
        Name in the claim.
    threshold : float
        Smallest share.
    boxes : (slice, slice)
        Bins of the left and the right domain, from :func:`domains`.
    n, seed : int
        Resamples and seed of the bootstrap over bins of the left domain.

    Returns
    -------
    dict
    """
    rise, expected = _rise(maps, boxes), _rise(law, boxes)
    claim = f"{name}: rise of contact between the domains when the boundary is deleted, over that of the law"

    def share(rows):
        return float(np.nanmean(rise[rows]) / np.nanmean(expected[rows]))

    if np.nanmean(expected) <= 0:  # without folding the share is undefined
        return at_least(claim, threshold, np.nan, np.nan, np.nan)
    return at_least(claim, threshold, *bootstrap.estimate(share, np.arange(len(rise)), n, (seed, "truth", "rise")))


def rises(maps, name, boxes, n, seed):
    """Claim that the measured contact across the boundary rises.

    Parameters
    ----------
    maps : dict of str to ndarray, shape (bins, bins)
        Measured maps, with keys wild_type and deletion_in_reference.
    name : str
        Name in the claim.
    boxes : (slice, slice)
        Bins of the left and the right domain, from :func:`domains`.
    n, seed : int
        Resamples and seed of the bootstrap over bins of the left domain.

    Returns
    -------
    dict
    """
    rise = _rise(maps, boxes)

    def mean(rows):
        return float(np.nanmean(rise[rows]))

    claim = f"{name}: rise of contact between the domains when the boundary is deleted"
    return positive(claim, *bootstrap.estimate(mean, np.arange(len(rise)), n, (seed, "truth", "rise", name)))


def _rise(maps, boxes):
    """Difference of the maps (deletion minus wild type) between the two domains."""
    left, right = boxes
    return (maps["deletion_in_reference"] - maps["wild_type"])[left, right]
