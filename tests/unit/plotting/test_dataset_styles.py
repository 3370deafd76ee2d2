"""Figures in which datasets differ by marker and dashes as well as by colour, and legends that no curve crosses."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from akitaflow.plotting import accuracy, layer_table, mapping, training

DATASETS = ["A", "B", "C"]


def looks(lines):
    return [(line.get_color(), line.get_marker(), line._unscaled_dash_pattern) for line in lines]


@pytest.fixture
def closed():
    yield
    plt.close("all")


def test_curves_of_a_training_differ_and_legends_are_above(closed):
    table = pd.DataFrame({"epoch": range(1, 6), "loss": 0.5, "valid_loss": 0.4, "valid_pearson": 0.6})
    table = table.assign(learning_rate=0.1, best=[False] * 4 + [True], **{f"valid_pearson_{d}": 0.5 for d in DATASETS})
    figure = training.draw(table, "title")
    curves = [line for line in figure.axes[1].lines if line.get_label() in DATASETS]
    for part in range(3):
        assert len({str(each[part]) for each in looks(curves)}) == 3
    figure.canvas.draw()
    for ax in figure.axes[:2]:
        assert ax.get_legend().get_window_extent().y0 >= ax.get_window_extent().y1


def test_decays_of_datasets_differ_in_style(closed):
    decay = pd.DataFrame({"dataset": np.repeat(DATASETS, 5), "distance": np.tile(10.0 ** np.arange(3, 8), 3)})
    decay = decay.assign(probability=0.1, contacts=5, possible=100)
    figure, ax = plt.subplots()
    mapping._decay(ax, decay)
    for part in range(3):
        assert len({str(each[part]) for each in looks(ax.lines)}) == 3


def test_points_of_baselines_differ_in_style(closed):
    rows = [
        (panel, metric, predictor, dataset, 0.5, 0.4, 0.6)
        for panel in ("score", "difference")
        for metric in accuracy.METRICS
        for predictor in ("main", "mean_target")
        for dataset in DATASETS
    ]
    columns = ["panel", "metric", "predictor", "dataset", "value", "low", "high"]
    figure = accuracy.draw_baselines(pd.DataFrame(rows, columns=columns), "main", "title")
    points = [line for line in figure.axes[0].lines if line.get_label() in DATASETS]
    assert len({line.get_marker() for line in points}) == 3


def test_letters_of_bases_are_dark_enough_on_white():
    from matplotlib.colors import to_rgb

    def luminance(colour):
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
        return np.dot(linear, (0.2126, 0.7152, 0.0722))

    for base, colour in layer_table.BASES.items():
        assert 1.05 / (luminance(colour) + 0.05) > 3, base
