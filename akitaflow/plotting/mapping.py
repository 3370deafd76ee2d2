"""Figure of mapping: read pairs by class, contacts by distance, and their decay with distance."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.ticker import PercentFormatter

from akitaflow.plotting import style

BLUE, ORANGE, GREEN, RED, PURPLE, BROWN, PINK, GREY, YELLOW, SKY = style.PALETTE
FATES = {"unique": BLUE, "duplicate": ORANGE, "one side mapped": SKY, "unmapped": "0.8"}
CLASSES = {
    "cis < 1 kb": "#c6dbef",
    "cis < 10 kb": "#bfd8bd",  # for maps whose bins do not resolve 1 kb
    "cis 1–10 kb": "#9ecae1",
    "cis < 20 kb": "#99c2a2",
    "cis 10–20 kb": "#6baed6",
    "cis ≥ 20 kb": "#2171b5",
    "cis": "#2171b5",
    "trans": ORANGE,
}
ROW = 0.17  # inches per bar
RARE = 0.01  # distances with fewer pairs of bins, relative to the most frequent distance, are too noisy to draw


def fates(libraries):
    """Fractions of read pairs by class, for each library whose reads the workflow mapped.

    Parameters
    ----------
    libraries : DataFrame
        Table of libraries.

    Returns
    -------
    DataFrame
        name, category, share; long form.
    """
    mapped = libraries.dropna(subset=["read_pairs"])
    table = pd.DataFrame(
        {
            "name": _names(mapped),
            "unique": mapped["unique_pairs"],
            "duplicate": mapped["duplicates"],
            "one side mapped": mapped["one_sided"],
            "unmapped": mapped["unmapped"],
        }
    )
    table[list(FATES)] = table[list(FATES)].div(mapped["read_pairs"], axis=0)
    return table.melt("name", var_name="category", value_name="share")


def classes(datasets, libraries):
    """Fractions of contacts within chromosomes by distance, and between chromosomes.

    They are fractions of unique pairs for libraries whose reads the workflow mapped, and of the contacts of the map for
    other datasets, whose bins may not resolve short distances.

    Parameters
    ----------
    datasets, libraries : DataFrame
        Table 1, and the table of libraries.

    Returns
    -------
    DataFrame
        name, category, share; long form.
    """
    mapped = libraries.dropna(subset=["read_pairs"])
    shares = mapped[["cis", "cis_1kb", "cis_10kb", "cis_20kb"]].div(mapped["unique_pairs"].clip(lower=1), axis=0)
    shares = shares.assign(name=_names(mapped))
    given_maps = datasets[datasets["entry"] != "fastq"]
    columns = {f"{name}_share": name for name in ("cis", "cis_1kb", "cis_10kb", "cis_20kb")}
    of_maps = given_maps[list(columns)].rename(columns=columns).assign(name=given_maps["dataset"] + " (map)")
    rows = []
    for row in pd.concat([shares, of_maps]).itertuples():
        rows += [{"name": row.name, "category": category, "share": share} for category, share in _split(row)]
    return pd.DataFrame(rows, columns=["name", "category", "share"])


def _split(row):
    """List of (class, fraction) for the classes that a row resolves."""
    if pd.isna(row.cis):
        return []
    if pd.isna(row.cis_20kb):
        return [("cis", row.cis), ("trans", 1 - row.cis)]
    far = [("cis ≥ 20 kb", row.cis_20kb), ("trans", 1 - row.cis)]
    if pd.isna(row.cis_10kb):
        return [("cis < 20 kb", row.cis - row.cis_20kb), *far]
    far = [("cis 10–20 kb", row.cis_10kb - row.cis_20kb), *far]
    if pd.isna(row.cis_1kb):
        return [("cis < 10 kb", row.cis - row.cis_10kb), *far]
    return [("cis < 1 kb", row.cis - row.cis_1kb), ("cis 1–10 kb", row.cis_1kb - row.cis_10kb), *far]


def _names(libraries):
    """Names of bars: the library, with the dataset if the library alone is ambiguous or very short."""
    library = libraries["library"].astype(str)
    prefix = library.duplicated(keep=False) | (library.str.len() <= 3)
    return library.where(~prefix, libraries["dataset"].astype(str) + " " + library)


def draw(datasets, libraries, decay):
    """Draw the figure.

    Parameters
    ----------
    datasets, libraries, decay : DataFrame
        Table 1, and the tables of libraries and of distance decay.

    Returns
    -------
    Figure
    DataFrame
        panel, name, category (of the bars; of the decay the distance in bp), value.
    """
    fate, contact = fates(libraries), classes(datasets, libraries)
    possible = decay["possible"] / decay.groupby("dataset")["possible"].transform("max")
    decay = decay[(decay["contacts"] > 0) & (possible >= RARE)]
    bars = [fate["name"].nunique(), contact["name"].nunique()]
    height = max(ROW * sum(bars) + 1.7 * sum(count > 0 for count in bars), 2.6)
    figure = plt.figure(figsize=(7.2, height), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[1.15, 1])
    panels = [part for part in ((fate, FATES, "read pairs"), (contact, CLASSES, "contacts")) if len(part[0])]
    if panels:
        ratios = [part[0]["name"].nunique() + 4 for part in panels]
        axes = left.subplots(len(panels), 1, squeeze=False, height_ratios=ratios)[:, 0]
        for ax, (table, colours, label) in zip(axes, panels, strict=True):
            _stack(ax, table, colours, label)
    _decay(right.subplots(), decay)
    for letter, ax in zip("abc", figure.axes, strict=False):
        ax.annotate(letter, (0, 1), (-12, 6), "axes fraction", "offset points", ha="right", weight="bold", size=9)
    return figure, _source(fate, contact, decay)


def _stack(ax, table, colours, label):
    """Stacked horizontal bars, one per name, in the order of the table."""
    wide = table.pivot(index="name", columns="category", values="share").reindex(table["name"].unique())
    order = [category for category in colours if category in wide]
    wide[order].plot.barh(stacked=True, ax=ax, color=[colours[name] for name in order], width=0.8, linewidth=0)
    ax.invert_yaxis()
    ax.set(xlim=(0, 1), xlabel=f"share of {label}", ylabel="")
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.legend(
        ncols=2 if len(order) < 5 else 3,
        loc="lower left",
        bbox_to_anchor=(-0.03, 1.0),
        columnspacing=1,
        handlelength=1,
        borderpad=0.1,
    )


def _decay(ax, decay):
    styles = style.dataset_styles(decay["dataset"].unique())
    for name, looks in styles.items():
        rows = decay[decay["dataset"] == name]
        ax.plot(rows["distance"], rows["probability"], **looks, ms=3, markevery=4, label=name, linewidth=1.2)
    ax.set(xscale="log", yscale="log", xlabel="genomic distance (bp)")
    ax.set_ylabel("contacts per pair of bins\n(share of contacts within chromosomes)")
    ax.spines[["top", "right"]].set_visible(False)
    if styles:
        ax.legend(loc="upper right")


def _source(fate, contact, decay):
    """Source data of all panels."""
    fate = fate.rename(columns={"share": "value"}).assign(panel="fate of read pairs")
    contact = contact.rename(columns={"share": "value"}).assign(panel="contacts by distance")
    curve = decay[["dataset", "distance", "probability"]].set_axis(["name", "category", "value"], axis=1)
    curve = curve.assign(panel="distance decay", category=curve["category"].round().astype("Int64").astype(str))
    return pd.concat([fate, contact, curve])[["panel", "name", "category", "value"]]
