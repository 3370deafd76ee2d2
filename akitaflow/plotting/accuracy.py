"""Figures of accuracy: example maps over its range, scores per window, and comparison with baselines and ceiling."""

import h5py
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from akitaflow.geometry import to_map
from akitaflow.plotting.style import MILLIMETRE, dataset_styles, draw_map, map_colourbar, map_limit
from akitaflow.plotting.tables import pixel_table

QUANTILES = (0.95, 0.75, 0.5, 0.25, 0.05)  # of the windows' Pearson correlation
PREDICTOR_LABELS = {
    "mean_target": "mean training target\nat each position",
    "local_composition": "local composition\n(trees)",
    "sub_bin_composition": "sub-bin composition\n(trees)",
    "centromere_distance": "distance to the\ncentromere (trees)",
    "ceiling": "ceiling\n(split reads)",
}
METRICS = {"pearson": "pooled Pearson r", "pearson_window_median": "median Pearson r of windows"}
HISTOGRAM_BINS = 24
DATASET_SPACING = 0.6  # fraction of the distance of two rows over which the datasets are spread


def choose_windows(table, quantiles=QUANTILES):
    """Choose the windows whose Pearson correlations are nearest to quantiles, each window once.

    Parameters
    ----------
    table : DataFrame
        Scores of the windows of one dataset; windows without a correlation are left out.
    quantiles : sequence of float

    Returns
    -------
    DataFrame
        Rows of ``table`` with a column ``quantile``, in the order of the quantiles; fewer if there are few windows.
    """
    ranked = table.dropna(subset="pearson").sort_values("pearson", kind="stable").reset_index(drop=True)
    places, quantiles_of_places = [], []
    for quantile in quantiles:
        place = round(quantile * (len(ranked) - 1))
        if len(ranked) and place not in places:
            places.append(place)
            quantiles_of_places.append(quantile)
    return ranked.loc[places].assign(quantile=quantiles_of_places).reset_index(drop=True)


def read_maps(path, dataset, chosen):
    """Read the target and predicted maps of some windows.

    Parameters
    ----------
    path : str
        predictions.h5 of an evaluation.
    dataset : str
        One of its outputs.
    chosen : DataFrame
        Of :func:`choose_windows`.

    Returns
    -------
    pixels : DataFrame
        window, chrom, start_1, start_2 (bp, starts of the two bins), target, prediction.
    maps : list of (ndarray, ndarray)
        Target and predicted map of each window, (bins, bins), NaN near the diagonal.
    starts : list of int
        Start of each map, bp.
    bin_size : int
    """
    tables, maps, starts = [], [], []
    with h5py.File(path) as file:
        column = list(file.attrs["outputs"]).index(dataset)
        bin_size, n_bins, offset = (int(file.attrs[key]) for key in ("bin_size", "map_bins", "diagonal_offset"))
        for row in chosen.itertuples():
            values = [file[name][row.window, :, column].astype(np.float32) for name in ("targets", "predictions")]
            target, prediction = (to_map(part, n_bins, offset) for part in values)
            start = (row.start + row.end - n_bins * bin_size) // 2  # the map is the centre of the window
            pair = {"target": target, "prediction": prediction}
            tables.append(pixel_table(pair, start, bin_size, offset, window=row.window, chrom=row.chrom))
            maps.append((target, prediction))
            starts.append(start)
    return pd.concat(tables, ignore_index=True), maps, starts, bin_size


