"""Claims about the motif sweep: disruption is largest by CTCF, then by the similar CTCFL, and small by decoys."""

from akitaflow.evaluation import bootstrap
from akitaflow.truth import at_least

LOOK_ALIKE = "CTCFL"  # name in JASPAR of the matrix that is similar to that of CTCF


def window_means(windows, numbers):
    """Disruption by each motif in each window of the fold; 0 for windows without a site.

    Parameters
    ----------
    windows : DataFrame
        matrix, window, disruption of one dataset (``windows.tsv.gz`` of the sweep).
    numbers : array_like of int
        Numbers of all windows of the fold.

    Returns
    -------
    DataFrame
        Rows are windows, columns are matrices.
    """
    return windows.pivot(index="window", columns="matrix", values="disruption").reindex(numbers).fillna(0.0)


def order(means, motifs, decoys, contigs, dataset, least_ratio, n, seed):
    """Claims about the order of the motifs: CTCF is first, CTCFL second, and the decoys are far below.

    Parameters
    ----------
    means : DataFrame
        From :func:`window_means`.
    motifs : DataFrame
        matrix, motif, rank of the dataset.
    decoys : list of str
        Matrices of the decoys.
    contigs : array_like, shape (windows,)
        Contig of each window.
    dataset : str
        Name in the claims.
    least_ratio : float
        Least ratio of the disruption by CTCF to that by the best decoy.
    n, seed : int
        Resamples and seed of the bootstrap over contigs.

    Returns
    -------
    list of dict
    """
    matrix_of_motif = motifs.set_index("motif")["matrix"]
    ctcf, second = means[matrix_of_motif["CTCF"]].to_numpy(), means[matrix_of_motif[LOOK_ALIKE]].to_numpy()
    others = means.drop(columns=[matrix_of_motif["CTCF"], matrix_of_motif[LOOK_ALIKE]]).to_numpy()
    decoy_means = means[[matrix for matrix in decoys if matrix in means]].to_numpy()

    def claim(text, threshold, statistic, name, limits=bootstrap.ANY):
        estimate = bootstrap.estimate(statistic, contigs, n, (seed, "truth", "sweep", name), limits=limits)
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
        claim(
            ratio_text,
            least_ratio,
            lambda items: ctcf[items].mean() / best(decoy_means, items),
            "ratio",
            bootstrap.POSITIVE,
        ),
    ]
