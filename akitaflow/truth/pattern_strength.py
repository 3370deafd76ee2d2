"""Claims about the strength of patterns: predicted strength, measured strength and CTCF signal are correlated."""

from akitaflow.truth import at_least, positive


def correlated(correlations, dataset):
    """Claims that predicted and measured strength are correlated with each other and with CTCF.

    Parameters
    ----------
    correlations : DataFrame
        From :func:`akitaflow.analyses.pattern_strength.correlations`.
    dataset : str
        Name in the claims.

    Returns
    -------
    list of dict
        For predicted and measured strength the interval must be above 0. For the correlations with CTCF only the value
        must be, because windows differ little in their mean signal if all of them have sites.
    """
    rows_by_pair = correlations.set_index(["x", "y"])[["spearman", "low", "high"]]
    claim = f"{dataset}: rank correlation of predicted and measured strength"
    rows = [positive(claim, *rows_by_pair.loc[("measured", "predicted")])]
    for y in ("measured", "predicted"):
        claim = f"{dataset}: rank correlation of {y} strength and CTCF signal of the window"
        rows.append(at_least(claim, 0, *rows_by_pair.loc[("CTCF", y)]))
    return rows
