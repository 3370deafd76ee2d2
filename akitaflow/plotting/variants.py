"""Figures of DNA variants: maps of those that change the prediction most, and a page to look through them."""

import base64
import html
import io

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from akitaflow.files import write_text
from akitaflow.plotting.style import MILLIMETRE, PALETTE, draw_map, genomic_unit, map_colourbar, map_limit
from akitaflow.plotting.tables import pixel_table
from akitaflow.variants.top import CTCF, GENES, KINDS, describe

MARK = "0.1"  # colour of the lines at a variant
LABELLED = 6  # genes of a window with names
TABLE_ROWS = 2000  # of a page
SCORES = ("disruption", "change_in_signal", "correlation", "change_in_insulation", "peak_change")


def draw_maps(maps, tracks, text=""):
    """Reference, alternative and difference map of each variant, a row for each.

    Reference and alternative maps share a scale, and so do differences. Dashed lines mark the ends of the variant.

    Parameters
    ----------
    maps : akitaflow.variants.top.TopMaps
    tracks : DataFrame
        Of :func:`akitaflow.variants.top.tracks`.
    text : str
        Title.

    Returns
    -------
    matplotlib Figure
    """
    n, kinds = len(maps), [kind for kind in (CTCF, GENES) if (tracks["track"] == kind).any()]
    if not n:
        figure, ax = plt.subplots(figsize=(90 * MILLIMETRE, 20 * MILLIMETRE), layout="constrained")
        ax.text(0.5, 0.5, "no variant has a map", ha="center", va="center")
        ax.set_axis_off()
        figure.suptitle(text, fontsize=8)
        return figure
    height = 62 + 9 * len(kinds)
    figure = plt.figure(figsize=(180 * MILLIMETRE, (12 + height * n) * MILLIMETRE), layout="constrained")
    figure.suptitle(text, fontsize=8)
    axes = figure.subplots(n, len(KINDS), squeeze=False)
    shared = map_limit(maps.reference, maps.alternative)
    limits = {"reference": shared, "alternative": shared, "difference": _limit(maps.difference)}
    for place, (row, of_row) in enumerate(zip(maps.table.itertuples(), axes, strict=True)):
        for ax, kind in zip(of_row, KINDS, strict=True):
            draw_map(ax, getattr(maps, kind)[place], maps.starts[place], maps.bin_size, limits[kind])
            _mark(ax, row, maps.ends[place] - maps.starts[place])
            ax.set_title(kind if ax is not of_row[0] else f"{row.rank}. {describe(row)}\n{kind}", loc="left")
            _draw_tracks(ax, tracks[tracks["rank"] == row.rank], kinds, (maps.starts[place], maps.ends[place]))
    options = {"location": "bottom", "fraction": 0.06 / n, "pad": 0.02 / n}
    map_colourbar(figure, axes[:, :2], shrink=0.45, aspect=25, **options)
    map_colourbar(figure, axes[:, 2:], "alternative - reference", shrink=0.9, aspect=25, **options)
    return figure


def _limit(differences):
    """Symmetric colour limit of differences: that of maps, or the largest difference where all are smaller."""
    largest = float(np.abs(differences[np.isfinite(differences)]).max(initial=0))
    return min(map_limit(differences), largest) or 1.0


def _mark(ax, row, span):
    unit, _ = genomic_unit(span)
    for edge in {int(row.start), int(row.end)} if row.end - row.start > span / 200 else {int(row.start)}:
        for line in (ax.axvline, ax.axhline):
            line(edge / unit, color=MARK, lw=0.6, ls=(0, (4, 3)))


def _draw_tracks(ax, tracks, kinds, limits):
    """Draw tracks below a map, on its axis of positions."""
    if not kinds:
        return
    unit, name = genomic_unit(limits[1] - limits[0])
    ax.set_xlabel("")
    ax.tick_params(labelbottom=False)
    for number, kind in enumerate(kinds):
        below = ax.inset_axes([0, -0.16 * (number + 1), 1, 0.13], sharex=ax)
        rows = tracks[tracks["track"] == kind]
        if kind == CTCF:
            below.fill_between(rows["start"] / unit, rows["value"].fillna(0), step="post", color=PALETTE[0], lw=0)
            below.set_ylim(bottom=0)
        else:
            _draw_genes(below, rows, unit, limits)
        below.set_yticks([])
        below.spines[["top", "right", "left"]].set_visible(False)
        below.set_ylabel(kind, rotation=0, ha="right", va="center", fontsize=6)
        last = number == len(kinds) - 1
        below.tick_params(labelbottom=last, bottom=last)
    below.set_xlabel(f"position ({name})")


def _draw_genes(ax, rows, unit, limits):
    for number, gene in enumerate(rows.itertuples()):
        level, marker = number % 2, {"+": ">", "-": "<"}.get(gene.strand, "|")
        start, end = (min(max(edge, limits[0]), limits[1]) / unit for edge in (gene.start, gene.end))
        ax.plot([start, end], [level, level], color=PALETTE[2], lw=2, solid_capstyle="butt")
        ax.plot(end if gene.strand == "+" else start, level, marker, ms=3, color=PALETTE[2])
        if len(rows) <= LABELLED and gene.name:
            ax.annotate(
                gene.name, ((start + end) / 2, level), (0, 2), textcoords="offset points", fontsize=5, ha="center"
            )
    ax.set_ylim(-0.6, 2.2)


