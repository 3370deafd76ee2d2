"""Claims on a second factor that acts in one dataset only: it is seen in the difference, and it stays without CTCF."""

from akitaflow.analyses.ctcf_independent import mean_difference
from akitaflow.genome.intervals import overlaps
from akitaflow.truth import at_least, at_most


def differences(pooled, threshold):
    """Predicted and measured difference of two datasets agree.

    Parameters
    ----------
    pooled : DataFrame
        Of :func:`akitaflow.analyses.cell_types.pooled_table`.
    threshold : float
        Least pooled Pearson correlation.
    """
    row = pooled.set_index("metric").loc["pearson"]
    claim = f"{row['second']} - {row['first']}: Pearson correlation of predicted and measured difference"
    return at_least(claim, threshold, row["measured"], row["low"], row["high"])


def persists(bins, sites, dataset, factor, motif, threshold, n, seed):
    """Bins with a site of the second factor stay insulated when the sites of the motif are randomised.

    Parameters
    ----------
    bins : DataFrame
        chrom, start, end, contig and insulation_mutated of the bins of one dataset.
    sites : DataFrame
        chrom, start, end (bp) of the factor's sites.
    dataset, factor, motif : str
    threshold : float
        Largest (negative) difference of insulation between these bins and the others.
    n, seed : int
        Of the bootstrap over contigs.
    """
    middle = (sites["start"] + sites["end"]) // 2
    with_site = overlaps(bins, sites.assign(start=middle, end=middle + 1))
    difference = mean_difference(bins, with_site, ~with_site, n, (seed, "truth", "persists"))
    claim = f"{dataset}: insulation left at {factor} sites when {motif} sites are randomised, minus that elsewhere"
    return at_most(claim, threshold, *difference)
