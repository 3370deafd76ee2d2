"""Figures of the deletion of a boundary."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from akitaflow.analyses.deletion import across
from akitaflow.plotting.style import MAP_LABEL, MILLIMETRE, PALETTE, draw_map, genomic_unit, map_colourbar, map_limit
from akitaflow.plotting.tables import pixel_table

COLUMNS = {"wild_type": "undeleted", "deletion_in_reference": "deletion"}
MARKERS = {"+": ">", "-": "<"}
MOST_LABELLED = 31  #: largest number of subsets that are drawn in columns with their sites below


def title(locus, params):
    """Title of both figures: deletion, model, dataset, and whether the model was trained on the locus."""
    fold, deletion = locus.about["fold"], locus.deletion
    if fold == "none":
        seen = "in no fold of the split"
    elif "train" in fold:
        seen = f"{fold} fold: the model was trained on it"
    else:
        seen = f"{fold} fold: not trained on"
    provisional = " (provisional coordinates)" if locus.about["provisional"] else ""
    return (
        f"{params.locus}: {deletion.chrom}:{deletion.start:,}-{deletion.end:,} deleted{provisional}\n"
        f"model {params.model}, dataset {params.dataset}; {seen}; n = 1 locus"
    )


def draw_maps(layers, locus, sites, text):
    """Maps of the undeleted locus and of the deletion, a row per source, and contact across the boundary in each.

    Parameters
    ----------
    layers : dict of str to dict of str to ndarray, shape (bins, bins)
        By the name of the row: wild_type, and deletion_in_reference unless it was not measured.
    locus : akitaflow.analyses.deletion.Locus
    sites : DataFrame
        Of :func:`akitaflow.analyses.deletion.boundary_sites`.
    text : str
        Title.

    Returns
    -------
    matplotlib Figure
    """
    n = len(layers)
    figure = plt.figure(figsize=(150 * MILLIMETRE, (18 + 60 * n + 48) * MILLIMETRE), layout="constrained")
    figure.suptitle(text, fontsize=8)
    upper, lower = figure.subfigures(2, 1, height_ratios=(60 * n, 48))
    axes = upper.subplots(n, 2, squeeze=False, sharex=True, sharey=True)
    limit = map_limit(*(maps[kind] for maps in layers.values() for kind in COLUMNS if kind in maps))
    for line, (row, (name, maps)) in enumerate(zip(axes, layers.items(), strict=True)):
        for ax, (kind, heading) in zip(row, COLUMNS.items(), strict=True):
            if kind not in maps:
                ax.text(0.5, 0.5, "not measured", ha="center", va="center", transform=ax.transAxes, color="0.4")
                ax.set_axis_off()
                axes[line - 1, 1].tick_params(labelbottom=True)  # the lowest map of the column
                continue
            draw_map(ax, maps[kind], locus.map_start, locus.bin_size, limit)
            _outline(ax, locus)
            if line == 0:
                ax.set_title(heading, pad=11)
            if line < n - 1:
                ax.set_xlabel("")
            _sites(ax, sites, locus, gone=kind != "wild_type")
        row[0].set_ylabel(name)
    map_colourbar(upper, axes, shrink=0.5, aspect=30)
    _contacts(lower.subplots(), layers, locus)
    return figure


def _outline(ax, locus):
    """Draw a dashed outline of the pairs of a bin left and a bin right of the boundary, above the diagonal."""
    unit, _ = genomic_unit(locus.map_bins * locus.bin_size)
    left, right = (
        [(locus.map_start + edge * locus.bin_size) / unit for edge in (box.start, box.stop)] for box in locus.boxes
    )
    xs, ys = [right[0], right[1], right[1], right[0], right[0]], [left[0], left[0], left[1], left[1], left[0]]
    ax.plot(xs, ys, color="0.15", lw=0.8, ls=(0, (3, 2)))


def _sites(ax, sites, locus, gone):
    """Draw triangles above the map at the boundary's sites, hollow if the site is deleted."""
    unit, _ = genomic_unit(locus.map_bins * locus.bin_size)
    deletion = locus.deletion
    for row in sites.itertuples():
        hollow = gone and deletion.start <= row.start and row.end <= deletion.end
        colour = PALETTE[3] if row.strand == "+" else PALETTE[0]
        ax.plot(
            (row.start + row.end) / 2 / unit, 1.035, MARKERS.get(row.strand, "o"), ms=4, mec=colour, mew=0.6,
            mfc="white" if hollow else colour, transform=ax.get_xaxis_transform(), clip_on=False,
        )  # fmt: skip


def contacts(layers, locus):
    """Contact across the boundary over the bins of both maps: layer, undeleted, deletion (NaN if not measured)."""
    rows = []
    for name, maps in layers.items():
        measured = [maps[kind] for kind in COLUMNS if kind in maps]
        known = np.all([np.isfinite(values) for values in measured], axis=0)
        means = [float(across(np.where(known, values, np.nan), locus.boxes)) for values in measured]
        rows.append((name, *means, *[np.nan] * (len(COLUMNS) - len(means))))
    return pd.DataFrame(rows, columns=["layer", *COLUMNS.values()])