def draw_examples(chosen, maps, starts, bin_size, title):
    """Target and predicted map of each window, one above the other, with a common colour scale.

    Parameters
    ----------
    chosen : DataFrame
        Of :func:`choose_windows`.
    maps, starts, bin_size
        Of :func:`read_maps`.
    title : str

    Returns
    -------
    matplotlib Figure
    """
    limit = map_limit(*(part for pair in maps for part in pair))
    size = ((36 * len(chosen) + 14) * MILLIMETRE, 92 * MILLIMETRE)
    figure, axes = plt.subplots(2, len(chosen), figsize=size, squeeze=False, layout="constrained")
    figure.suptitle(title, fontsize=8)
    for column, (row, pair, start) in enumerate(zip(chosen.itertuples(), maps, starts, strict=True)):
        heading = f"{row.chrom}:{row.start:,}-{row.end:,}\nr = {row.pearson:.2f} (quantile {row.quantile:g})"
        for ax, values, text in zip(axes[:, column], pair, (heading, None), strict=True):
            draw_map(ax, values, start, bin_size, limit, text)
            ax.title.set_fontsize(6.5)
            if column:
                ax.set_yticklabels([])
        axes[0, column].set_xlabel("")
        axes[0, column].set_xticklabels([])
        # no ticks: each column is another region, given in its title
        for ax in axes[:, column]:
            ax.set_yticks([])
    axes[0, 0].set_ylabel("target")
    axes[1, 0].set_ylabel("prediction")
    map_colourbar(figure, axes, shrink=0.6, aspect=25, pad=0.01)
    return figure


def draw_accuracy(table, title):
    """Histogram and quartiles of the windows' correlations, and correlation against the target's variance.

    Parameters
    ----------
    table : DataFrame
        Scores per window and dataset.
    title : str

    Returns
    -------
    matplotlib Figure
    """
    styles = dataset_styles(dict.fromkeys(table["dataset"]))
    figure, (left, middle, right) = plt.subplots(
        1, 3, figsize=(180 * MILLIMETRE, 76 * MILLIMETRE), width_ratios=(1, 1, 1.15), layout="constrained"
    )
    figure.suptitle(title, fontsize=8)
    _histograms(left, table, styles)
    _distributions(middle, table, styles)
    _against_variance(right, table, styles)
    for ax in (middle, right):
        ax.axhline(0, color="0.85", lw=0.8, zorder=0)
    for ax in (left, middle, right):
        ax.spines[["top", "right"]].set_visible(False)
    figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=2, handletextpad=0.3)
    return figure


def _histograms(ax, table, styles):
    """Number of windows by Pearson correlation, an outline for each dataset."""
    edges = np.linspace(min(-0.2, np.nan_to_num(table["pearson"].min())), 1, HISTOGRAM_BINS + 1)
    for dataset, style in styles.items():
        values = table.loc[table["dataset"] == dataset, "pearson"].dropna()
        counts, _ = np.histogram(values, edges)
        ax.stairs(counts, edges, color=style["color"], linestyle=style["linestyle"], lw=1.3)
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_locator(plt.MaxNLocator(integer=True))
    ax.set_xlabel("Pearson r of the window")
    ax.set_ylabel("windows")


def _distributions(ax, table, styles):
    random = np.random.default_rng(0)  # horizontal jitter of the points
    width = 0.8 / len(styles)
    for group, metric in enumerate(("pearson", "spearman")):
        for k, (dataset, style) in enumerate(styles.items()):
            values = table.loc[table["dataset"] == dataset, metric].dropna().to_numpy()
            centre = group + (k - (len(styles) - 1) / 2) * width
            if not len(values):
                continue
            jittered = centre + random.uniform(-0.3, 0.3, len(values)) * width
            ax.scatter(jittered, values, s=7, color=style["color"], marker=style["marker"], alpha=0.6, lw=0, zorder=1)
            ax.boxplot(
                values, positions=[centre], widths=0.75 * width, showfliers=False, manage_ticks=False, zorder=2,
                medianprops={"color": "0.1", "lw": 1.5}, boxprops={"lw": 0.7}, whiskerprops={"lw": 0.7},
                capprops={"lw": 0.7},
            )  # fmt: skip
    ax.set_xticks([0, 1], ["Pearson", "Spearman"])
    ax.set_xlim(-0.55, 1.55)
    ax.set_ylabel("correlation of target and prediction")


