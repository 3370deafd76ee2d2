"""Claims on the genome with masked repeats: randomising them helps, the control does not, and they cost accuracy."""

from akitaflow.evaluation import bootstrap
from akitaflow.truth import at_least, at_most


def gains(summary, dataset, family, threshold):
    """Agreement gains where the elements are randomised, and does not with the control.

    Parameters
    ----------
    summary : DataFrame
        Of :func:`akitaflow.analyses.cross_species.summarise`.
    dataset, family : str
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
    """More elements, lower correlation; parameters: the windows' table, names, resamples and seed of the bootstrap."""
    known = table.dropna(subset=["pearson"])
    values = (known[name].to_numpy() for name in ("element_share", "pearson"))
    correlation = bootstrap.rank_correlation(*values, known["contig"], n, (seed, "truth", "density"))
    claim = f"{dataset}: rank correlation of accuracy and share of {family} elements"
    return at_most(claim, 0, *correlation)