def _contacts(ax, layers, locus):
    rows = contacts(layers, locus)
    places = np.arange(len(rows))
    for place, row in zip(places, rows.itertuples(), strict=True):
        if np.isnan(row.deletion):
            continue
        ax.annotate(
            "", (row.deletion, place), (row.undeleted, place),
            arrowprops={"arrowstyle": "->", "color": "0.5", "lw": 1, "shrinkA": 4, "shrinkB": 4},
        )  # fmt: skip
    ax.plot(rows["undeleted"], places, "o", ms=5, color=PALETTE[0], label="undeleted")
    ax.plot(rows["deletion"], places, "D", ms=5, color=PALETTE[1], label="deletion")
    ax.axvline(0, color="0.8", lw=0.8, zorder=0)
    ax.set_yticks(places, rows["layer"])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlabel(f"mean {MAP_LABEL} across the boundary (dashed: {_sizes(locus)} bins)")
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    ax.spines[["top", "right"]].set_visible(False)


def _sizes(locus):
    return " x ".join(str(box.stop - box.start) for box in locus.boxes)


def table(layers, locus):
    """Source data of :func:`draw_maps`: layer, map, chrom, start_1, start_2 (bp), value.

    The rows of contact across the boundary have no start_1 and start_2.
    """
    parts = []
    for name, maps in layers.items():
        for kind, heading in COLUMNS.items():
            if kind not in maps:
                continue
            labels = {"layer": name, "map": heading, "chrom": locus.window.chrom}
            parts.append(pixel_table({"value": maps[kind]}, locus.map_start, locus.bin_size, **labels))
    pixels = pd.concat(parts, ignore_index=True).dropna()
    means = contacts(layers, locus).melt("layer", var_name="map").dropna().assign(chrom=locus.window.chrom)
    return pd.concat([pixels.astype({"start_1": "Int64", "start_2": "Int64"}), means], ignore_index=True)


def draw_subsets(table, sites, text):
    """Disruption and contact across the boundary for each deleted subset of sites.

    Up to :data:`MOST_LABELLED` subsets are drawn in columns with the deleted sites below, more by the number of sites.

    Parameters
    ----------
    table : DataFrame
        Of :func:`akitaflow.analyses.deletion.predict`, for one dataset.
    sites : DataFrame
        Of :func:`akitaflow.analyses.deletion.boundary_sites`.
    text : str
        Title.

    Returns
    -------
    matplotlib Figure
    """
    chosen = table[table["subset"] != "deletion"].reset_index(drop=True)
    deletion = table[table["subset"] == "deletion"].iloc[0]
    single = len(chosen) <= MOST_LABELLED
    n = len(sites)
    ratios = [5, 5, max(1, 0.55 * n)] if single else [5, 5]
    figure, axes = plt.subplots(
        len(ratios), 1, figsize=(max(95, min(180, 40 + 6 * len(chosen))) * MILLIMETRE, 11 * sum(ratios) * MILLIMETRE),
        height_ratios=ratios, sharex=True, layout="constrained",
    )  # fmt: skip
    figure.suptitle(f"{text}\n{n} sites, {len(chosen)} subsets", fontsize=8)
    places, area = (np.arange(len(chosen)), 22) if single else (_spread(chosen["n_sites"]), 9)
    colours = [PALETTE[0] if size == 1 else PALETTE[1] if size == n else "0.45" for size in chosen["n_sites"]]
    axes[0].scatter(places, chosen["disruption"], s=area, c=colours, lw=0)
    axes[0].set_ylabel("disruption\nmean (Δ²)")
    axes[0].set_ylim(bottom=0)
    axes[1].scatter(places, chosen["contact_after"], s=area, c=colours, lw=0)
    levels = (
        (chosen["contact_before"].iloc[0], "no deletion", "-"),
        (deletion["contact_after"], "whole deletion", "--"),
    )
    for value, label, line in levels:
        axes[1].axhline(value, color="0.5", lw=0.8, ls=line, zorder=0)
        axes[1].annotate(label, (1.01, value), xycoords=("axes fraction", "data"), va="center", fontsize=7)
    axes[1].set_ylabel(f"contact across\n{MAP_LABEL}")
    for ax in axes[:2]:
        ax.margins(y=0.15)
        ax.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylim(bottom=0)
    if single:
        _combinations(axes[2], chosen["subset"], sites, colours)
    else:
        axes[1].set_xticks(range(1, n + 1))
        axes[1].set_xlabel("sites deleted")
        for place, row in zip(places, chosen.itertuples(), strict=True):
            if row.n_sites in (1, n):
                name = row.subset if row.n_sites == 1 else "all"
                axes[0].annotate(
                    name, (place, row.disruption), (0, 4), textcoords="offset points", ha="center", fontsize=6
                )
    return figure


def _spread(sizes):
    """x position of each subset: its number of sites, spread to either side."""
    places = np.empty(len(sizes))
    for size, rows in sizes.groupby(sizes).groups.items():
        places[rows] = size + (np.linspace(-0.35, 0.35, len(rows)) if len(rows) > 1 else 0)
    return places


def _combinations(ax, subsets, sites, colours):
    """Draw a column of dots for each subset, filled for deleted sites."""
    for column, (subset, colour) in enumerate(zip(subsets, colours, strict=True)):
        gone = set(map(int, subset.split("+")))
        for site in sites["site"]:
            ax.plot(column, site, "o", ms=5, mew=0.6, mec="0.6", mfc=colour if site in gone else "white")
        ax.plot([column] * 2, [min(gone), max(gone)], color=colour, lw=1.2, zorder=0)
    unit, name = genomic_unit(sites["end"].max() - sites["start"].min())
    labels = [f"{row.site}: {row.start / unit:.2f} {name} ({row.strand})" for row in sites.itertuples()]
    ax.set_yticks(sites["site"], labels)
    ax.set_ylim(len(sites) + 0.5, 0.5)
    ax.set_xticks([])
    ax.set_xlabel("sites deleted (filled)")
    ax.spines[["top", "right", "bottom", "left"]].set_visible(False)
    ax.tick_params(left=False)
