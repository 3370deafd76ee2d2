"""Claims about planted variants, saturation mutagenesis and inserted sites.

An area under the ROC curve (AUROC) is the share of pairs of a planted and a matched variant of which the planted one
has the larger score; ties count half.
"""

import numpy as np
from scipy.stats import rankdata

from akitaflow.evaluation import bootstrap
from akitaflow.truth import at_least, positive

PAIRS = {  # planted class: (matched class, threshold in the config, words)
    "boundary_deletion": ("matched_deletion", "boundary_auroc", "deletions of clusters of sites"),
    "pair_inversion": ("matched_inversion", "inversion_auroc", "inversions of clusters of sites"),
    "core_snv": ("flank_snv", "snv_auroc", "SNVs in sites"),
}


def auroc(planted, matched):
    """Area under the ROC curve of two groups of scores; NaN if one is empty.

    Parameters
    ----------
    planted, matched : ndarray of float
    """
    if not len(planted) or not len(matched):
        return float("nan")
    ranks = rankdata(np.concatenate([planted, matched]))[: len(planted)]
    return float((ranks.sum() - len(planted) * (len(planted) + 1) / 2) / (len(planted) * len(matched)))


def told_apart(scores, dataset, limits, n, seed):
    """Claims that planted variants have larger disruptions than matched ones.

    Parameters
    ----------
    scores : DataFrame
        Of the variants of :mod:`akitaflow.simulate.variants`: id, dataset, disruption.
    dataset : str
    limits : dict of str to float
        Thresholds, by the keys of ``PAIRS``, and ``locus_ratio``.
    n, seed : int
        Resamples and seed of the bootstrap over pairs.

    Returns
    -------
    list of dict
    """
    rows = scores[(scores["dataset"] == dataset) & scores["disruption"].notna()]
    names = rows["id"].str.split(":", expand=True)
    rows = rows.assign(planted=names[0], number=names[1])
    claims = []
    for planted, (matched, key, words) in PAIRS.items():
        wide = rows[rows["planted"].isin([planted, matched])].pivot(
            index="number", columns="planted", values="disruption"
        )
        first, second = wide.reindex(columns=[planted, matched]).dropna().to_numpy().T
        measured = bootstrap.estimate(
            lambda items, first=first, second=second: auroc(first[items], second[items]),
            np.arange(len(first)), n, (seed, "truth", "variants", planted), limits=bootstrap.SHARE,
        )  # fmt: skip
        claims.append(at_least(f"{dataset}: AUROC of {words} against matched ones", limits[key], *measured))
    return [*claims, *_locus(rows, dataset, limits["locus_ratio"])]


def _locus(rows, dataset, threshold):
    """Claim about the deletion of the locus's boundary, where there is one."""
    of_class = {name: rows.loc[rows["planted"] == name, "disruption"] for name in ("locus_deletion", "domain_deletion")}
    if of_class["locus_deletion"].empty:
        return []
    largest = of_class["domain_deletion"].max()
    ratio = of_class["locus_deletion"].iloc[0] / largest if largest > 0 else float("nan")
    claim = (
        f"{dataset}: disruption by the deletion of the locus's boundary over the largest by one as long in its domains"
    )
    return [at_least(claim, threshold, ratio, float("nan"), float("nan"))]


def finds_sites(effects, sites, dataset, threshold, n, seed):
    """Claim that the bases of sites have the largest effects of a saturation mutagenesis.

    Parameters
    ----------
    effects : DataFrame
        Of :func:`akitaflow.variants.saturation.effects`.
    sites : DataFrame
        chrom, start, end of the sites that fold the dataset.
    dataset : str
    threshold : float
    n, seed : int
        Resamples and seed of the bootstrap over bases.

    Returns
    -------
    dict
    """
    rows = effects[effects["dataset"] == dataset]
    starts, chroms = rows["start"].to_numpy(), rows["chrom"].to_numpy()
    inside = np.zeros(len(rows), bool)
    for site in sites.itertuples():
        inside |= (chroms == site.chrom) & (starts >= site.start) & (starts < site.end)
    values = rows["effect"].to_numpy()
    measured = bootstrap.estimate(
        lambda items: auroc(values[items][inside[items]], values[items][~inside[items]]),
        np.arange(len(rows)), n, (seed, "truth", "variants", "saturation"), limits=bootstrap.SHARE,
    )  # fmt: skip
    claim = f"{dataset}: AUROC of the effects of bases in sites against other bases, saturation mutagenesis"
    return at_least(claim, threshold, *measured)


def convergent_loop(table, dataset, n, seed):
    """Claims that two inserted sites have more contact if they point at each other.

    Parameters
    ----------
    table : DataFrame
        Of :func:`akitaflow.variants.insertion.insert`, with the arrangements ``convergent`` and ``divergent``.
    dataset : str
    n, seed : int
        Resamples and seed of the bootstrap over backgrounds.

    Returns
    -------
    list of dict
    """
    rows = table[table["dataset"] == dataset]
    wide = rows.pivot(index="background", columns="arrangement", values="change_in_contact")
    convergent, divergent = (wide[name].to_numpy() for name in ("convergent", "divergent"))
    seeds = (seed, "truth", "variants", "insertion")
    contact = bootstrap.mean(convergent, wide.index, n, seeds)
    more = bootstrap.mean(convergent - divergent, wide.index, n, seeds)
    return [
        positive(f"{dataset}: change of contact between two inserted sites that point at each other", *contact),
        positive(f"{dataset}: the same minus that of two sites that point away from each other", *more),
    ]
