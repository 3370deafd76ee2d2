"""Figure of a training: losses, validation correlation and learning rate by epoch."""

import matplotlib.pyplot as plt
import pandas as pd

from akitaflow.plotting.style import MILLIMETRE, dataset_styles

PER_DATASET = "valid_pearson_"
ALL = "all datasets"


def tidy(history):
    """The history of a training in long form.

    Parameters
    ----------
    history : pandas.DataFrame
        One row per epoch: epoch, loss, valid_loss, valid_pearson, valid_pearson_{dataset}, learning_rate, best.

    Returns
    -------
    pandas.DataFrame
        epoch, best, quantity (training loss, validation loss, validation Pearson, learning rate), dataset, value.
    """
    named = {
        "loss": ("training loss", ALL),
        "valid_loss": ("validation loss", ALL),
        **{
            column: ("validation Pearson", column.removeprefix(PER_DATASET))
            for column in history.columns
            if column.startswith(PER_DATASET)
        },
        "valid_pearson": ("validation Pearson", ALL),
        "learning_rate": ("learning rate", ALL),
    }
    parts = [
        pd.DataFrame(
            {
                "epoch": history["epoch"],
                "best": history["best"],
                "quantity": quantity,
                "dataset": dataset,
                "value": history[column],
            }
        )
        for column, (quantity, dataset) in named.items()
    ]
    return pd.concat(parts, ignore_index=True)


def draw(history, title):
    """Draw the figure.

    Parameters
    ----------
    history : pandas.DataFrame
        As for :func:`tidy`.
    title : str
        Title; the best epoch is appended.

    Returns
    -------
    matplotlib Figure
    """
    table = tidy(history)
    best = int(history.loc[history["best"], "epoch"].iloc[0])
    figure, (left, middle, right) = plt.subplots(
        1, 3, figsize=(180 * MILLIMETRE, 62 * MILLIMETRE), layout="constrained"
    )
    for quantity, colour, line in (("training loss", "0.6", "--"), ("validation loss", "0.1", "-")):
        _curve(left, table[table["quantity"] == quantity], quantity.split()[0], color=colour, linestyle=line)
    left.set_ylabel("mean squared error")
    _limit_to_later_epochs(left, history)

    pearson = table[table["quantity"] == "validation Pearson"]
    datasets = [name for name in pearson["dataset"].unique() if name != ALL]
    for name, style in dataset_styles(datasets).items():
        _curve(middle, pearson[pearson["dataset"] == name], name, **style)
    if len(datasets) > 1:
        _curve(middle, pearson[pearson["dataset"] == ALL], ALL, color="0.1")
    middle.set_ylabel("validation Pearson r")
    middle.axhline(0, color="0.8", linewidth=0.6, zorder=0)

    _curve(right, table[table["quantity"] == "learning rate"], None, color="0.3")
    right.set_ylabel("learning rate")
    right.set_ylim(bottom=0)
    right.ticklabel_format(axis="y", style="sci", scilimits=(-2, 2))
    for ax in (left, middle, right):
        ax.axvline(best, color="0.4", linewidth=0.8, linestyle="--", zorder=0)
        ax.xaxis.set_major_locator(plt.MaxNLocator(6, integer=True))
        ax.set_xlabel("epoch")
        ax.spines[["top", "right"]].set_visible(False)
    figure.suptitle(f"{title}; best epoch {best}", fontsize=8)
    for ax in (left, middle):  # above the panel, where no curve crosses it
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.2, columnspacing=1)
    return figure


def _curve(ax, rows, label, **style):
    ax.plot(rows["epoch"], rows["value"], label=label, **{"marker": "o", "linewidth": 1.2, "markersize": 2.2, **style})


def _limit_to_later_epochs(ax, history):
    """Limit the loss axis, so that a very large loss of the first epoch does not compress the others."""
    later = history.loc[history["epoch"] > 1, ["loss", "valid_loss"]].to_numpy()
    if later.size and history[["loss", "valid_loss"]].to_numpy().max() > 2 * later.max():
        span = later.max() - later.min() or later.max()
        ax.set_ylim(max(later.min() - 0.1 * span, 0), later.max() + 0.2 * span)
        ax.text(0.98, 0.98, "epoch 1 is off the scale", transform=ax.transAxes, ha="right", va="top", fontsize=6)
