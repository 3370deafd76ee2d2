"""What all figures share: looks of datasets, colour bars, text of correlations."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from akitaflow.plotting import style


def test_datasets_differ_by_more_than_colour():
    styles = style.dataset_styles(["A", "B", "C", "D", "E"])
    for key in ("color", "marker", "linestyle"):
        assert len({str(looks[key]) for looks in styles.values()}) == 5
    assert style.dataset_styles(["A"])["A"] == styles["A"]


@pytest.mark.parametrize(("value", "extend"), [(0.9, "neither"), (1.1, "max"), (-1.1, "min")])
def test_a_colour_bar_has_an_arrow_where_values_exceed_the_scale(value, extend):
    figure, axes = plt.subplots(1, 2)
    maps = np.full((4, 4), np.nan), np.full((4, 4), value)
    for ax, values in zip(axes, maps, strict=True):
        style.draw_map(ax, values, 0, 10, 1.0)
    assert style.map_colourbar(figure, axes).extend == extend
    plt.close(figure)


def test_both_ends_have_arrows_if_maps_exceed_both_limits():
    figure, axes = plt.subplots(1, 2)
    for ax, value in zip(axes, (-2, 2), strict=True):
        style.draw_map(ax, np.full((4, 4), value), 0, 10, 1.0)
    assert style.map_colourbar(figure, axes).extend == "both"
    plt.close(figure)


def test_the_text_of_a_correlation_has_an_interval_or_says_why_not():
    assert style.spearman_text((0.5, 0.4, 0.6), 7, " motifs") == "ρ = 0.50 [0.40, 0.60], n = 7 motifs"
    assert style.spearman_text((0.5, np.nan, np.nan), 7) == "ρ = 0.50 (too few contigs), n = 7"
