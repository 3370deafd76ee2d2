"""Strength of patterns: the mean of squares, signals only where they exist, correlations with their intervals."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from akitaflow.analyses import pattern_strength
from akitaflow.plotting import pattern_strength as plots
from akitaflow.truth.pattern_strength import correlated

N = 24


@pytest.fixture
def windows():
    place = np.arange(N)
    return pd.DataFrame(
        {
            "window": place,
            "chrom": "c",
            "start": place * 10,
            "end": place * 10 + 10,
            "fold": "test",
            "contig": place // 4,
        }
    )


def test_strength_is_the_mean_square_and_a_missing_bin_does_not_count(windows):
    random = np.random.default_rng(0)
    targets, predictions = random.normal(size=(2, N, 30))
    track = random.random((N, 5))
    track[0, 2:] = np.nan
    track[1] = np.nan
    table = pattern_strength.window_strength(windows, targets, predictions, {"CTCF": track})
    assert table["measured"].to_numpy() == pytest.approx((targets**2).mean(1))
    assert table["predicted"].to_numpy() == pytest.approx((predictions**2).mean(1))
    assert table["CTCF"][0] == pytest.approx(track[0, :2].mean())
    assert np.isnan(table["CTCF"][1]) and table["CTCF"][2] == pytest.approx(track[2].mean())


def test_a_planted_dependence_is_found_and_an_independent_track_is_not(windows):
    random = np.random.default_rng(1)
    scale = np.linspace(0.2, 2, N)[:, None]
    targets = scale * random.normal(size=(N, 200))
    tracks = {"CTCF": scale + random.normal(0, 0.1, (N, 5)), "none": random.random((N, 5))}
    tracks["CTCF"][3] = np.nan
    table = pattern_strength.window_strength(windows, targets, 0.7 * targets, tracks)
    rho = pattern_strength.correlations(table, list(tracks), 200, (1, "strength")).set_index(["x", "y"])
    assert rho.loc[("measured", "predicted"), "spearman"] == pytest.approx(1)
    planted, absent = rho.loc[("CTCF", "measured")], rho.loc[("none", "measured")]
    assert planted["spearman"] > 0.9 and planted["low"] > 0.5 and planted["n_windows"] == N - 1
    assert absent["low"] < 0 < absent["high"]
    assert [row["holds"] for row in correlated(rho.reset_index(), "A")] == [True, True, True]
    turned = rho.assign(spearman=-rho["spearman"], low=-rho["high"], high=-rho["low"]).reset_index()
    assert not any(row["holds"] for row in correlated(turned, "A"))


def test_each_dataset_has_a_row_of_panels_with_its_own_tracks(windows):
    random = np.random.default_rng(3)
    rows = []
    for dataset, tracks in (("A", ["CTCF", "DNase"]), ("B", ["CTCF"]), ("C", [])):
        values = random.normal(size=(N, 20))
        table = pattern_strength.window_strength(
            windows, values, values, {name: random.random((N, 5)) for name in tracks}
        )
        rows.append((dataset, table, pattern_strength.correlations(table, tracks, 20, (1, "x")), tracks))
    figure = plots.draw(rows, "title")
    axes = np.reshape(figure.axes, (3, 3))
    assert [[ax.axison for ax in row] for row in axes] == [[True] * 3, [True, True, False], [True, False, False]]
    assert [row[0].get_ylabel().split("\n")[0] for row in axes] == ["dataset A", "dataset B", "dataset C"]
    plt.close(figure)


def test_one_contig_gives_no_interval(windows):
    values = np.random.default_rng(2).normal(size=(N, 9))
    table = pattern_strength.window_strength(windows.assign(contig=0), values, values, {})
    rho = pattern_strength.correlations(table, [], 50, (1, "strength"))
    assert len(rho) == 1 and rho["low"].isna().all() and rho["n_contigs"][0] == 1
