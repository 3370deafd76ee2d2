"""Figures of the comparison of a model with its alternatives: architectures, and training data."""

from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from akitaflow.plotting.style import MILLIMETRE, PALETTE
from akitaflow.study.alternative_models import BASE

DIFFERENCES = {"pearson": "Pearson r", "spearman": "Spearman r", "mse": "MSE"}
COLUMNS = ["panel", "alternative", "against", "dataset", "metric", "replicate", "epoch", "value", "low", "high"]
ALL = "all"
ACROSS = 5  # learning curves per row
CURVES = 26 * MILLIMETRE  # height of a row
INK, GREY = "0.15", "0.6"


def tidy(comparison, seeds, curves, alternatives):
    """Source data of a figure of some alternatives and the base.

    Parameters
    ----------
    comparison, seeds, curves : DataFrame
        comparison.tsv, seeds.tsv and curves.tsv of the comparison.
    alternatives : iterable of str
        Names of the alternatives in the figure.

    Returns
    -------
    DataFrame
        panel, alternative, against, dataset, metric, replicate, epoch, value, low, high. Panels: ``score`` (mean,
        minimum and maximum over replicates), ``difference`` (the same for the paired differences to the base),
        ``replicate`` (the difference of each replicate; for the base its scores minus their mean), ``cost``
        (parameters, seconds per epoch), ``curve`` (validation Pearson by epoch).
    """
    drawn = [BASE, *(name for name in alternatives if name != BASE)]
    comparison, seeds, curves = (table[table["alternative"].isin(drawn)] for table in (comparison, seeds, curves))
    spread = {"difference": "value", "difference_low": "low", "difference_high": "high"}
    plain = comparison.drop(columns=["low", "high"]).rename(columns=spread)
    parts = [
        comparison.rename(columns={"mean": "value"}).assign(panel="score"),
        plain[plain["alternative"] != BASE].dropna(subset="value").assign(panel="difference"),
        _of_replicates(seeds).assign(panel="replicate"),
        comparison.drop_duplicates("alternative")
        .drop(columns=["metric", "dataset", "against", "low", "high"])
        .melt(id_vars="alternative", value_vars=["parameters", "seconds_per_epoch"], var_name="metric")
        .assign(panel="cost"),
        curves[curves["quantity"] == "valid_pearson"].rename(columns={"quantity": "metric"}).assign(panel="curve"),
    ]
    table = pd.concat(parts, ignore_index=True)[COLUMNS]
    order = table["alternative"].map({name: i for i, name in enumerate(drawn)})
    return table.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)


def _of_replicates(seeds):
    """Differences of every replicate to the base, or for the base to its mean; scored against the base's targets."""
    keys = ["dataset", "metric", "replicate"]
    long = seeds[seeds["against"] == "base"].melt(
        id_vars=["alternative", "against", "dataset", "replicate"], value_vars=list(DIFFERENCES), var_name="metric"
    )
    base = long[long["alternative"] == BASE].set_index(keys)["value"].rename("base")
    long = long.join(base, on=keys)
    means = long.groupby(["alternative", "dataset", "metric"])["value"].transform("mean")
    return long.assign(value=long["value"] - long["base"].where(long["alternative"] != BASE, means))


