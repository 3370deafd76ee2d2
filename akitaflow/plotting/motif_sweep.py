"""Figures of the motif sweep."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from adjustText import adjust_text

from akitaflow.evaluation import bootstrap, scores
from akitaflow.plotting.style import MILLIMETRE, PALETTE, spearman_text

MOST = 3  # bins with more sites are one class
CTCF = ("CTCF", "CTCFL")  # the factor itself and its paralogue; the paper relates the remaining motifs to them


def searched(plan, pvalue):
    """How the matrices of a sweep were searched, in words.

    Parameters
    ----------
    plan : DataFrame
        The table ``plan.tsv`` of a sweep: pvalue (NaN: not searched) and left_out of each matrix.
    pvalue : float
        p value of the config, below which a sequence is a site.

    Returns
    -------
    str
        For example "579 matrices: 490 at p < 1e-05, 80 at their best sequence, 9 left out".
    """
    searched = plan["left_out"].isna()
    best = searched & best_sequence_only(plan, pvalue)
    parts = {
        f"at p < {pvalue:g}": (searched & ~best).sum(),
        "at their best sequence": best.sum(),
        "left out": (~searched).sum(),
    }
    return f"{len(plan)} matrices: " + ", ".join(f"{n} {text}" for text, n in parts.items() if n)


def best_sequence_only(table, pvalue):
    """Whether the best sequence of each matrix has a p value above that of the config, so that only it is searched."""
    return table["attainable_pvalue"] > pvalue


def draw(motifs, windows, labels, title, pvalue):
    """Disruption against change in signal of every motif, and of each window for the motif of the first rank.

    Parameters
    ----------
    motifs : DataFrame
        Of :func:`akitaflow.analyses.motif_sweep.summarise`, one dataset.
    windows : DataFrame
        matrix, disruption, change_in_signal by window, the same dataset.
    labels : int
        Number of motifs with a label, those of the largest disruption.
    title : str
    pvalue : float
        p value of the config. Matrices searched for their best sequence alone are drawn as open circles.

    Returns
    -------
    matplotlib Figure
    """
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(180 * MILLIMETRE, 82 * MILLIMETRE), width_ratios=(1.35, 1), layout="constrained"
    )
    figure.suptitle(title, fontsize=8)
    error = np.abs(motifs[["low", "high"]].to_numpy().T - motifs["disruption"].to_numpy())
    left.errorbar(motifs["change_in_signal"], motifs["disruption"], error, fmt="none", ecolor="0.75", lw=0.8, zorder=1)
    best = best_sequence_only(motifs, pvalue)
    for part, fill, label in ((~best, PALETTE[0], f"sites at p < {pvalue:g}"), (best, "white", "best sequence only")):
        if part.any():
            x, y = (motifs.loc[part, name] for name in ("change_in_signal", "disruption"))
            left.scatter(x, y, s=14, color=fill, edgecolor=PALETTE[0], lw=0.6, zorder=2, label=label)
    if best.any():
        left.legend(loc="lower right", frameon=False)
    first = motifs[motifs["rank"] == 1].iloc[0]
    left.set_xlabel("loss of signal, mean(ref²) − mean(mut²)")
    left.set_ylabel("disruption, mean((ref − mut)²)")
    with_site = windows[windows["matrix"] == first["matrix"]]
    right.scatter(with_site["change_in_signal"], with_site["disruption"], s=12, color=PALETTE[1], lw=0, alpha=0.8)
    right.set_xlabel("loss of signal of the window")
    right.set_ylabel("disruption of the window")
    right.set_title(f"{first['motif']}, n = {len(with_site)} windows with a site")
    for ax in (left, right):
        ax.axhline(0, color="0.88", lw=0.8, zorder=0)
        ax.axvline(0, color="0.88", lw=0.8, zorder=0)
        ax.spines[["top", "right"]].set_visible(False)
    figure.canvas.draw()  # so that labels are placed in the final axes
    _label(left, motifs.nsmallest(labels, "rank"), "change_in_signal", "disruption")
    return figure


def _label(ax, rows, x, y):
    texts = [ax.text(row[x], row[y], row["motif"], fontsize=6.5) for _, row in rows.iterrows()]
    adjust_text(texts, rows[x].to_numpy(), rows[y].to_numpy(), ax=ax, arrowprops={"arrowstyle": "-", "color": "0.6"})


def density(bins, contigs, n, seed):
    """Insulation of bins by the number of CTCF sites in them.

    Parameters
    ----------
    bins : DataFrame
        window, n_sites, insulation of each bin (``bins.tsv.gz`` of the mutagenesis), one dataset.
    contigs : Series
        Contig of each window, indexed by its number. Bins of a contig are not independent.
    n : int
        Resamples of the bootstrap over contigs.
    seed : tuple
        ``(seed, *names)`` of :func:`akitaflow.evaluation.bootstrap.resampling_weights`.

    Returns
    -------
    DataFrame
        n_sites (the last class has that many or more), mean, low, high (95 %, bootstrap over contigs; NaN with fewer
        than 5 contigs), n_bins.
    """
    groups = bins.groupby([bins["window"].map(contigs), bins["n_sites"].clip(upper=MOST)])["insulation"]
    sums, counts = (table.unstack(fill_value=0) for table in (groups.sum(), groups.count()))
    weights = bootstrap.resampling_weights(sums.index, n, seed)
    with np.errstate(invalid="ignore"):  # a resample may have no bin of a class
        resampled = (weights @ sums.to_numpy()) / (weights @ counts.to_numpy())
    rows = []
    for k, number in enumerate(sums.columns):
        mean = sums[number].sum() / counts[number].sum()
        interval = bootstrap.interval(mean, resampled[:, k], len(sums))
        rows.append((number, mean, *interval, counts[number].sum()))
    return pd.DataFrame(rows, columns=["n_sites", "mean", "low", "high", "n_bins"])


def count_overlaps(motifs):
    """Add the column ``n_overlapping``, the number of sites of each motif that overlap a CTCF site."""
    return motifs.assign(n_overlapping=(motifs["sites"] * motifs["overlap"]).round().astype(int))


def overlap_correlation(motifs, windows, n, seed):
    """Rank correlation of the disruption by a motif and the number of its sites that overlap a CTCF site.

    CTCF itself and CTCFL are left out.

    Parameters
    ----------
    motifs : DataFrame
        Of :func:`count_overlaps`, one dataset.
    windows : DataFrame
        matrix, window, contig, disruption (0 for pairs that are not listed), the same dataset.
    n : int
        Resamples of the bootstrap over contigs.
    seed : tuple
        ``(seed, *names)`` of :func:`akitaflow.evaluation.bootstrap.resampling_weights`.

    Returns
    -------
    DataFrame
        One row: spearman, low, high (95 %; NaN with fewer than 5 contigs), n_motifs.
    """
    without_ctcf = motifs[~motifs["motif"].isin(CTCF)].set_index("matrix")
    value = scores.spearman(without_ctcf["n_overlapping"], without_ctcf["disruption"])
    contigs = windows.groupby("window")["contig"].first()
    disruption = windows.pivot(index="window", columns="matrix", values="disruption")
    disruption = disruption.reindex(index=contigs.index, columns=without_ctcf.index).fillna(0).to_numpy()
    resampled = [
        scores.spearman(without_ctcf["n_overlapping"], row)
        for row in bootstrap.resampling_weights(contigs, n, seed) @ disruption
    ]
    low, high = bootstrap.interval(value, resampled, contigs.nunique(), limits=bootstrap.CORRELATION)
    return pd.DataFrame({"spearman": [value], "low": [low], "high": [high], "n_motifs": [len(without_ctcf)]})


def draw_ctcf(motifs, by_density, correlation, motif, labels, title):
    """Insulation against the density of CTCF sites, and disruption of each motif against its overlap with them.

    Parameters
    ----------
    motifs : DataFrame
        Of :func:`count_overlaps`, one dataset.
    by_density : DataFrame
        Of :func:`density`.
    correlation : DataFrame
        Of :func:`overlap_correlation`.
    motif : str
        Name of the set of sites with which overlaps are measured.
    labels : int
        Number of motifs with a label, those of the largest disruption.
    title : str

    Returns
    -------
    matplotlib Figure
    """
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(180 * MILLIMETRE, 82 * MILLIMETRE), width_ratios=(1, 1.35), layout="constrained"
    )
    figure.suptitle(title, fontsize=8)
    error = np.abs(by_density[["low", "high"]].to_numpy().T - by_density["mean"].to_numpy())
    left.errorbar(by_density["n_sites"], by_density["mean"], error, fmt="o-", ms=4, lw=1, color=PALETTE[0])
    names = [f"{k}{'+' if k == MOST else ''}\nn = {n:,}" for k, n in by_density[["n_sites", "n_bins"]].to_numpy()]
    left.set_xticks(by_density["n_sites"], names)
    left.set_xlabel(f"{motif} sites in the bin")
    left.set_ylabel("predicted insulation,\nmean log(obs / exp) across the bin")
    left.axhline(0, color="0.88", lw=0.8, zorder=0)
    own = motifs["motif"].isin(CTCF)
    right.scatter(
        motifs["n_overlapping"][own], motifs["disruption"][own], s=16, facecolor="none", edgecolor=PALETTE[1], lw=1,
        label="not in the correlation",
    )  # fmt: skip
    right.scatter(motifs["n_overlapping"][~own], motifs["disruption"][~own], s=14, color=PALETTE[0], lw=0)
    row = correlation.iloc[0]
    right.set_title(spearman_text(row[["spearman", "low", "high"]], int(row["n_motifs"]), " motifs"))
    right.set_xlabel(f"sites of the motif that overlap a {motif} site")
    right.set_ylabel("disruption, mean((ref − mut)²)")
    right.set_xscale("symlog", linthresh=1)
    right.set_xlim(-0.5, 4 * max(motifs["n_overlapping"].max(), 1))
    right.set_yscale("symlog", linthresh=max(float(motifs["disruption"].median()), 1e-6))
    right.set_ylim(0, 3 * motifs["disruption"].max())
    figure.legend(*right.get_legend_handles_labels(), loc="outside lower right")
    for ax in (left, right):
        ax.spines[["top", "right"]].set_visible(False)
    figure.canvas.draw()
    _label(right, motifs.nsmallest(labels, "rank"), "n_overlapping", "disruption")
    return figure


def source(motifs, by_density, correlation):
    """One table of all panels: panel (``motifs``, ``density``, ``correlation``), then the columns of each."""
    parts = {"motifs": motifs, "density": by_density, "correlation": correlation}
    return pd.concat([table.assign(panel=name) for name, table in parts.items()], ignore_index=True)