def table(maps):
    """Source data of :func:`draw_maps`: rank, chrom, start_1, start_2 (bp), reference, alternative, difference."""
    parts = [
        pixel_table(
            {kind: getattr(maps, kind)[place] for kind in KINDS},
            maps.starts[place],
            maps.bin_size,
            rank=row.rank,
            chrom=row.genome_chrom,
        )
        for place, row in enumerate(maps.table.itertuples())
    ]
    empty = pd.DataFrame(columns=["rank", "chrom", "start_1", "start_2", *KINDS])
    return pd.concat(parts, ignore_index=True).dropna(subset=list(KINDS), how="all") if parts else empty


# Of the filter of the page's table, whose title is otherwise "Custom Search Builder".
LANGUAGE = {"searchBuilder": {"title": {"0": "Filter", "_": "Filter (%d)"}, "add": "Add condition"}}

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>
body {{font: 13px sans-serif; margin: 1em 2em}} img {{max-width: 100%}}
section {{border-top: 1px solid #ccc; margin-top: 1em; padding-top: 0.5em}}
section:target {{background: #fff8e0}} table.counts td, table.counts th {{padding: 2px 8px; text-align: left}}
</style></head><body>
<h1>{title}</h1>
<p>{about}</p>
<p>Disruption is the mean of (alternative - reference)<sup>2</sup> of the predicted maps, disruption_sd its standard
deviation over strands and shifts, and disruption_quantile, if given, the share of random variants of the same kind and
size whose disruption is not larger. A number in the column map leads to the maps of the variant. Pixels that are not
predicted are grey; dashed lines are the ends of the variant.</p>
{counts}
{library}
{table}
{sections}
</body></html>
"""


def write_page(path, scores, maps, tracks, counts, title, about):
    """Write a page of HTML with a table of scores to sort, search and filter, and the maps of the top variants.

    The page needs no other file and no network: the table is one of DataTables, of the package itables.

    Parameters
    ----------
    path : str or Path
    scores : DataFrame
        Scores of one dataset; the ``TABLE_ROWS`` rows with the largest disruption are in the table.
    maps : akitaflow.variants.top.TopMaps
    tracks : DataFrame
        Of :func:`akitaflow.variants.top.tracks`.
    counts : DataFrame
        Of :func:`akitaflow.variants.runs.status_table`.
    title, about : str
    """
    from itables import to_html_datatable
    from itables.javascript import generate_init_offline_itables_html
    from itables.options import dt_bundle

    listed = page_table(scores, maps)
    if len(listed) < len(scores):
        about += f" The table has the {len(listed):,} of {len(scores):,} alleles with the largest disruption."
    layout = {"top1": "searchBuilder", "topStart": "pageLength", "topEnd": "search"}
    page = PAGE.format(
        title=html.escape(title),
        about=html.escape(about),
        counts=counts.to_html(index=False, border=0, classes="counts"),
        library=generate_init_offline_itables_html(dt_bundle),
        table=to_html_datatable(
            listed, connected=False, allow_html=True, showIndex=False, layout=layout, classes="display compact",
            maxBytes=0, order=[], language=LANGUAGE,
        ),
        sections="\n".join(_section(maps, tracks, place) for place in range(len(maps))),
    )  # fmt: skip
    write_text(path, page)


def page_table(scores, maps):
    """The rows and columns of a page's table: the scores with the largest disruption first, with links to their maps.

    Parameters
    ----------
    scores : DataFrame
        Of one dataset.
    maps : akitaflow.variants.top.TopMaps

    Returns
    -------
    DataFrame
        Text is escaped for HTML.
    """
    keys = ["record", "allele", *(["haplotype"] if "haplotype" in scores else [])]
    ranks = dict(zip(maps.table[keys].itertuples(index=False, name=None), maps.table["rank"], strict=True))
    chosen = scores.sort_values("disruption", ascending=False, kind="stable", na_position="last").head(TABLE_ROWS)
    rank = [ranks.get(key) for key in chosen[keys].itertuples(index=False, name=None)]
    links = [f'<a href="#variant-{each}">{each}</a>' if each else "" for each in rank]
    columns = ["chrom", "pos", "id", "ref", "alt", *keys[2:], "kind", "size", "status"]
    for name in SCORES:
        columns += [each for each in (name, f"{name}_sd", f"{name}_quantile") if each in chosen]
    listed = chosen[columns].astype({"size": "Int64"})
    for name in ("chrom", "id", "ref", "alt"):
        listed[name] = [
            html.escape(text if len(text) <= 24 else f"{text[:21]}...") for text in listed[name].astype(str)
        ]
    for name in listed.select_dtypes("float"):
        listed[name] = [float(f"{value:.4g}") for value in listed[name]]
    listed.insert(0, "map", links)
    return listed.reset_index(drop=True)


def _section(maps, tracks, place):
    """The maps of one variant, as an image in the page."""
    row = maps.table.iloc[[place]]
    pair = (maps.reference[[place]], maps.alternative[[place]])
    figure = draw_maps(type(maps)(row, *pair, maps.bin_size, maps.crop), tracks)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=110)
    plt.close(figure)
    data = base64.b64encode(picture.getvalue()).decode()
    rank, text = row["rank"].iloc[0], html.escape(describe(next(row.itertuples())))
    return f'<section id="variant-{rank}"><img alt="{rank}. {text}" src="data:image/png;base64,{data}"></section>'
