"""Figures of motif mutagenesis: effect per window, and example maps before and after."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import BoundaryNorm, ListedColormap

from akitaflow.geometry import to_map
from akitaflow.plotting.style import MILLIMETRE, PALETTE, draw_map, genomic_unit, map_colourbar, map_limit
from akitaflow.plotting.tables import pixel_table

SITE_COLOURS = {"+": PALETTE[3], "-": PALETTE[0], ".": "0.4"}
SITE_MARKERS = {"+": ">", "-": "<", ".": "d"}


def draw_effect(table, motif, model, dataset):
    """Disruption against change in signal of each window, and its signal before and after.

    Parameters
    ----------
    table : DataFrame
        Of :func:`akitaflow.analyses.mutagenesis.summarise`, rows of one dataset.
    motif, model, dataset : str
        Names for the labels.

    Returns
    -------
    matplotlib Figure
    """
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(160 * MILLIMETRE, 74 * MILLIMETRE), width_ratios=(1.35, 1), constrained_layout=True
    )
    fold = ", ".join(dict.fromkeys(table["fold"]))
    with_sites = table[table["n_sites"] > 0].sort_values("n_sites")
    figure.suptitle(
        f"{motif} sites randomised: model {model}, dataset {dataset}, {fold} fold, n = {len(table)} windows "
        f"({len(with_sites)} with sites), {table['n_draws'].max()} draws",
        fontsize=8,
    )
    _effect_panel(left, table[table["n_sites"] == 0], with_sites, motif)
    _signal_panel(right, table)
    return figure


def _effect_panel(ax, without, with_sites, motif):
    ax.axhline(0, color="0.85", lw=0.8, zorder=0)
    ax.axvline(0, color="0.85", lw=0.8, zorder=0)
    ax.axline((0, 0), slope=1, color="0.85", lw=0.8, ls="--", zorder=0)
    if len(with_sites):
        edges = _class_edges(with_sites["n_sites"])
        points = ax.scatter(
            with_sites["change_in_signal"],
            with_sites["disruption"],
            c=with_sites["n_sites"],
            norm=BoundaryNorm(edges, len(edges) - 1),
            cmap=ListedColormap(plt.get_cmap("viridis")(np.linspace(0, 1, len(edges) - 1))),
            s=16,
            lw=0.3,
            edgecolor="white",
        )
        bar = ax.figure.colorbar(points, ax=ax, label=f"{motif} sites in window", shrink=0.9)
        bar.set_ticks((edges[1:] + edges[:-1]) / 2, labels=_class_names(edges))
        bar.ax.tick_params(length=0)
        bar.minorticks_off()
    if len(without):
        ax.scatter(
            without["change_in_signal"], without["disruption"], s=16, facecolor="none", edgecolor="0.5", lw=0.7,
            label=f"no site (n = {len(without)})",
        )  # fmt: skip
        ax.legend(loc="upper left")
    ax.set_xlabel("change in signal, mean(ref²) − mean(mut²)")
    ax.set_ylabel("disruption, mean((ref − mut)²)")
    ax.spines[["top", "right"]].set_visible(False)


def _class_edges(counts):
    """First number of sites of each class, at most a dozen classes of equal width, and the end of the last class."""
    width = -(-int(counts.max() - counts.min() + 1) // 12)
    return np.arange(counts.min(), counts.max() + width + 1, width)


def _class_names(edges):
    """Numbers of sites in each class: ``3``, or ``3–4``."""
    return [f"{a}–{b - 1}" if b - a > 1 else f"{a}" for a, b in zip(edges[:-1], edges[1:], strict=True)]


def _signal_panel(ax, table):
    before, after = table["signal"].to_numpy(), table["signal_mutated"].to_numpy()
    ax.plot([0, 1], np.stack([before, after]), color="0.7", lw=0.6, zorder=1)
    for x, values, colour in ((0, before, PALETTE[0]), (1, after, PALETTE[1])):
        ax.scatter(np.full(len(values), x), values, s=9, color=colour, zorder=2, lw=0)
        side = -1 if x == 0 else 1
        ax.plot([x + side * 0.08, x + side * 0.2], [np.median(values)] * 2, color=colour, lw=2, solid_capstyle="butt")
        ax.text(
            x + side * 0.23, np.median(values), f"{np.median(values):.3g}",
            ha="right" if x == 0 else "left", va="center", fontsize=7,
        )  # fmt: skip
    ax.set_xticks([0, 1], ["reference", "randomised\n(mean of draws)"])
    ax.set_xlim(-0.65, 1.65)
    ax.set_ylim(bottom=0)
    ax.set_ylabel("signal, mean(map²)")
    ax.spines[["top", "right"]].set_visible(False)


def example_maps(maps, dataset):
    """Read the example maps of one dataset.

    Parameters
    ----------
    maps : h5py.File
        Open file of :func:`akitaflow.analyses.mutagenesis.write_maps`.
    dataset : str
        One of its outputs.

    Returns
    -------
    list of dict
        For each example: chrom, start (of the map, bp), bin_size, diagonal_offset, n_sites, reference and mutated
        (bins, bins), and sites (DataFrame with start, end, strand).
    """
    output = list(maps.attrs["outputs"]).index(dataset)
    bin_size, n_bins, offset = (int(maps.attrs[key]) for key in ("bin_size", "map_bins", "diagonal_offset"))
    sites = pd.DataFrame({name: maps[f"sites/{name}"][:] for name in ("example", "start", "end")})
    sites["strand"] = maps["sites/strand"].asstr()[:]
    examples = []
    for row, (chrom, start, end) in enumerate(
        zip(maps["chrom"].asstr()[:], maps["start"][:], maps["end"][:], strict=True)
    ):
        examples.append(
            {
                "chrom": chrom,
                "start": int(start + (end - start - n_bins * bin_size) // 2),
                "bin_size": bin_size,
                "diagonal_offset": offset,
                "n_sites": int(maps["n_sites"][row]),
                "reference": to_map(maps["reference"][row, :, output], n_bins, offset),
                "mutated": to_map(maps["mutated"][row, :, output], n_bins, offset),
                "sites": sites[sites["example"] == row],
            }
        )
    return examples


def tabulate(examples):
    """Source data of the example maps: one row per pixel of the upper triangle.

    Parameters
    ----------
    examples : list of dict
        Of :func:`example_maps`.

    Returns
    -------
    DataFrame
        Columns example (1 is the strongest), chrom, position_1, position_2 (starts of both bins, bp), reference,
        mutated, difference.
    """
    tables = []
    for number, example in enumerate(examples, 1):
        maps = {name: example[name] for name in ("reference", "mutated")}
        maps["difference"] = maps["mutated"] - maps["reference"]
        place = (example["start"], example["bin_size"], example["diagonal_offset"])
        tables.append(pixel_table(maps, *place, example=number, chrom=example["chrom"]))
    if not tables:
        columns = ["example", "chrom", "position_1", "position_2", "reference", "mutated", "difference"]
        return pd.DataFrame(columns=columns)
    return pd.concat(tables, ignore_index=True).rename(columns={"start_1": "position_1", "start_2": "position_2"})


def draw_examples(examples, motif, model, dataset, fold, draws):
    """Reference map, mean map with the sites randomised, and their difference, one example per row.

    All maps have the same colour scale.

    Parameters
    ----------
    examples : list of dict
        Of :func:`example_maps`.
    motif, model, dataset, fold : str
    draws : int

    Returns
    -------
    matplotlib Figure
    """
    height = 14 + 52 * max(len(examples), 1)
    figure, axes = plt.subplots(
        max(len(examples), 1), 3, figsize=(165 * MILLIMETRE, height * MILLIMETRE), squeeze=False,
        constrained_layout=True,
    )  # fmt: skip
    figure.suptitle(
        f"model {model}, dataset {dataset}, {fold} fold, n = {len(examples)} windows; {motif} sites randomised in "
        f"{draws} draws",
        fontsize=8,
    )
    if not examples:
        for ax in axes.flat:
            ax.set_axis_off()
        axes[0, 1].text(
            0.5, 0.5, f"no window of the fold has a {motif} site", ha="center", transform=axes[0, 1].transAxes
        )
        return figure
    limit = map_limit(*(example[kind] for example in examples for kind in ("reference", "mutated")))
    for row, (number, example) in zip(axes, enumerate(examples, 1), strict=True):
        _example_row(row, example, number, motif, limit)
    map_colourbar(figure, axes, shrink=0.5 if len(examples) > 1 else 0.8, aspect=30)
    return figure


def _example_row(axes, example, number, motif, limit):
    start, bin_size = example["start"], example["bin_size"]
    difference = example["mutated"] - example["reference"]
    titles = ("reference", "randomised, mean of draws", "randomised − reference")
    for ax, values, title in zip(axes, (example["reference"], example["mutated"], difference), titles, strict=True):
        draw_map(ax, values, start, bin_size, limit)
        if number == 1:
            ax.set_title(title, pad=12)
        if ax is not axes[0]:
            ax.set_yticklabels([])
    axes[0].set_ylabel(f"{number}.  {example['chrom']}, {example['n_sites']} {motif} sites")
    _mark_sites(axes[0], example)


def _mark_sites(ax, example):
    """Draw triangles above a map at its sites, in the direction of the motif."""
    span = len(example["reference"]) * example["bin_size"]
    unit, _ = genomic_unit(span)
    inside = example["sites"]
    inside = inside[(inside["end"] > example["start"]) & (inside["start"] < example["start"] + span)]
    for strand, sites in inside.groupby("strand"):
        middle = (sites["start"] + sites["end"]) / 2 / unit
        ax.plot(
            middle, np.full(len(middle), 1.04), SITE_MARKERS[strand], ms=4, mew=0, color=SITE_COLOURS[strand],
            transform=ax.get_xaxis_transform(), clip_on=False,
        )  # fmt: skip
