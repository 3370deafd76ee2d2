"""Figure of the targets: examples, distributions, filtered bins, and the numbers of windows kept and left out."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from akitaflow.dataset.split import FOLDS
from akitaflow.dataset.windows import fold_rows
from akitaflow.plotting.style import MAP_LABEL, PALETTE, draw_map, genomic_unit, map_colourbar, map_limit

SAMPLE = 200  # windows per fold for the distributions
EXAMPLES = 3
BINS = 60


def sample(windows, tables, steps, n=SAMPLE):
    """Targets of a sample of the kept windows of each fold, evenly spaced along the table.

    Parameters
    ----------
    windows : pandas.DataFrame
        Table of windows of the records.
    tables : akitaflow.dataset.targets.TargetTables
    steps : akitaflow.dataset.targets.TargetSteps
    n : int
        Largest number of windows per fold.

    Returns
    -------
    rows : ndarray of int
        Rows of ``windows``.
    values : ndarray of float32, shape (rows, n_values, datasets)
    """
    rows = []
    for fold in FOLDS:
        kept = fold_rows(windows, fold)
        rows.append(kept[np.unique(np.linspace(0, len(kept) - 1, min(n, len(kept))).astype(int))])
    rows = np.concatenate(rows)
    values = np.empty((len(rows), steps.n_values, len(tables.files)), np.float32)
    for i, row in enumerate(rows):
        values[i] = tables.row(row)
    return rows, values


def tidy(windows, rows, values, datasets, steps):
    """Source data of the figure: one row per point, bar or bin.

    Parameters
    ----------
    windows : pandas.DataFrame
        Table of windows of the records.
    rows, values : ndarray
        Of :func:`sample`.
    datasets : list of str
    steps : akitaflow.dataset.targets.TargetSteps

    Returns
    -------
    pandas.DataFrame
        panel, dataset, fold, x, value. Panels: ``values`` (density at target x), ``variance`` (of one window),
        ``distance`` (mean at x bp), ``filtered`` (number of windows with the fraction x of filtered bins), ``windows``
        (number of windows with outcome x, see :func:`outcomes`).
    """
    parts = []

    def add(panel, dataset, fold, x, value):
        parts.append(pd.DataFrame({"panel": panel, "dataset": dataset, "fold": fold, "x": x, "value": value}))

    folds = windows.loc[rows, "fold"].to_numpy()
    first, second = steps.geometry.pixels
    distance = second - first
    pixels = np.bincount(distance)
    distances = np.arange(steps.diagonal_offset, steps.map_bins)
    edges = np.linspace(-steps.clip, steps.clip, BINS + 1)
    for k, dataset in enumerate(datasets):
        for fold in FOLDS:
            chosen = values[folds == fold, :, k]
            if len(chosen):
                density, _ = np.histogram(chosen, edges, density=True)
                add("values", dataset, fold, (edges[1:] + edges[:-1]) / 2, density)
                add("variance", dataset, fold, np.nan, chosen.var(axis=1))
        sums = np.bincount(distance, weights=values[:, :, k].mean(axis=0, dtype=np.float64))
        add("distance", dataset, "all", distances * steps.bin_size, sums[distances] / pixels[distances])
        if f"filtered_{dataset}" in windows:  # unknown for imported records
            shares, counts = np.unique(windows[f"filtered_{dataset}"].to_numpy().round(2), return_counts=True)
            add("filtered", dataset, "all", shares, counts)
    for fold in FOLDS:
        members = windows[windows["fold"] == fold]
        for outcome, count in outcomes(members).items():
            add("windows", "all", fold, outcome, [count])
    return pd.concat(parts, ignore_index=True)


def outcomes(windows):
    """Number of windows by outcome: kept, kept with a remark, or the first reason for which they are left out."""
    first = windows["reason"].str.split("; ").str[0].where(windows["reason"] != "", "")
    label = np.where(windows["kept"], np.where(first == "", "kept", "kept, " + first), first)
    return pd.Series(label).value_counts()


def draw(windows, rows, values, table, datasets, steps):
    """Draw the figure.

    Parameters
    ----------
    windows, rows, values, datasets, steps
        As for :func:`tidy`.
    table : pandas.DataFrame
        From :func:`tidy`.

    Returns
    -------
    matplotlib Figure
    """
    colours = dict(zip(datasets, [PALETTE[i % len(PALETTE)] for i in range(len(datasets))], strict=True))
    figure = plt.figure(figsize=(9.5, 2.1 * min(len(datasets), 5) + 5.2), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=[2.1 * min(len(datasets), 5), 5.2])
    _draw_examples(above, windows, rows, values, datasets, steps)
    axes = below.subplots(2, 3)
    _draw_values(axes[0, 0], table, colours)
    _draw_variance(axes[0, 1], table, colours)
    _draw_distance(axes[0, 2], table, colours, steps)
    _draw_filtered(axes[1, 0], table, colours)
    axes[1, 1].remove()
    axes[1, 2].remove()
    _draw_windows(below.add_subplot(axes[1, 1].get_gridspec()[1, 1:]), table)
    return figure


def _draw_examples(area, windows, rows, values, datasets, steps):
    """Draw the maps of three windows of different variance, a row per dataset."""
    order = np.argsort(values.var(axis=(1, 2)))
    chosen = order[(np.array([0.1, 0.5, 0.9])[:EXAMPLES] * (len(order) - 1)).round().astype(int)]
    drawn = datasets[:5]
    axes = area.subplots(len(drawn), EXAMPLES, squeeze=False)
    maps = {(i, k): steps.geometry.to_map(values[i, :, k]) for i in chosen for k in range(len(drawn))}
    limit = map_limit(*maps.values())
    quantiles = ("10 %", "median", "90 %")
    for column, i in enumerate(chosen):
        window = windows.loc[rows[i]]
        start = window["start"] + steps.crop_bins * steps.bin_size
        for k, dataset in enumerate(drawn):
            ax = axes[k, column]
            title = f"{window['chrom']}, {window['fold']}, variance: {quantiles[column]}" if k == 0 else None
            draw_map(ax, maps[i, k], start, steps.bin_size, limit, title)
            if k < len(drawn) - 1:
                ax.set_xlabel("")
            if column == 0:
                ax.set_ylabel(dataset)
    map_colourbar(area, axes, shrink=0.6, aspect=30)


def _draw_values(ax, table, colours):
    styles = dict(zip(FOLDS, ("-", "--", ":"), strict=True))
    for (dataset, fold), part in table[table["panel"] == "values"].groupby(["dataset", "fold"], sort=False):
        ax.plot(part["x"].astype(float), part["value"], styles[fold], color=colours[dataset], lw=1)
    for fold, style in styles.items():
        ax.plot([], [], style, color="0.3", lw=1, label=fold)
    for dataset, colour in colours.items():
        ax.plot([], [], color=colour, lw=3, label=dataset)
    ax.legend(fontsize=6, handlelength=1.5)
    ax.set(xlabel="target, " + MAP_LABEL, ylabel="density", title="Values")


def _draw_variance(ax, table, colours):
    part = table[table["panel"] == "variance"]
    width = 0.8 / len(colours)
    random = np.random.default_rng(0)  # horizontal jitter of the points
    for k, (dataset, colour) in enumerate(colours.items()):
        for place, fold in enumerate(FOLDS):
            variances = part.loc[(part["dataset"] == dataset) & (part["fold"] == fold), "value"].to_numpy()
            if not len(variances):
                continue
            centre = place + (k - (len(colours) - 1) / 2) * width
            ax.plot(
                centre + random.uniform(-0.3, 0.3, len(variances)) * width,
                variances,
                ".",
                color=colour,
                ms=2,
                alpha=0.5,
            )
            ax.plot([centre - 0.35 * width, centre + 0.35 * width], [np.median(variances)] * 2, color="0.1", lw=1.5)
    ax.set_xticks(range(len(FOLDS)), FOLDS)
    ax.set_ylim(bottom=0)
    ax.set(ylabel="variance of a window's target", title="Structure")


def _draw_distance(ax, table, colours, steps):
    unit, name = genomic_unit(steps.map_bins * steps.bin_size)
    for dataset, part in table[table["panel"] == "distance"].groupby("dataset", sort=False):
        ax.plot(part["x"].astype(float) / unit, part["value"], color=colours[dataset], lw=1)
    ax.axhline(0, color="0.6", lw=0.8)
    low, high = ax.get_ylim()
    reach = max(abs(low), abs(high), 0.1 * steps.clip)
    ax.set_ylim(-reach, reach)
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.xaxis.set_major_formatter(FuncFormatter(_plain))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set(xlabel=f"distance ({name})", ylabel="mean target", title="Mean by distance")


def _plain(value, _):
    return f"{value:g}"


def _draw_filtered(ax, table, colours):
    part = table[table["panel"] == "filtered"]
    if part.empty:
        ax.text(0.5, 0.5, "unknown for\ngiven records", ha="center", va="center", transform=ax.transAxes)
        ax.set(xticks=[], yticks=[], title="Filtered bins")
        return
    for dataset, colour in colours.items():
        counts = part[part["dataset"] == dataset].astype({"x": float, "value": float}).sort_values("x")
        total = counts["value"].sum()
        ax.step(counts["x"], 1 - (counts["value"].cumsum() - counts["value"]) / total, where="pre", color=colour, lw=1)
    ax.set_yscale("log")
    ax.set(xlabel="share of filtered bins", ylabel="windows with at least this share", title="Filtered bins")


def _draw_windows(ax, table):
    """Draw stacked bars of the outcomes of the windows of each fold, in percent."""
    part = table[table["panel"] == "windows"]
    labels = sorted(part["x"].unique(), key=lambda label: (label != "kept", label))
    totals = part.astype({"value": float}).groupby("fold")["value"].sum().reindex(FOLDS, fill_value=0).to_numpy()
    left = np.zeros(len(FOLDS))
    shades = ["0.75", *PALETTE]
    for i, label in enumerate(labels):
        counts = part[part["x"] == label].set_index("fold")["value"].astype(float)
        percent = 100 * counts.reindex(FOLDS, fill_value=0).to_numpy() / np.maximum(totals, 1)
        ax.barh(range(len(FOLDS)), percent, left=left, color=shades[i % len(shades)], label=label)
        left += percent
    names = [f"{fold}\n({int(total):,})" for fold, total in zip(FOLDS, totals, strict=True)]
    ax.set_yticks(range(len(FOLDS)), names)
    ax.invert_yaxis()
    ax.set_xlim(0, 100)
    ax.legend(fontsize=6, loc="upper left", bbox_to_anchor=(1, 1))
    ax.set(xlabel="windows (%)", title="Windows kept and left out")