def _against_variance(ax, table, styles):
    for dataset, style in styles.items():
        part = table[table["dataset"] == dataset].dropna(subset="pearson")
        n, median = len(part), part["pearson"].median()
        # a line without points, so that the legend also has the dashes of the histogram
        ax.plot([], [], **style, ms=4, lw=1.3, label=f"{dataset}: n = {n}, median r = {median:.2f}")
        ax.scatter(part["target_variance"], part["pearson"], s=9, color=style["color"], marker=style["marker"], lw=0)
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlabel("variance of the target")
    ax.set_ylabel("Pearson r of the window")


def tidy_baselines(baselines, comparison):
    """Source data of the figure of baselines.

    Parameters
    ----------
    baselines, comparison : DataFrame
        baselines.tsv and comparison.tsv of an evaluation.

    Returns
    -------
    DataFrame
        panel (``score``, or ``difference``: model minus baseline), metric, predictor, dataset, value, low, high.
    """
    parts = []
    for metric in METRICS:
        columns = {"model": "predictor", metric: "value", f"{metric}_low": "low", f"{metric}_high": "high"}
        parts.append(baselines.rename(columns=columns).assign(panel="score", metric=metric))
    renamed = {"baseline": "predictor", "difference": "value"}
    parts.append(comparison.rename(columns=renamed).assign(panel="difference"))
    columns = ["panel", "metric", "predictor", "dataset", "value", "low", "high"]
    return pd.concat([part[columns] for part in parts], ignore_index=True)


def draw_baselines(table, model, title):
    """Correlations of model, baselines and ceiling, and the difference between model and each baseline.

    Parameters
    ----------
    table : DataFrame
        Of :func:`tidy_baselines`.
    model : str
        Name of the model, drawn first.
    title : str

    Returns
    -------
    matplotlib Figure
    """
    predictors = list(dict.fromkeys(table["predictor"]))
    order = [model, *(name for name in PREDICTOR_LABELS if name in predictors)]
    datasets = list(dict.fromkeys(table["dataset"]))
    height = (30 + 2 * (9 + 3 * len(datasets)) * len(order) / 2) * MILLIMETRE
    figure, axes = plt.subplots(
        2, 2, figsize=(170 * MILLIMETRE, height), sharey=True, width_ratios=(1.4, 1), layout="constrained"
    )
    figure.suptitle(title, fontsize=8)
    for row, (metric, label) in zip(axes, METRICS.items(), strict=True):
        for ax, panel in zip(row, ("score", "difference"), strict=True):
            part = table[(table["panel"] == panel) & (table["metric"] == metric)]
            _intervals(ax, part, order, datasets)
        row[0].set_xlabel(label)
        row[1].set_xlabel(f"model minus baseline,\n{label}")
    axes[0, 0].set_yticks(range(len(order)), [f"model {model}", *(PREDICTOR_LABELS[name] for name in order[1:])])
    axes[0, 0].set_ylim(len(order) - 0.5, -0.5)
    if len(datasets) > 1:
        figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=len(datasets))
    return figure


def _intervals(ax, table, order, datasets):
    """Draw points with intervals, a row per predictor and a colour per dataset."""
    ax.axvline(0, color="0.6", lw=0.8, zorder=0)
    for k, (dataset, style) in enumerate(dataset_styles(datasets).items()):
        part = table[table["dataset"] == dataset].set_index("predictor").reindex(order)
        y = np.arange(len(order)) + (k - (len(datasets) - 1) / 2) * DATASET_SPACING / len(datasets)
        ax.hlines(y, part["low"], part["high"], color=style["color"], lw=1.5)
        ax.plot(part["value"], y, style["marker"], color=style["color"], ms=4, label=dataset)
        for value, high, place in zip(part["value"], part["high"], y, strict=True):
            if np.isfinite(value):
                end = np.nanmax([value, high])
                ax.annotate(
                    f"{round(value, 2) + 0:.2f}",
                    (end, place),
                    (3, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=6,
                )
    for between in np.arange(len(order) - 1) + 0.5:
        ax.axhline(between, color="0.92", lw=0.6, zorder=0)
    ax.margins(x=0.12)
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)
