"""Style of figures, and functions that draw a contact map and save a figure."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns

from akitaflow.files import whole, write_table

MAP_COLOURS = "RdBu_r"  # diverging, safe for colour-blind readers, centred on 0
MAP_LABEL = "log(observed / expected)"
PALETTE = sns.color_palette("colorblind")
MILLIMETRE = 1 / 25.4
MARKERS = "o^sDvP*Xph"  # datasets differ by colour, marker and dashes, so that colours are not needed
DASHES = ("-", (0, (4, 1.5)), (0, (1, 1)), (0, (4, 1, 1, 1)), (0, (8, 2)))


def apply():
    """Set the defaults of seaborn and matplotlib: sans-serif 8 pt, thin axes, editable text in PDF."""
    sns.set_theme(context="paper", style="ticks", palette="colorblind", font_scale=0.9)
    plt.rcParams.update(
        {
            "figure.dpi": 150,
            "savefig.dpi": 200,
            "savefig.bbox": "tight",
            "pdf.fonttype": 42,
            "svg.fonttype": "none",
            "axes.titlesize": 8,
            "axes.labelsize": 8,
            "xtick.labelsize": 7,
            "ytick.labelsize": 7,
            "legend.fontsize": 7,
            "legend.frameon": False,
        }
    )


def map_limit(*maps, quantile=0.995):
    """Common symmetric colour limit of several maps, in log units; at least 0.1."""
    values = np.concatenate([np.abs(m[np.isfinite(m)]).ravel() for m in maps])
    return max(float(np.quantile(values, quantile)), 0.1) if len(values) else 1.0


def dataset_styles(datasets):
    """Colour, marker and dashes of each dataset, by name.

    Parameters
    ----------
    datasets : iterable of str
        In the order in which they are drawn.

    Returns
    -------
    dict of str to dict
        color, marker, linestyle.
    """
    return {
        name: {
            "color": PALETTE[k % len(PALETTE)],
            "marker": MARKERS[k % len(MARKERS)],
            "linestyle": DASHES[k % len(DASHES)],
        }
        for k, name in enumerate(datasets)
    }


def spearman_text(estimate, n, items=""):
    """Spearman's correlation with its 95 % interval and the number of points, for the title of a scatter plot.

    Parameters
    ----------
    estimate : (float, float, float)
        Correlation and limits of its interval, NaN if there is none.
    n : int
    items : str
        Name of the points, in the plural, after a space.
    """
    value, low, high = estimate
    return f"ρ = {value:.2f}{interval_text(low, high)}, n = {n}{items}"


def interval_text(low, high):
    """Limits of an interval in brackets after a blank, or that contigs are too few if they are NaN."""
    return f" [{low:.2f}, {high:.2f}]" if np.isfinite(low) else " (too few contigs)"


def map_colourbar(area, axes, label=MAP_LABEL, **options):
    """Colour bar of the maps of some axes, with an arrow at each end of the scale beyond which there are values.

    Parameters
    ----------
    area : matplotlib Figure or SubFigure
    axes : Axes or array of Axes
        All axes with maps (:func:`draw_map`) on this scale, beside which the bar is placed.
    label : str
        What the values are.
    **options
        Of :meth:`matplotlib.figure.Figure.colorbar`.

    Returns
    -------
    matplotlib Colorbar
    """
    images = [image for ax in np.ravel(axes) for image in ax.get_images()]
    low, high = images[0].get_clim()
    below = any(image.get_array().min() < low for image in images)
    above = any(image.get_array().max() > high for image in images)
    extend = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}
    return area.colorbar(images[0], ax=axes, label=label, extend=extend[below, above], **options)


def draw_map(ax, values, start, bin_size, limit, title=None):
    """Draw one square contact map, centred on 0; missing bins are grey.

    Parameters
    ----------
    ax : matplotlib Axes
    values : ndarray, shape (bins, bins)
        Symmetric map of log(observed/expected).
    start : int
        Start of the first bin, bp.
    bin_size : int
        bp.
    limit : float
        Colour scale from -limit to +limit.

    Returns
    -------
    AxesImage
        For a colour bar.
    """
    unit, name = genomic_unit(len(values) * bin_size)
    low, high = start / unit, (start + len(values) * bin_size) / unit
    colours = plt.get_cmap(MAP_COLOURS).with_extremes(bad="0.75")
    image = ax.imshow(
        np.ma.masked_invalid(values),
        cmap=colours,
        vmin=-limit,
        vmax=limit,
        extent=(low, high, high, low),
        interpolation="none",
        rasterized=True,
    )
    ax.xaxis.set_major_locator(plt.MaxNLocator(3))
    ax.yaxis.set_major_locator(plt.MaxNLocator(3))
    ax.set_xlabel(f"position ({name})")
    if title:
        ax.set_title(title)
    return image


def genomic_unit(span):
    """(bp per unit, name of the unit) for a span in bp."""
    return (1e6, "Mb") if span >= 5e5 else (1e3, "kb")


def save(figure, paths, table):
    """Write a figure and its source data. Each file appears only when complete.

    Parameters
    ----------
    figure : matplotlib Figure
    paths : iterable of str
        One ``.tsv`` for the source data; all others are image files, with the format of their suffix.
    table : pandas.DataFrame
        Source data.
    """
    for path in map(str, paths):
        if path.endswith(".tsv"):
            write_table(table, path)
        else:
            # no creation date: the same data give the same file
            metadata = {"CreationDate": None} if path.endswith(".pdf") else None
            with whole(path) as temporary:
                figure.savefig(temporary, metadata=metadata)
    plt.close(figure)