def draw_architectures(table, descriptions, title):
    """Differences of architectures to the base, their costs, and their learning curves.

    Parameters
    ----------
    table : DataFrame
        Of :func:`tidy`.
    descriptions : dict of str to str
        Description of each alternative, in order, the base first.
    title : str

    Returns
    -------
    matplotlib Figure
    """
    names = list(descriptions)
    top = (20 + 6.5 * len(names)) * MILLIMETRE
    figure, upper, lower = _two_parts(top, -(-(len(names) - 1) // ACROSS))
    axes = upper.subplots(1, 5, sharey=True, width_ratios=(1, 1, 1, 0.8, 0.8))
    for ax, (metric, label) in zip(axes, DIFFERENCES.items(), strict=False):
        _noise(ax, table, metric, ALL)
        _differences(ax, table, names, metric, {ALL: INK})
        ax.set_xlabel(f"change in\n{label}")
    for ax, (metric, label) in zip(
        axes[3:], (("parameters", "parameters\n(thousands)"), ("seconds_per_epoch", "seconds\nper epoch")), strict=True
    ):
        _costs(ax, table, names, metric, 1000 if metric == "parameters" else 1)
        ax.set_xlabel(label)
    axes[0].set_yticks(range(len(names)), [_label(table, name, descriptions[name]) for name in names])
    axes[0].set_ylim(len(names) - 0.5, -0.5)
    upper.suptitle(title, fontsize=8)
    _curves(lower, table, descriptions, dict.fromkeys(names, ALL))
    return figure


def draw_data(table, single_tasks, data, title):
    """Differences to the base of models of single datasets, other targets and training without augmentation.

    Parameters
    ----------
    table : DataFrame
        Of :func:`tidy`.
    single_tasks, data : dict of str to str
        Description of each alternative, in order: those with fewer datasets, and those with other targets or
        augmentation. May include the base.
    title : str

    Returns
    -------
    matplotlib Figure
    """
    alternatives = {BASE: (single_tasks | data)[BASE]} | single_tasks | data
    names = list(alternatives)
    datasets = [name for name in dict.fromkeys(table["dataset"].dropna()) if name != ALL]
    colours = {name: PALETTE[i % len(PALETTE)] for i, name in enumerate(datasets)}
    rows = -(-(len(names) - 1) // ACROSS)
    top = (20 + (4 + 3 * len(datasets)) * len(names)) * MILLIMETRE
    figure, upper, lower = _two_parts(top, rows)
    axes = upper.subplots(1, 3, sharey=True)
    for ax, (metric, label) in zip(axes, DIFFERENCES.items(), strict=True):
        _differences(ax, table, names, metric, colours)
        ax.set_xlabel(f"change in {label}")
    axes[0].set_yticks(range(len(names)), [_label(table, name, text) for name, text in alternatives.items()])
    axes[0].set_ylim(len(names) - 0.5, -0.5)
    handles, labels = axes[0].get_legend_handles_labels()
    upper.legend(handles, labels, loc="outside right center", title="dataset", title_fontsize=7)
    upper.suptitle(title, fontsize=8)
    _curves(lower, table, alternatives, {name: _dataset_of(table, name) for name in names})
    return figure


def _two_parts(top, rows):
    """(figure, subfigure of scores, subfigure of learning curves); ``top`` is the height of the scores in inches."""
    bottom = rows * CURVES + 8 * MILLIMETRE
    figure = plt.figure(figsize=(180 * MILLIMETRE, top + bottom), layout="constrained")
    return figure, *figure.subfigures(2, 1, height_ratios=(top, bottom))


def _label(table, name, description):
    """Label of a row, with the correlation of the base, or the asymmetry or own score of an alternative."""
    scores = table[(table["panel"] == "score") & (table["alternative"] == name)]
    if name == BASE:
        pooled = scores[(scores["metric"] == "pearson") & (scores["dataset"] == ALL)]
        return f"{description}\n(r = {pooled['value'].iloc[0]:.3f})"
    uneven = scores[(scores["metric"] == "asymmetry") & (scores["against"] == "base")]
    if len(uneven):
        pooled = uneven[uneven["dataset"] == ALL] if (uneven["dataset"] == ALL).any() else uneven
        return f"{description}\n(asymmetry {pooled['value'].iloc[0]:.2f})"
    own = scores[(scores["against"] == "own") & (scores["metric"] == "pearson") & (scores["dataset"] == ALL)]
    return f"{description}\n(own targets: r = {own['value'].iloc[0]:.3f})" if len(own) else description


def _dataset_of(table, name):
    """Dataset of the learning curve: the only one of an alternative, or all together."""
    datasets = table[(table["panel"] == "score") & (table["alternative"] == name)]["dataset"]
    return ALL if (datasets == ALL).any() else datasets.iloc[0]


def _noise(ax, table, metric, dataset):
    """Draw the range of the base's scores over seeds, relative to their mean, as a band."""
    scores = table[(table["panel"] == "score") & (table["alternative"] == BASE) & (table["against"] == "base")]
    scores = scores[(scores["metric"] == metric) & (scores["dataset"] == dataset)]
    for row in scores.itertuples():
        ax.axvspan(row.low - row.value, row.high - row.value, color="0.92", lw=0, zorder=0)


def _differences(ax, table, names, metric, colours):
    """Draw mean, range and replicates of the differences of each alternative, with a colour per dataset."""
    ax.axvline(0, color=GREY, lw=0.8, zorder=1)
    chosen = table[(table["metric"] == metric) & table["alternative"].isin(names)]
    step = 0.7 / len(colours)
    for k, (dataset, colour) in enumerate(colours.items()):
        shift = (k - (len(colours) - 1) / 2) * step
        part = chosen[chosen["dataset"] == dataset]
        means = part[part["panel"] == "difference"]
        y = means["alternative"].map(names.index).to_numpy(float) + shift
        ax.hlines(y, means["low"], means["high"], color=colour, lw=1)
        ax.plot(means["value"], y, "o", color=colour, ms=4, label=dataset)
        single = part[part["panel"] == "replicate"]
        y = single["alternative"].map(names.index).to_numpy(float) + shift
        ax.plot(single["value"], y, "|", color=colour, ms=5, mew=0.8)
    ax.margins(x=0.1)
    ax.xaxis.set_major_locator(plt.MaxNLocator(3))
    _rows(ax, names)


def _costs(ax, table, names, metric, unit):
    costs = (
        table[(table["panel"] == "cost") & (table["metric"] == metric)].set_index("alternative")["value"].reindex(names)
    )
    values = costs.to_numpy(float) / unit
    ax.barh(range(len(names)), values, height=0.5, color="0.75")
    for place, value in enumerate(values):
        text = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
        ax.annotate(text, (value, place), (2, 0), textcoords="offset points", va="center", fontsize=6)
    ax.set_xlim(0, 1.3 * np.nanmax(values))
    ax.xaxis.set_major_locator(plt.MaxNLocator(3))
    _rows(ax, names)


def _rows(ax, names):
    for between in np.arange(len(names) - 1) + 0.5:
        ax.axhline(between, color="0.92", lw=0.6, zorder=0)
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)


def _curves(figure, table, descriptions, datasets):
    """Draw validation correlations by epoch, a panel per alternative: its replicates, their mean, and the base."""
    curves = table[table["panel"] == "curve"]
    names = [name for name in descriptions if name != BASE]
    axes = figure.subplots(-(-len(names) // ACROSS), ACROSS, sharex=True, sharey=True, squeeze=False)
    for ax, name in zip(axes.flat, names, strict=False):
        for alternative, colour, label in ((BASE, GREY, descriptions[BASE]), (name, PALETTE[0], "alternative")):
            part = curves[(curves["alternative"] == alternative) & (curves["dataset"] == datasets[name])]
            by_epoch = part.pivot(index="epoch", columns="replicate", values="value")
            ax.plot(by_epoch.index, by_epoch, color=colour, lw=0.4, alpha=0.6)
            ax.plot(by_epoch.index, by_epoch.mean(axis=1), color=colour, lw=1.2, label=label)
        ax.set_title(fill(descriptions[name], 24), fontsize=6.5)
        ax.axhline(0, color="0.85", lw=0.6, zorder=0)
        ax.xaxis.set_major_locator(plt.MaxNLocator(4, integer=True))
        ax.tick_params(labelsize=6)
        ax.spines[["top", "right"]].set_visible(False)
    for ax in axes.flat[len(names) :]:
        ax.set_axis_off()
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower right", ncols=2, fontsize=6)
    figure.supxlabel("epoch", fontsize=7)
    figure.supylabel("validation Pearson r", fontsize=7)
