"""Claims on the sweep: the factor that folds comes first, its look-alike second, and no decoy comes near."""

from akitaflow.evaluation import bootstrap
from akitaflow.truth import at_least

LOOK_ALIKE = "CTCFL"  # JASPAR's name of the matrix that is much like CTCF's


def window_means(windows, numbers):
    """Disruption of each motif in each window of the fold, 0 without a site.

    Parameters
    ----------
    windows : DataFrame
        matrix, window, disruption of one dataset (``windows.tsv.gz`` of the sweep).
    numbers : array_like
        All windows of the fold.

    Returns
    -------
    DataFrame
        A row per window, a column per matrix.
    """
    return windows.pivot(index="window", columns="matrix", values="disruption").reindex(numbers).fillna(0.0)


def order(means, motifs, decoys, contigs, dataset, least_ratio, n, seed):
    """The first motif is CTCF's, the second CTCFL's, and no decoy comes near.

    Parameters
    ----------
    means : DataFrame
        Of :func:`window_means`.
    motifs : DataFrame
        matrix, motif, rank of the dataset.
    decoys : list of str
        Matrices that fold nothing.
    contigs : array_like
        Of each window.
    dataset : str
    least_ratio : float
        Disruption of CTCF over that of the best decoy.
    n, seed : int
        Of the bootstrap over contigs.

    Returns
    -------
    list of dict
    """
    named = motifs.set_index("motif")["matrix"]
    ctcf, second = means[named["CTCF"]].to_numpy(), means[named[LOOK_ALIKE]].to_numpy()
    others = means.drop(columns=[named["CTCF"], named[LOOK_ALIKE]]).to_numpy()
    false = means[[matrix for matrix in decoys if matrix in means]].to_numpy()

    def claim(text, threshold, statistic, name):
        estimate = bootstrap.estimate(statistic, contigs, n, (seed, "truth", "sweep", name))
        return at_least(f"{dataset}: {text}", threshold, *estimate)

    def best(values, items):
        return values[items].mean(axis=0).max()

    first_text = "disruption by CTCF minus that by the best other motif (CTCF comes first)"
    second_text = f"disruption by {LOOK_ALIKE} minus that by the best motif but CTCF ({LOOK_ALIKE} comes second)"
    ratio_text = "disruption by CTCF over that by the best decoy"
    return [
        claim(
            first_text, 0, lambda items: ctcf[items].mean() - max(second[items].mean(), best(others, items)), "first"
        ),
        claim(second_text, 0, lambda items: second[items].mean() - best(others, items), "second"),
        claim(ratio_text, least_ratio, lambda items: ctcf[items].mean() / best(false, items), "ratio"),
    ]
