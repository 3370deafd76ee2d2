"""Claims about predictions of another species: repeats without binding lower the accuracy."""

from akitaflow.evaluation import bootstrap
from akitaflow.truth import at_least, at_most


def gains(summary, dataset, family, threshold):
    """Claims that the accuracy rises if the elements are randomised, but not with control intervals.

    Parameters
    ----------
    summary : DataFrame
        From :func:`akitaflow.analyses.cross_species.summarise`.
    dataset, family : str
        Names in the claims.
    threshold : float
        Least gain of the mean Spearman correlation.

    Returns
    -------
    list of dict
    """
    rows = summary.set_index("quantity")
    names = ["mean", "low", "high"]
    text = f"{dataset}: gain of the mean Spearman correlation when"
    return [
        at_least(f"{text} {family} elements are randomised", threshold, *rows.loc["elements - reference", names]),
        at_most(f"{text} control intervals are randomised", 0, *rows.loc["control - reference", names]),
    ]


def density(table, dataset, family, n, seed):
    """Claim that windows with more elements have a lower accuracy.

    Parameters
    ----------
    table : DataFrame
        Windows: element_share, pearson, contig.
    dataset, family : str
        Names in the claim.
    n, seed : int
        Resamples and seed of the bootstrap over contigs.

    Returns
    -------
    dict
    """
    known = table.dropna(subset=["pearson"])
    values = (known[name].to_numpy() for name in ("element_share", "pearson"))
    correlation = bootstrap.rank_correlation(*values, known["contig"], n, (seed, "truth", "density"))
    claim = f"{dataset}: rank correlation of accuracy and share of {family} elements"
    return at_most(claim, 0, *correlation)
