"""Figure of a hyperparameter search: best loss by trial, and loss against each parameter."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from akitaflow.plotting.style import MILLIMETRE, PALETTE

KNOWN = {"number", "state", "value", "epochs", "seconds", "worker"}  # columns of the table that are not parameters
NAMES = {"learning_rate": "learning rate", "clip_norm": "clip norm"}
COLUMNS = 4
LOSS = "validation loss"


def parameters(trials):
    """The columns of a table of trials that are parameters."""
    return [name for name in trials.columns if name not in KNOWN]


def tidy(trials, importance):
    """Source data of the figure in long form.

    Parameters
    ----------
    trials : pandas.DataFrame
        number, state, value, the parameters, epochs, seconds, worker.
    importance : pandas.DataFrame
        parameter, importance (missing if not computed).

    Returns
    -------
    pandas.DataFrame
        panel (``history``, ``best``, ``importance`` or a parameter), number, state, x, value.
    """
    parts = [trials[["number", "state"]].assign(panel="history", x=trials["number"], value=trials["value"])]
    complete = trials[trials["state"] == "complete"]
    parts.append(
        complete[["number", "state"]].assign(panel="best", x=complete["number"], value=complete["value"].cummin())
    )
    parts += [
        trials[["number", "state"]].assign(panel=name, x=trials[name], value=trials["value"])
        for name in parameters(trials)
    ]
    known = importance.dropna()
    parts.append(pd.DataFrame({"panel": "importance", "x": known["parameter"], "value": known["importance"]}))
    columns = ["panel", "number", "state", "x", "value"]
    return pd.concat([part.reindex(columns=columns).astype(object) for part in parts], ignore_index=True)


def draw(trials, importance, space, title):
    """Draw the figure.

    Parameters
    ----------
    trials, importance : pandas.DataFrame
        As for :func:`tidy`.
    space : dict
        ``search.space`` of the config, for the scales of the parameters.
    title : str

    Returns
    -------
    matplotlib Figure
    """
    names = parameters(trials)
    known = importance.dropna()
    cells = 2 + (not known.empty) + len(names)
    rows = -(-cells // COLUMNS)
    figure = plt.figure(figsize=(180 * MILLIMETRE, (14 + 46 * rows) * MILLIMETRE), layout="constrained")
    grid = figure.add_gridspec(rows, COLUMNS)
    places = iter(range(2, rows * COLUMNS))
    first = figure.add_subplot(grid[0, :2])
    _history(first, trials)
    if not known.empty:
        _importance(figure.add_subplot(grid[divmod(next(places), COLUMNS)]), known)
    for name in names:
        place = divmod(next(places), COLUMNS)
        ax = figure.add_subplot(grid[place], sharey=first)
        _points(ax, trials, name)
        if (space.get(name) or {}).get("log"):
            ax.set_xscale("log")
        ax.margins(x=0.08)
        ax.set_xlabel(NAMES.get(name, name))
        if place[1] == 0:
            ax.set_ylabel(LOSS)
        else:
            ax.tick_params(labelleft=False)
    _limit(first, trials)
    figure.legend(*first.get_legend_handles_labels(), loc="outside lower center", ncols=5)
    counts = ", ".join(f"{count} {state}" for state, count in trials["state"].value_counts().items())
    figure.suptitle(f"{title}: {counts}", fontsize=8, x=0.01, ha="left")
    for ax in figure.axes:
        ax.spines[["top", "right"]].set_visible(False)
    return figure


def _history(ax, trials):
    complete = trials[trials["state"] == "complete"]
    numbers, lowest = (
        [*complete["number"], trials["number"].max()],
        [*complete["value"].cummin(), complete["value"].min()],
    )
    ax.step(numbers, lowest, where="post", color="0.1", linewidth=1, label="lowest so far", zorder=1)
    _points(ax, trials, "number")
    ax.set_xlabel("trial")
    ax.set_ylabel(LOSS)
    ax.xaxis.set_major_locator(plt.MaxNLocator(integer=True))


def _points(ax, trials, x):
    """Draw trials by state; those without a value, which diverged in the first epoch, at the upper edge."""
    styles = {
        "complete": {"color": PALETTE[0], "marker": "o", "s": 12, "linewidths": 0, "alpha": 0.85},
        "pruned": {"facecolors": "none", "edgecolors": "0.45", "marker": "o", "s": 12, "linewidths": 0.7},
        "diverged": {"color": PALETTE[3], "marker": "x", "s": 12, "linewidths": 0.8},
    }
    for state, look in styles.items():
        rows = trials[trials["state"] == state]
        if rows.empty:
            continue
        lost = rows["value"].isna()
        ax.scatter(rows[x][~lost], rows["value"][~lost], label=state, zorder=2, **look)
        ax.scatter(rows[x][lost], np.full(lost.sum(), 0.98), transform=ax.get_xaxis_transform(), zorder=2, **look)
    complete = trials[trials["state"] == "complete"]
    best = complete.loc[complete["value"].idxmin()]
    ax.update_datalim(
        np.column_stack([trials[x], np.full(len(trials), best["value"])])
    )  # includes trials without a value
    ax.autoscale_view()
    ax.scatter([best[x]], [best["value"]], color=PALETTE[1], marker="*", s=45, linewidths=0, label="best", zorder=3)


def _importance(ax, known):
    known = known.sort_values("importance")
    ax.barh([NAMES.get(name, name) for name in known["parameter"]], known["importance"], color="0.6", height=0.6)
    ax.set_xlabel("importance")
    ax.set_xlim(left=0)


def _limit(ax, trials):
    """Limit the loss axis, so that a few very large losses do not compress the others."""
    values = trials["value"].dropna().to_numpy()
    low, middle, high = values.min(), np.median(values), values.max()
    limit = middle + 4 * (middle - low)
    if high > limit > middle:
        off = int((values > limit).sum())
        span = limit - low
        ax.set_ylim(low - 0.06 * span, limit + 0.06 * span)
        ax.text(0.99, 0.99, f"{off} off the scale", transform=ax.transAxes, ha="right", va="top", fontsize=6)
