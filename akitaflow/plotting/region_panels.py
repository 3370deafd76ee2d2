"""Figure 2, panels b to e: maps of one region."""

import h5py
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from akitaflow.plotting.style import MILLIMETRE, PALETTE, draw_map, genomic_unit, map_colourbar, map_limit
from akitaflow.plotting.tables import pixel_table

KINDS = {"b": "prediction", "c": "target", "d": "inverted", "e": "randomised"}
SITE_MARKERS = {"+": ">", "-": "<"}


def read(path, target_path, dataset, geometry):
    """Read the four maps of the region for one dataset.

    Parameters
    ----------
    path, target_path : str
        Files of :func:`akitaflow.analyses.region_panels.write` with predicted maps and with the target.
    dataset : str
    geometry : akitaflow.geometry.Geometry

    Returns
    -------
    maps : dict of str to ndarray, shape (bins, bins)
        prediction, target, inverted, randomised.
    region : dict
        chrom, start and end (bp, of the map), fold.
    """
    maps = {}
    for name in (path, target_path):
        with h5py.File(name) as file:
            column = list(file.attrs["outputs"]).index(dataset)
            for kind in file:
                maps[kind] = geometry.to_map(file[kind][:, column])
            region = {name: file.attrs[name] for name in ("chrom", "start", "end", "fold")}
    return maps, {**region, "start": int(region["start"]) + geometry.crop, "end": int(region["end"]) - geometry.crop}


def draw(maps, sites, tracks, panel, region, params):
    """Draw one panel. All panels of a region have the same colour scale; panel b has the tracks below its map.

    Parameters
    ----------
    maps : dict of str to ndarray
    sites : DataFrame
        start, end (bp), strand.
    tracks : DataFrame
        start, end (bp) and a column per track.
    panel : str
        b, c, d or e.
    region : dict
        Of :func:`read`.
    params : object
        model, dataset, motif, draws, geometry.

    Returns
    -------
    matplotlib Figure
    """
    titles = {
        "b": f"prediction of model {params.model}",
        "c": "target",
        "d": f"prediction, all {len(sites)} {params.motif} sites inverted",
        "e": f"prediction, all {len(sites)} {params.motif} sites randomised (mean of {params.draws})",
    }
    names = list(tracks.columns[3:]) if panel == "b" else []
    figure, axes = plt.subplots(
        1 + len(names), 1, figsize=(92 * MILLIMETRE, (88 + 14 * len(names)) * MILLIMETRE), squeeze=False,
        height_ratios=[6, *[1] * len(names)], layout="constrained", sharex=True,
    )  # fmt: skip
    ax, size = axes[0, 0], params.geometry["bin_size"]
    draw_map(ax, maps[KINDS[panel]], region["start"], size, map_limit(*maps.values()))
    n = f"{region['chrom']}, {region['fold']} fold; dataset {params.dataset}, n = 1 window"
    ax.set_title(f"{titles[panel]}\n{n}", pad=12 if panel != "c" else None)
    ax.set_ylabel(ax.get_xlabel())
    if panel != "c":
        _mark_sites(ax, sites, region, inverted=panel == "d")
    map_colourbar(figure, axes[0, 0], shrink=0.7, aspect=25)
    for k, (row, name) in enumerate(zip(axes[1:, 0], names, strict=True)):
        _track(row, tracks, name, PALETTE[k], region)
    if names:
        ax.set_xlabel("")
        axes[-1, 0].set_xlabel(f"position ({genomic_unit(region['end'] - region['start'])[1]})")
    return figure


def _mark_sites(ax, sites, region, inverted):
    """Draw triangles above the map at the sites, in the direction of the motif in the predicted sequence."""
    unit, _ = genomic_unit(region["end"] - region["start"])
    inside = sites[(sites["end"] > region["start"]) & (sites["start"] < region["end"])]
    opposite = {"+": "-", "-": "+"}
    for strand, rows in inside.groupby("strand"):
        marker = SITE_MARKERS.get(opposite.get(strand) if inverted else strand, "|")
        middle = (rows["start"] + rows["end"]) / 2 / unit
        ax.plot(
            middle, np.full(len(middle), 1.03), marker, ms=3.5, mew=0 if marker != "|" else 1,
            color=PALETTE[3] if marker == ">" else PALETTE[0], transform=ax.get_xaxis_transform(), clip_on=False,
        )  # fmt: skip


def _track(ax, tracks, name, colour, region):
    unit, _ = genomic_unit(region["end"] - region["start"])
    middle = (tracks["start"] + tracks["end"]) / 2 / unit
    ax.fill_between(middle, tracks[name], step="mid", color=colour, lw=0)
    ax.set_ylabel(name, rotation=0, ha="right", va="center")
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_locator(plt.MaxNLocator(2))
    ax.spines[["top", "right"]].set_visible(False)


def pixels(maps, panel, region, tracks, bin_size):
    """Source data of a panel: layer, chrom, start_1, start_2 (bp, starts of the two bins), value.

    ``layer`` is ``map`` for pixels. Panel b also has the bins of each track, with its name as ``layer`` and the start
    of the bin as start_1.
    """
    table = pixel_table({"value": maps[KINDS[panel]]}, region["start"], bin_size, layer="map", chrom=region["chrom"])
    table = table.dropna()
    if panel != "b":
        return table
    names = list(tracks.columns[3:])
    long = tracks.melt(["chrom", "start"], names, "layer", "value").rename(columns={"start": "start_1"})
    return pd.concat([table, long], ignore_index=True)[list(table.columns)]
