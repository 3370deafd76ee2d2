"""Claims on the strength of patterns: more is predicted where more is measured, and where there is more CTCF."""

from akitaflow.truth import at_least, positive


def correlated(correlations, dataset):
    """Predicted and measured strength rise together, and both with CTCF.

    Parameters
    ----------
    correlations : DataFrame
        Of :func:`akitaflow.analyses.pattern_strength.correlations`.
    dataset : str
        For the names of the claims.

    Returns
    -------
    list of dict
        For predicted against measured strength the interval must lie above 0; for both against CTCF the correlation
        itself, because a window's mean signal says little where every window has sites.
    """
    rows_by_pair = correlations.set_index(["x", "y"])[["spearman", "low", "high"]]
    claim = f"{dataset}: rank correlation of predicted and measured strength"
    rows = [positive(claim, *rows_by_pair.loc[("measured", "predicted")])]
    for y in ("measured", "predicted"):
        claim = f"{dataset}: rank correlation of {y} strength and CTCF signal of the window"
        rows.append(at_least(claim, 0, *rows_by_pair.loc[("CTCF", y)]))
    return rows
