"""Figures of the motif sweep."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from adjustText import adjust_text

from akitaflow.plotting.style import MILLIMETRE, PALETTE, spearman_text

MOST = 3  # bins with this number of sites or more are one class


def searched(plan, pvalue):
    """How the matrices of a sweep were searched, in words.

    Parameters
    ----------
    plan : DataFrame
        The table ``plan.tsv`` of a sweep: pvalue (NaN: not searched) and left_out of each matrix.
    pvalue : float
        Of a site, as asked for.

    Returns
    -------
    str
        As "579 matrices: 490 at p < 1e-05, 80 at their best sequence, 9 left out".
    """
    kept = plan["left_out"].isna()
    best = kept & best_sequence_only(plan, pvalue)
    parts = {
        f"at p < {pvalue:g}": (kept & ~best).sum(),
        "at their best sequence": best.sum(),
        "left out": (~kept).sum(),
    }
    return f"{len(plan)} matrices: " + ", ".join(f"{n} {text}" for text, n in parts.items() if n)


def best_sequence_only(table, pvalue):
    """Whether the p value of the best sequence of each matrix is larger than the one asked for."""
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
        Of a site, as asked for. Matrices searched for their best sequence alone are drawn as open circles.

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


def density(bins):
    """Insulation of bins by the number of CTCF sites in them.

    Parameters
    ----------
    bins : DataFrame
        n_sites, insulation of each bin (``bins.tsv.gz`` of the mutagenesis), one dataset.

    Returns
    -------
    DataFrame
        n_sites (the last class includes larger numbers), mean, sem, n_bins.
    """
    number = bins["n_sites"].clip(upper=MOST)
    table = bins.groupby(number)["insulation"].agg(["mean", "sem", "size"]).rename(columns={"size": "n_bins"})
    return table.reset_index()


def draw_ctcf(motifs, by_density, motif, labels, title):
    """Insulation against the density of CTCF sites, and disruption of each motif against its overlap with them.

    Parameters
    ----------
    motifs : DataFrame
        Of :func:`akitaflow.analyses.motif_sweep.summarise`, one dataset.
    by_density : DataFrame
        Of :func:`density`.
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
    left.errorbar(by_density["n_sites"], by_density["mean"], by_density["sem"], fmt="o-", ms=4, lw=1, color=PALETTE[0])
    names = [f"{k}{'+' if k == MOST else ''}\nn = {n:,}" for k, n in by_density[["n_sites", "n_bins"]].to_numpy()]
    left.set_xticks(by_density["n_sites"], names)
    left.set_xlabel(f"{motif} sites in the bin")
    left.set_ylabel("predicted insulation, mean log(obs / exp)\nof contacts across the bin (mean ± s.e.m.)")
    left.axhline(0, color="0.88", lw=0.8, zorder=0)
    right.scatter(motifs["overlap"], motifs["disruption"], s=14, color=PALETTE[0], lw=0)
    right.set_title(spearman_text(motifs["overlap"], motifs["disruption"], " motifs"))
    right.set_xlabel(f"share of the motif's sites that overlap {motif} sites")
    right.set_ylabel("disruption, mean((ref − mut)²)")
    right.set_yscale("symlog", linthresh=max(float(motifs["disruption"].median()), 1e-6))
    right.margins(x=0.1)
    for ax in (left, right):
        ax.spines[["top", "right"]].set_visible(False)
    figure.canvas.draw()
    _label(right, motifs.nsmallest(labels, "rank"), "overlap", "disruption")
    return figure


def source(motifs, by_density):
    """Source data of :func:`draw_ctcf`: panel, then the columns of both tables."""
    return pd.concat([motifs.assign(panel="motifs"), by_density.assign(panel="density")], ignore_index=True)
