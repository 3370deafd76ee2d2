"""Figure of the inversion of motif sites, compared with their randomisation."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from akitaflow.plotting.style import MILLIMETRE, PALETTE

SERIES = {"inverted": ("o", 0), "randomised": ("^", 1)}  # marker and index of the colour


def join(inverted, randomised, dataset):
    """Join the scores of one dataset's windows with sites for both operations.

    Parameters
    ----------
    inverted, randomised : DataFrame
        Of :func:`akitaflow.analyses.mutagenesis.summarise`.
    dataset : str

    Returns
    -------
    DataFrame
        ``operation`` (``inverted`` or ``randomised``), then the columns of the tables; a row per window and operation.
    """
    tables = {"inverted": inverted, "randomised": randomised}
    both = pd.concat([table.assign(operation=name) for name, table in tables.items()], ignore_index=True)
    both = both[(both["dataset"] == dataset) & (both["n_sites"] > 0)]
    return both[["operation", *inverted.columns]].reset_index(drop=True)


def draw(table, motif, title):
    """Disruption against loss of signal, and the fraction of the signal that is kept.

    Parameters
    ----------
    table : DataFrame
        Of :func:`join`.
    motif, title : str

    Returns
    -------
    matplotlib Figure
    """
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(170 * MILLIMETRE, 78 * MILLIMETRE), width_ratios=(1.3, 1), layout="constrained"
    )
    figure.suptitle(title, fontsize=8)
    shares = []
    for name, (marker, k) in SERIES.items():
        rows = table[table["operation"] == name]
        shares.append((rows["signal_mutated"] / rows["signal"]).to_numpy())
        left.scatter(
            rows["change_in_signal"], rows["disruption"], s=14, marker=marker, color=PALETTE[k], lw=0, alpha=0.8,
            label=f"{motif} sites {name}",
        )  # fmt: skip
    left.axvline(0, color="0.8", lw=0.8, zorder=0)
    low, high = left.get_xlim()
    line = np.array([0, max(high, left.get_ylim()[1])])
    left.plot(line, line, color="0.8", lw=0.8, ls=(0, (4, 3)), zorder=0)
    left.set_xlim(low, high)
    left.set_ylim(bottom=0)
    left.set_xlabel("loss of signal, mean(ref²) − mean(alt²)")
    left.set_ylabel("change of pattern, mean((ref − alt)²)")
    left.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    _shares(right, shares)
    for ax in (left, right):
        ax.spines[["top", "right"]].set_visible(False)
    return figure


def _shares(ax, shares):
    spread = np.random.default_rng(0)  # horizontal jitter of the points
    for k, values in enumerate(shares):
        ax.scatter(k + spread.uniform(-0.18, 0.18, len(values)), values, s=9, color=PALETTE[k], lw=0, alpha=0.7)
        ax.boxplot(
            values, positions=[k], widths=0.5, showfliers=False, manage_ticks=False,
            medianprops={"color": "0.1", "lw": 1.5}, boxprops={"lw": 0.7}, whiskerprops={"lw": 0.7},
            capprops={"lw": 0.7},
        )  # fmt: skip
    ax.axhline(1, color="0.8", lw=0.8, zorder=0)
    ax.set_xticks(range(len(SERIES)), list(SERIES))
    ax.set_xlim(-0.5, len(SERIES) - 0.5)
    ax.set_ylim(bottom=0)
    ax.set_ylabel("signal kept, mean(alt²) / mean(ref²)")
