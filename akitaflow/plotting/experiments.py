"""Figures of virtual experiments: a logo of a saturation mutagenesis, and arrangements of inserted sequences."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from akitaflow.plotting.style import MILLIMETRE, PALETTE, draw_map, map_colourbar, map_limit

BASE_COLOURS = {"A": PALETTE[2], "C": PALETTE[0], "G": PALETTE[1], "T": PALETTE[3]}
MOST_LETTERS = 400  # bases that are drawn as letters; bars beyond
ROW = 100  # letters in a row


def draw_saturation(effects, title, score="disruption"):
    """A logo of the effects of a region: each base as high as the mean score of its changes, or bars for blocks.

    Parameters
    ----------
    effects : DataFrame
        Of :func:`akitaflow.variants.saturation.effects`, of one dataset, in the order of the region.
    title, score : str

    Returns
    -------
    matplotlib Figure
    """
    single = bool(len(effects)) and (effects["end"] - effects["start"] == 1).all() and len(effects) <= MOST_LETTERS
    first, last = (int(effects["start"].min()), int(effects["end"].max())) if len(effects) else (0, 1)
    edges = [*range(first, last, ROW), last] if single else [first, last]
    rows = len(edges) - 1
    size = (180 * MILLIMETRE, (14 + 26 * rows) * MILLIMETRE)
    figure, axes = plt.subplots(rows, 1, figsize=size, sharey=True, squeeze=False, layout="constrained")
    figure.suptitle(title, fontsize=8)
    span = ROW if single and rows > 1 else last - first
    for ax, start, end in zip(axes[:, 0], edges[:-1], edges[1:], strict=True):
        part = effects[(effects["start"] >= start) & (effects["start"] < end)]
        for row in part.itertuples() if single else ():
            _draw_letter(ax, row.ref, row.start, row.effect)
        if not single:
            width = part["end"] - part["start"]
            ax.bar(
                part["start"].astype(float), part["effect"], width.astype(float), align="edge", color=PALETTE[0], lw=0
            )
        ax.set_xlim(start, start + span)
        ax.axhline(0, color="0.6", lw=0.6)
        ax.ticklabel_format(style="plain", axis="x", useOffset=False)
        ax.set_ylabel(f"mean\n{score}")
        ax.spines[["top", "right"]].set_visible(False)
    low, high = min(effects["effect"].min(), 0) if len(effects) else 0, effects["effect"].max() if len(effects) else 1
    axes[0, 0].set_ylim(low * 1.05, (high if high > low else low + 1) * 1.05)
    chrom = effects["chrom"].iloc[0] if len(effects) else "no change was scored"
    axes[-1, 0].set_xlabel(f"{chrom}, position (bp, from 0)")
    return figure


def _draw_letter(ax, base, start, height):
    """Draw a letter that fills the column of its base."""
    outline = TextPath((0, 0), base, size=1, prop=FontProperties(family="DejaVu Sans", weight="bold"))
    box = outline.get_extents()
    scale = (
        Affine2D().translate(-box.x0, -box.y0).scale(0.9 / box.width, height / box.height).translate(start + 0.05, 0)
    )
    ax.add_patch(PathPatch(outline.transformed(scale), color=BASE_COLOURS.get(base, "0.5"), lw=0))


def draw_insertions(table, maps, names, geometry, title):
    """Change of contact by arrangement, and the mean change of the map.

    Parameters
    ----------
    table : DataFrame
        Of :func:`akitaflow.variants.insertion.insert`, of one dataset.
    maps : ndarray, shape (arrangements, bins, bins)
        Mean of arrangement - background.
    names : list of str
        Arrangements in order.
    geometry : (int, int)
        First base of the map in the window, and bp of a bin.
    title : str

    Returns
    -------
    matplotlib Figure
    """
    columns = min(len(names), 4)
    lines = -(-len(names) // columns)
    figure = plt.figure(figsize=(180 * MILLIMETRE, (60 + 52 * lines) * MILLIMETRE), layout="constrained")
    figure.suptitle(title, fontsize=8)
    upper, lower = figure.subfigures(2, 1, height_ratios=(52 * lines, 50))
    axes = upper.subplots(lines, columns, squeeze=False)
    limit = min(map_limit(maps), float(np.nanmax(np.abs(maps)))) or 1.0
    for ax, name, values in zip(axes.ravel(), names, maps, strict=False):
        draw_map(ax, values, *geometry, limit, name)
    for ax in axes.ravel()[len(names) :]:
        ax.set_axis_off()
    map_colourbar(upper, axes, "arrangement - background", shrink=0.7)
    measures = {"change_in_contact": "contact of outer inserts\narrangement - background", "disruption": "disruption"}
    for ax, (column, label) in zip(lower.subplots(1, 2), measures.items(), strict=True):
        for place, name in enumerate(names):
            values = table.loc[table["arrangement"] == name, column].dropna().to_numpy()
            spread = np.linspace(-0.2, 0.2, len(values)) if len(values) > 1 else [0] * len(values)
            ax.scatter(place + np.array(spread), values, s=9, color=PALETTE[place % len(PALETTE)], lw=0, alpha=0.8)
            if len(values):
                ax.plot([place - 0.3, place + 0.3], [values.mean()] * 2, color="0.1", lw=1.2)
        ax.axhline(0, color="0.8", lw=0.8, zorder=0)
        ax.set_xticks(range(len(names)), names, rotation=30, ha="right")
        ax.set_ylabel(label)
        ax.spines[["top", "right"]].set_visible(False)
    return figure
