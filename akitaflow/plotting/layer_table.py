"""Figure of a network: blocks with shape, kernels and parameters, drawn from the table of layers."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.patches import Polygon, Rectangle

from akitaflow.plotting.style import MILLIMETRE, PALETTE

#: role -> (colour, text of the legend)
ROLES = {
    "sequence": ("0.93", "sequence"),
    "convolution": (PALETTE[0], "convolution"),
    "residual": (PALETTE[2], "dilated residual block"),
    "recurrent": (PALETTE[4], "recurrent layer"),
    "fixed": ("0.80", "without parameters"),
    "linear": (PALETTE[1], "linear layer"),
}
PARTS = {"sequence": "", "tower": "convolution tower", "trunk": "trunk", "maps": "maps", "output": "output"}
BASES = {"A": PALETTE[2], "C": PALETTE[0], "G": "0.1", "T": PALETTE[3]}  # as in chromatograms
NAMES = {
    "pairs": "pairs\n(i, j)",
    "distance": "distance\n|i - j|",
    "crop": "crop",
    "upper_triangle": "upper\ntriangle",
    "final": "linear",
}
ROWS = ("filters", "kernel", "dilation", "pool", "parameters")  # rows of text below each block
WIDTH, HEIGHT = 180.0, 126.0  # of the figure; all lengths here are mm
UPPER, BETWEEN, LOWER = 66.0, 46.0, 18.5  # base of the upper row, connecting line, base of the lower row
LEFT, RIGHT = 16.0, 2.0  # margins; the left one has the names of the rows of text
LOWEST, HIGHEST = 18.0, 36.0  # heights of the shortest and of the longest 1D block
SIDE = 12.5  # side of the largest map
LINE = 3.0  # distance of the rows of text
SMALL = 5.5  # font size, pt


def blocks(layers):
    """Summarise the layers of a network by block.

    Parameters
    ----------
    layers : pandas.DataFrame
        Of :func:`akitaflow.model.layer_table.table`.

    Returns
    -------
    pandas.DataFrame
        In order: block, part, role (a key of :data:`ROLES`), kernel and filters (of the first convolution), dilation
        and pool (the largest), shape (of the output), parameters (sum). Blocks without parameters that keep the shape
        are left out.
    """
    rows, shape = [], None
    for name, part in layers.groupby("block", sort=False):
        last = part["shape"].iloc[-1]
        if part["parameters"].sum() == 0 and last == shape:
            continue
        shape = last
        filters, kernels = part["filters"].dropna(), part["kernel"].dropna()
        rows.append(
            {
                "block": name,
                "part": part["part"].iloc[0],
                "role": _role(part),
                "kernel": kernels.iloc[0] if len(kernels) else None,
                "dilation": part["dilation"].max(),
                "pool": part["pool"].max(),
                "filters": filters.iloc[0] if len(kernels) else None,
                "shape": last,
                "parameters": part["parameters"].sum(),
            }
        )
    return pd.DataFrame(rows)


def _role(layers):
    kinds = set(layers["kind"])
    if "InputLayer" in kinds:
        return "sequence"
    if "Add" in kinds:
        return "residual"
    if any("Conv" in kind for kind in kinds):
        return "convolution"
    if any("LSTM" in kind or "Bidirectional" in kind for kind in kinds):
        return "recurrent"
    return "linear" if layers["parameters"].sum() else "fixed"


def draw(layers, title):
    """Draw the figure.

    Parameters
    ----------
    layers : pandas.DataFrame
        Of :func:`akitaflow.model.layer_table.table`.
    title : str
        Title; the number of parameters is appended.

    Returns
    -------
    matplotlib Figure
    """
    table = blocks(layers)
    upper = table[table["part"].isin(["sequence", "tower", "trunk"])]
    lower = table.drop(upper.index)
    figure = plt.figure(figsize=(WIDTH * MILLIMETRE, HEIGHT * MILLIMETRE))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, WIDTH), ylim=(0, HEIGHT))
    ax.axis("off")
    total, trainable = layers["parameters"].sum(), layers["trainable"].sum()
    ax.text(2, HEIGHT - 2, f"{title}: {total:,} parameters, {trainable:,} of them trained", fontsize=8, va="center")
    _legend(ax, table, HEIGHT - 7)
    lengths = [_numbers(shape)[0] for shape in upper["shape"]]
    end = _row(ax, upper, UPPER, [_bar_height(length, lengths) for length in lengths], 11.5)
    largest = max([_numbers(shape)[0] for shape in lower["shape"] if _is_map(shape)], default=1)
    start = _row(
        ax,
        lower,
        LOWER,
        [_side(shape, largest) for shape in lower["shape"]],
        14.2,
        _numbers(table["shape"].iloc[-1])[0],
    )
    _carry(ax, end, start)
    return figure


def _row(ax, table, base, heights, most, values=None):
    """Draw a row of blocks with the text below them; returns (left end, right end, middle height)."""
    step = min(most, (WIDTH - LEFT - RIGHT) / len(table))
    centres = LEFT + step * (np.arange(len(table)) + 0.5)
    axis = base + max(heights) / 2
    labelled = [name for name in ROWS if name == "parameters" or (_cells(table, name) != "").any()]
    for x, height, (_, block) in zip(centres, heights, table.iterrows(), strict=True):
        _block(ax, x, axis, 0.84 * step, height, block, values)
        for line, name in enumerate(labelled):
            ax.text(x, base - 4.4 - LINE * line, _cell(block, name), fontsize=SMALL, ha="center", va="center")
    for line, name in enumerate(labelled):
        ax.text(2, base - 4.4 - LINE * line, name, fontsize=SMALL + 0.5, va="center", color="0.35")
    for part, rows in table.groupby("part", sort=False):
        inside = centres[table["part"].to_numpy() == part]
        _bracket(ax, inside[0] - 0.42 * step, inside[-1] + 0.42 * step, base + max(heights) + 5.0, _heading(part, rows))
    # connecting line behind the blocks
    ax.plot([centres[0], centres[-1]], [axis, axis], color="0.3", linewidth=0.6, zorder=0)
    return centres[0] - 0.42 * step, centres[-1] + 0.42 * step, axis


def _block(ax, x, y, width, height, block, values):
    colour, numbers = ROLES[block["role"]][0], _numbers(block["shape"])
    style = {"facecolor": colour, "edgecolor": "0.2", "linewidth": 0.5}
    ink = "white" if block["role"] in ("convolution", "residual", "recurrent") else "0.1"
    shape = [f"{number:,}" for number in numbers]
    if _is_map(block["shape"]):  # shifted squares behind it stand for channels
        for back in (0.9, 0.45):
            ax.add_patch(Rectangle((x - height / 2 + back, y - height / 2 + back), height, height, alpha=0.5, **style))
        ax.add_patch(Rectangle((x - height / 2, y - height / 2), height, height, **style))
        for sign in (-1, 1):  # the ends of the diagonal
            ends = np.array([0.5, 0.36]) * sign * height
            ax.plot(x + ends, y - ends, color=ink, linewidth=0.4)
        text = f"{shape[0]}\n× {shape[1]}\n× {shape[2]}"
        ax.text(x, y, text, fontsize=SMALL, ha="center", va="center", color=ink, linespacing=1.05)
    elif numbers[0] == values:  # the upper triangle of a map
        side = height
        corners = [(x - side / 2, y + side / 2), (x + side / 2, y + side / 2), (x + side / 2, y - side / 2)]
        for back in (0.9, 0.45, 0):
            moved = [(a + back, b + back) for a, b in corners]
            ax.add_patch(Polygon(moved, alpha=1 if back == 0 else 0.5, **style))
        ax.text(x, y - side / 2 - 1.6, " × ".join(shape), fontsize=SMALL, ha="center", va="center")
    else:
        ax.add_patch(Rectangle((x - width / 2, y - height / 2), width, height, **style))
        ax.text(x, y, " × ".join(shape), fontsize=SMALL, ha="center", va="center", rotation=90, color=ink)
    top = y + height / 2
    if block["role"] == "residual":  # an arc for the addition of the input
        above = top + (1.1 if _is_map(block["shape"]) else 0.3)
        angle = np.linspace(np.pi, 0, 30)
        ax.plot(x + width / 2 * np.cos(angle), above + 2.0 * np.sin(angle), color="0.2", linewidth=0.6)
    if block["role"] == "sequence":
        for i, (base, hue) in enumerate(BASES.items()):
            ax.text(
                x + (i - 1.5) * 1.5, top + 1.8, base, fontsize=6, weight="bold", color=hue, ha="center", va="center"
            )
    elif block["block"] in NAMES:
        ax.text(x, top + 2.9, NAMES[block["block"]], fontsize=SMALL, ha="center", va="center", linespacing=0.95)


def _heading(part, rows):
    parameters = rows["parameters"].sum()
    return f"{PARTS[part]}\n{parameters:,} parameters" if PARTS[part] else ""


def _bracket(ax, left, right, y, text):
    if not text:
        return
    ax.plot([left, left, right, right], [y, y + 1, y + 1, y], color="0.3", linewidth=0.6)
    ax.text((left + right) / 2, y + 1.8, text, fontsize=6.5, ha="center", va="bottom", linespacing=1.1)


def _carry(ax, upper, lower):
    """A line from the end of the upper row to the start of the lower one."""
    right, left = min(upper[1] + 2.5, WIDTH - 1), lower[0] - 2.5
    xs = [upper[1], right, right, left, left, lower[0] - 0.8]
    ys = [upper[2], upper[2], BETWEEN, BETWEEN, lower[2], lower[2]]
    ax.plot(xs, ys, color="0.3", linewidth=0.6)
    tip = [(lower[0], lower[2]), (lower[0] - 1.2, lower[2] + 0.7), (lower[0] - 1.2, lower[2] - 0.7)]
    ax.add_patch(Polygon(tip, color="0.3", linewidth=0))


def _legend(ax, table, y):
    x = 2.0
    for role, (colour, text) in ROLES.items():
        rows = table[table["role"] == role]
        if rows.empty or role == "sequence":
            continue
        text += f": {rows['parameters'].sum():,} parameters" if role != "fixed" else ""
        ax.add_patch(Rectangle((x, y - 1.2), 2.4, 2.4, facecolor=colour, edgecolor="0.2", linewidth=0.5))
        extent = ax.text(x + 3.2, y, text, fontsize=6.5, va="center").get_window_extent()
        x = ax.transData.inverted().transform((extent.x1, 0))[0] + 4


def _cells(table, name):
    return table.apply(lambda block: _cell(block, name), axis=1)


def _cell(block, name):
    """Text of a row below a block."""
    value = block[name]
    if name == "parameters":
        return "–" if value == 0 else f"{value:,}" if value < 10000 else f"{value / 1000:.0f}k"
    if pd.isna(value):
        return ""
    return str(value).replace(" x ", " × ") if name == "kernel" else f"{value:.0f}"


def _numbers(shape):
    return [int(number) for number in shape.split(" x ")]


def _is_map(shape):
    numbers = _numbers(shape)
    return len(numbers) == 3 and numbers[0] == numbers[1]


def _bar_height(length, lengths):
    """Height of a 1D block, linear in the logarithm of its length."""
    low, high = math.log(min(lengths)), math.log(max(lengths))
    return LOWEST + (HIGHEST - LOWEST) * ((math.log(length) - low) / (high - low) if high > low else 1)


def _side(shape, largest):
    """Side of a map in proportion to its bins; a constant for other shapes."""
    return SIDE * (max(_numbers(shape)[0] / largest, 0.6) if _is_map(shape) else 0.85)
