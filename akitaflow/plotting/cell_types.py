"""Figures of differences between datasets, and of CTCF-independent structure."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from akitaflow.plotting.style import MILLIMETRE, PALETTE, draw_map, interval_text, map_colourbar, map_limit
from akitaflow.plotting.tables import pixel_table


def draw_differences(examples, table, pooled, names, bin_size, title):
    """Measured and predicted maps of example windows in two datasets, their difference, and correlations of all.

    Parameters
    ----------
    examples : list of dict
        ``chrom``, ``start`` (bp, of the map) and ``maps``: {(kind, column): ndarray (bins, bins)} for kind
        ``measured``, ``predicted`` and column first dataset, second dataset, ``difference``.
    table : DataFrame
        Of :func:`akitaflow.analyses.cell_types.window_table`.
    pooled : DataFrame
        Of :func:`akitaflow.analyses.cell_types.pooled_table`.
    names : (str, str)
    bin_size : int
    title : str

    Returns
    -------
    matplotlib Figure
    """
    figure = plt.figure(figsize=(180 * MILLIMETRE, (36 + 66 * len(examples)) * MILLIMETRE), layout="constrained")
    figure.suptitle(title, fontsize=8)
    maps_area, scatter_area = figure.subfigures(1, 2, width_ratios=(2.3, 1))
    axes = maps_area.subplots(2 * len(examples), 3, squeeze=False, sharey="row")
    limit = map_limit(*(values for example in examples for values in example["maps"].values()))
    columns = (*names, "difference")
    for k, example in enumerate(examples):
        for line, kind in enumerate(("measured", "predicted")):
            row = axes[2 * k + line]
            for ax, column in zip(row, columns, strict=True):
                draw_map(ax, example["maps"][kind, column], example["start"], bin_size, limit)
                if k == line == 0:
                    ax.set_title(column if column in names else f"{names[1]} − {names[0]}")
                if line == 0:
                    ax.set_xlabel("")
            row[0].set_ylabel(f"{example['chrom']}, {kind}")
    map_colourbar(maps_area, axes, shrink=0.4, aspect=30)
    upper, lower = scatter_area.subplots(2, 1)
    _histogram(upper, table, pooled)
    _against_strength(lower, table)
    return figure


def _histogram(ax, table, pooled):
    values = table["pearson"].dropna()
    ax.hist(values, bins=np.linspace(-1, 1, 21), color=PALETTE[0], lw=0)
    ax.axvline(0, color="0.8", lw=0.8, zorder=0)
    row = pooled.set_index("metric").loc["pearson"]
    interval = interval_text(row.low, row.high)
    ax.set_title(f"all windows: r = {row.measured:.2f}{interval}\nn = {len(values)} windows")
    ax.set_xlabel("r of predicted and\nmeasured difference")
    ax.set_ylabel("windows")
    ax.set_xlim(-1, 1)
    ax.spines[["top", "right"]].set_visible(False)


def _against_strength(ax, table):
    ax.scatter(table["strength_measured"], table["pearson"], s=9, color=PALETTE[0], lw=0)
    ax.axhline(0, color="0.8", lw=0.8, zorder=0)
    ax.set_xlabel("measured difference,\nmean of squares")
    ax.set_ylabel("r of the window")
    ax.spines[["top", "right"]].set_visible(False)


def difference_pixels(examples, bin_size):
    """Source data of the maps of :func:`draw_differences`: one row per pixel of the upper triangle."""
    tables = []
    for example in examples:
        maps = {f"{kind}_{column}": values for (kind, column), values in example["maps"].items()}
        labels = {"window": example["window"], "chrom": example["chrom"]}
        tables.append(pixel_table(maps, example["start"], bin_size, **labels).dropna())
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def draw_persistence(summary, bins, title):
    """Insulation before and after CTCF mutagenesis by class of bin, and after it against the DNase signal.

    Parameters
    ----------
    summary : DataFrame
        Of :func:`akitaflow.analyses.ctcf_independent.summarise`.
    bins : DataFrame
        class, DNase, insulation_mutated of each bin.
    title : str

    Returns
    -------
    matplotlib Figure
    """
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(170 * MILLIMETRE, 76 * MILLIMETRE), width_ratios=(1.2, 1), layout="constrained"
    )
    figure.suptitle(title, fontsize=8)
    classes = list(dict.fromkeys(summary["class"]))
    for k, (quantity, label) in enumerate([("insulation", "reference"), ("insulation_mutated", "CTCF randomised")]):
        rows = summary[summary["quantity"] == quantity].set_index("class").loc[classes]
        place = np.arange(len(classes)) + 0.18 * (2 * k - 1)
        error = np.abs(rows[["low", "high"]].to_numpy().T - rows["mean"].to_numpy())
        left.errorbar(place, rows["mean"], yerror(error), fmt="o^"[k], ms=5, color=PALETTE[k], lw=1, label=label)
    counts = summary[summary["quantity"] == "insulation"].set_index("class").loc[classes, "n_bins"]
    left.set_xticks(range(len(classes)), [f"{name}\nn = {counts[name]:,} bins" for name in classes])
    left.set_ylabel("insulation, mean log(obs / exp)\nof contacts across the bin")
    left.axhline(0, color="0.85", lw=0.8, zorder=0)
    left.set_xlim(-0.5, len(classes) - 0.5)
    left.legend(loc="best")
    _against_dnase(right, bins)
    for ax in (left, right):
        ax.spines[["top", "right"]].set_visible(False)
    return figure


def yerror(error):
    """Lengths of error bars; 0 where there is no interval."""
    return np.where(np.isfinite(error), error, 0)


def _against_dnase(ax, bins, groups=8):
    rows = bins[bins["class"].notna() & (bins["class"] != "CTCF")]
    if not len(rows):
        ax.set_axis_off()
        return
    ranks = rows["DNase"].rank(method="first", pct=True)
    share = np.ceil(ranks * groups).astype(int)
    means = rows.groupby(share)["insulation_mutated"].agg(["mean", "sem"])
    ax.errorbar(means.index, means["mean"], means["sem"], fmt="^-", ms=5, lw=1, color=PALETTE[1])
    ax.set_xticks(range(1, groups + 1))
    ax.set_xlabel(f"bins without CTCF by DNase signal,\n{groups} equal groups, low to high")
    ax.set_ylabel("insulation, CTCF randomised\n(mean ± s.e.m.)")
