"""Figures of predictions on another genome."""

import h5py
import matplotlib.pyplot as plt
import numpy as np

from akitaflow.plotting.style import MILLIMETRE, PALETTE, draw_map, map_colourbar, map_limit, spearman_text

COLUMNS = {"reference": "spearman", "elements": "spearman_elements", "control": "spearman_control"}


def draw_gain(table, summary, family, title):
    """Spearman correlation of each window before and after randomisation, and distributions for all three conditions.

    Parameters
    ----------
    table, summary : DataFrame
        Of :func:`akitaflow.analyses.cross_species.score` and :func:`akitaflow.analyses.cross_species.summarise`.
    family : str
        Name of the elements.
    title : str

    Returns
    -------
    matplotlib Figure
    """
    names = {"reference": "reference", "elements": f"{family}\nrandomised", "control": "control"}
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(170 * MILLIMETRE, 82 * MILLIMETRE), width_ratios=(1.1, 1), layout="constrained"
    )
    figure.suptitle(title, fontsize=8)
    for kind, marker, k in (("control", "^", 1), ("elements", "o", 0)):
        label = f"{family} randomised" if kind == "elements" else "control: random places, same lengths"
        left.scatter(
            table["spearman"], table[COLUMNS[kind]], s=11, marker=marker, color=PALETTE[k], lw=0, alpha=0.7, label=label
        )
    ends = [np.nanmin(table[list(COLUMNS.values())]) - 0.03, 1]
    left.plot(ends, ends, color="0.8", lw=0.8, zorder=0)
    left.set_xlim(*ends)
    left.set_ylim(*ends)
    left.set_xlabel("Spearman ρ of the unchanged window")
    left.set_ylabel("Spearman ρ after randomisation")
    left.legend(loc="lower center", bbox_to_anchor=(0.5, 1), handletextpad=0.1)
    _distributions(right, table, summary, names)
    for ax in (left, right):
        ax.spines[["top", "right"]].set_visible(False)
    return figure


def _distributions(ax, table, summary, names):
    rows = summary.set_index("quantity")
    labels = []
    for k, (kind, colour) in enumerate(zip(COLUMNS, ("0.5", PALETTE[0], PALETTE[1]), strict=True)):
        parts = ax.violinplot(table[COLUMNS[kind]].dropna(), positions=[k], widths=0.8, showextrema=False)
        for body in parts["bodies"]:
            body.set(facecolor=colour, alpha=0.5)
        row = rows.loc[kind]
        error = [[row["median"] - row["median_low"]], [row["median_high"] - row["median"]]]
        ax.errorbar(k, row["median"], error, fmt="o", ms=4, color="0.1")
        labels.append(f"{names[kind]}\nmedian {row['median']:.3f}\nmean {row['mean']:.3f}")
    ax.set_xticks(range(len(COLUMNS)), labels)
    ax.set_ylabel("Spearman ρ of the window")


def read_examples(path, geometry):
    """Read example maps as square matrices.

    Parameters
    ----------
    path : str
        File of :func:`akitaflow.analyses.cross_species.write_maps`.
    geometry : akitaflow.geometry.Geometry

    Returns
    -------
    list of dict
        chrom, start (bp, of the map), n_elements, maps: {name: ndarray (bins, bins)}.
    """
    examples = []
    with h5py.File(path) as file:
        for row, chrom in enumerate(file["chrom"].asstr()[:]):
            maps = {name: geometry.to_map(file[name][row]) for name in ("target", "reference", "elements", "control")}
            place = {"chrom": chrom, "start": int(file["start"][row]) + geometry.crop}
            examples.append({**place, "n_elements": int(file["n_elements"][row]), "maps": maps})
    return examples


def draw_windows(table, summary, examples, family, bin_size, title):
    """Example maps, distributions of accuracy, and accuracy against the density of elements.

    Parameters
    ----------
    table, summary : DataFrame
        Of :func:`akitaflow.analyses.cross_species.score` and :func:`akitaflow.analyses.cross_species.summarise`.
    examples : list of dict
        Of :func:`read_examples`.
    family : str
    bin_size : int
    title : str

    Returns
    -------
    matplotlib Figure
    """
    lines = max(len(examples), 1)
    figure = plt.figure(figsize=(180 * MILLIMETRE, (70 + 44 * lines) * MILLIMETRE), layout="constrained")
    figure.suptitle(title, fontsize=8)
    upper, lower = figure.subfigures(2, 1, height_ratios=(44 * lines, 66))
    if examples:
        _examples(upper, examples, family, bin_size)
    left, right = lower.subplots(1, 2)
    _histograms(left, table, family)
    _against_density(right, table, summary, family)
    return figure


def _examples(area, examples, family, bin_size):
    titles = {"target": "measured", "reference": "predicted", "elements": f"{family} randomised", "control": "control"}
    axes = area.subplots(len(examples), 4, squeeze=False, sharey="row")
    limit = map_limit(*(values for example in examples for values in example["maps"].values()))
    for line, (row, example) in enumerate(zip(axes, examples, strict=True)):
        for ax, (name, text) in zip(row, titles.items(), strict=True):
            draw_map(ax, example["maps"][name], example["start"], bin_size, limit)
            if line == 0:
                ax.set_title(text)
            if line < len(examples) - 1:
                ax.set_xlabel("")
        row[0].set_ylabel(f"{example['chrom']}, {example['n_elements']} {family}")
    map_colourbar(area, axes, shrink=0.6, aspect=25)


def _histograms(ax, table, family):
    edges = np.linspace(min(-0.2, np.nanmin(table["spearman"])), 1, 25)
    ax.hist(table["spearman"].dropna(), edges, color="0.6", alpha=0.7, lw=0, label="unchanged")
    ax.hist(
        table["spearman_elements"].dropna(), edges, histtype="step", color=PALETTE[0], lw=1.2,
        label=f"{family} randomised",
    )  # fmt: skip
    ax.set_xlabel("Spearman ρ of the window")
    ax.set_ylabel("windows")
    ax.legend(loc="upper left")
    ax.spines[["top", "right"]].set_visible(False)


def _against_density(ax, table, summary, family):
    row = summary.set_index("quantity").loc["reference"]
    ax.scatter(100 * table["element_share"], table["spearman"], s=9, color=PALETTE[0], lw=0)
    correlation = row[["share_spearman", "share_low", "share_high"]]
    ax.set_title(spearman_text(correlation, int(row["n_windows"]), " windows"))
    ax.set_xlabel(f"{family} share of the window (%)")
    ax.set_ylabel("Spearman ρ of the unchanged window")
    ax.spines[["top", "right"]].set_visible(False)
