"""Figure of the strength of patterns."""

import matplotlib.pyplot as plt

from akitaflow.plotting.style import MILLIMETRE, PALETTE

LABELS = {"measured": "measured strength, mean(target²)", "predicted": "predicted strength, mean(prediction²)"}


def draw(table, correlations, tracks, title):
    """Predicted against measured strength, and both against each track.

    Parameters
    ----------
    table : DataFrame
        Of :func:`akitaflow.analyses.pattern_strength.window_strength`.
    correlations : DataFrame
        Of :func:`akitaflow.analyses.pattern_strength.correlations`.
    tracks : list of str
    title : str

    Returns
    -------
    matplotlib Figure
    """
    panels = [("measured", ["predicted"]), *[(track, ["measured", "predicted"]) for track in tracks]]
    figure, axes = plt.subplots(
        1, len(panels), figsize=(60 * len(panels) * MILLIMETRE, 66 * MILLIMETRE), layout="constrained", squeeze=False
    )
    figure.suptitle(title, fontsize=8)
    by_pair = correlations.set_index(["x", "y"])
    for ax, (x, ys) in zip(axes[0], panels, strict=True):
        for y, colour, marker in zip(ys, PALETTE, "o^", strict=False):
            row = by_pair.loc[(x, y)]
            text = f"ρ = {row.spearman:.2f} [{row.low:.2f}, {row.high:.2f}], n = {row.n_windows:.0f}"
            label = text if len(ys) == 1 else f"{y}: {text}"
            ax.scatter(table[x], table[y], s=10, color=colour, marker=marker, lw=0, alpha=0.8, label=label)
        _labels(ax, x, ys)
    _same_scale(axes[0][0])
    return figure


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
