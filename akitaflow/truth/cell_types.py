"""Claims about a second factor in one of two datasets: differences of the maps, and insulation without CTCF sites."""

from akitaflow.analyses.ctcf_independent import mean_difference
from akitaflow.genome.intervals import overlaps
from akitaflow.truth import at_least, at_most


def differences(pooled, threshold):
    """Claim that predicted and measured differences of two datasets agree.

    Parameters
    ----------
    pooled : DataFrame
        From :func:`akitaflow.analyses.cell_types.pooled_table`.
    threshold : float
        Least pooled Pearson correlation.

    Returns
    -------
    dict
    """
    row = pooled.set_index("metric").loc["pearson"]
    claim = f"{row['second']} - {row['first']}: Pearson correlation of predicted and measured difference"
    return at_least(claim, threshold, row["measured"], row["low"], row["high"])


def persists(bins, sites, dataset, factor, motif, threshold, n, seed):
    """Claim that bins with a site of the second factor stay insulated when the sites of the motif are randomised.

    Parameters
    ----------
    bins : DataFrame
        chrom, start, end, contig and insulation_mutated of the bins of one dataset.
    sites : DataFrame
        chrom, start, end of the sites of the factor; 0-based, half-open, in bp.
    dataset, factor, motif : str
        Names in the claim.
    threshold : float
        Largest (negative) difference of insulation between these bins and the others.
    n, seed : int
        Resamples and seed of the bootstrap over contigs.

    Returns
    -------
    dict
    """
    middle = (sites["start"] + sites["end"]) // 2
    with_site = overlaps(bins, sites.assign(start=middle, end=middle + 1))
    difference = mean_difference(bins, with_site, ~with_site, n, (seed, "truth", "persists"))
    claim = f"{dataset}: insulation left at {factor} sites when {motif} sites are randomised, minus that elsewhere"
    return at_most(claim, threshold, *difference)
