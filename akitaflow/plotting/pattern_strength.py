"""Figure of the strength of patterns."""

import matplotlib.pyplot as plt

from akitaflow.plotting.style import MILLIMETRE, PALETTE, spearman_text

LABELS = {"measured": "measured strength, mean(target²)", "predicted": "predicted strength, mean(prediction²)"}


def draw(datasets, title):
    """Predicted against measured strength, and both against each track, a row of panels for each dataset.

    Parameters
    ----------
    datasets : list of (str, DataFrame, DataFrame, list of str)
        Name of a dataset, its windows (:func:`akitaflow.analyses.pattern_strength.window_strength`), their
        correlations (:func:`akitaflow.analyses.pattern_strength.correlations`) and the names of its tracks.
    title : str

    Returns
    -------
    matplotlib Figure
    """
    columns = 1 + max(len(tracks) for *_, tracks in datasets)
    size = (60 * columns * MILLIMETRE, (6 + 60 * len(datasets)) * MILLIMETRE)
    figure, axes = plt.subplots(len(datasets), columns, figsize=size, layout="constrained", squeeze=False)
    figure.suptitle(title, fontsize=8)
    for row, (dataset, table, correlations, tracks) in zip(axes, datasets, strict=True):
        _draw_row(row, table, correlations, tracks)
        row[0].set_ylabel(f"dataset {dataset}\n{row[0].get_ylabel()}")
        for ax in row[1 + len(tracks) :]:
            ax.set_axis_off()
    return figure


def _draw_row(axes, table, correlations, tracks):
    panels = [("measured", ["predicted"]), *[(track, ["measured", "predicted"]) for track in tracks]]
    by_pair = correlations.set_index(["x", "y"])
    for ax, (x, ys) in zip(axes, panels, strict=False):
        for y, colour, marker in zip(ys, PALETTE, "o^", strict=False):
            row = by_pair.loc[(x, y)]
            text = spearman_text((row.spearman, row.low, row.high), int(row.n_windows))
            label = text if len(ys) == 1 else f"{y}: {text}"
            ax.scatter(table[x], table[y], s=10, color=colour, marker=marker, lw=0, alpha=0.8, label=label)
        _labels(ax, x, ys)
    _same_scale(axes[0])


def _labels(ax, x, ys):
    ax.set_xlabel(LABELS.get(x, f"mean {x} signal of the window"))
    ax.set_ylabel(LABELS[ys[0]] if len(ys) == 1 else "strength, mean(map²)")
    ax.set_ylim(bottom=0)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), handletextpad=0.1, borderaxespad=0.2)


def _same_scale(ax):
    """Set both axes to the same range from 0 and draw the line of equality."""
    end = max(ax.get_xlim()[1], ax.get_ylim()[1])
    ax.set_xlim(0, end)
    ax.set_ylim(0, end)
    ax.plot([0, end], [0, end], color="0.8", lw=0.8, zorder=0)
