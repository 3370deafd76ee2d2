"""Figure of the sequencing depth of maps."""

import matplotlib.pyplot as plt
import numpy as np

from akitaflow.plotting.style import MILLIMETRE, PALETTE

GOOD = 0.8


def draw(table, title):
    """Split-read ceiling against bin size, a line per dataset.

    Parameters
    ----------
    table : DataFrame
        Of :func:`akitaflow.evaluation.depth.report`, for all datasets.
    title : str

    Returns
    -------
    matplotlib Figure
    """
    figure, ax = plt.subplots(figsize=(110 * MILLIMETRE, 76 * MILLIMETRE), layout="constrained")
    ax.axhline(GOOD, color="0.8", lw=0.8, ls=(0, (4, 3)), zorder=0)
    for k, (dataset, rows) in enumerate(table.groupby("dataset", sort=False)):
        error = np.abs(rows[["low", "high"]].to_numpy().T - rows["ceiling"].to_numpy())
        label = f"{dataset}: {rows['contacts_per_bin'].iloc[0]:,.0f} contacts per bin, n = {rows['n_windows'].iloc[0]}"
        ax.errorbar(
            rows["bin_size"] * 1.02 ** (k - 1), rows["ceiling"], np.nan_to_num(error), fmt="o-", ms=4, lw=1,
            color=PALETTE[k % len(PALETTE)], label=label,
        )  # fmt: skip
    ax.set_xscale("log", base=2)
    sizes = sorted(table["bin_size"].unique())
    ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
    ax.minorticks_off()
    ax.set_ylim(0, 1.02)
    ax.set_xlabel("size of bins (bp)")
    ax.set_ylabel("r that a perfect prediction would reach")
    ax.set_title(title)
    ax.legend(loc="lower right")
    ax.spines[["top", "right"]].set_visible(False)
    return figure
