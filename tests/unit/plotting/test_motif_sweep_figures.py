"""Supplement 5: insulation by number of sites and disruption by number of overlaps, intervals over contigs."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from akitaflow.plotting import motif_sweep as plots

SEED = (1, "test")


@pytest.fixture
def motifs():
    """CTCF, CTCFL and eight others, of which those with more overlaps disrupt more."""
    names = ["CTCF", "CTCFL", *(f"m{k}" for k in range(8))]
    sites = [100, 80, *[1000] * 8]
    share = [1, 1, *(k / 100 for k in range(8))]
    table = pd.DataFrame({"matrix": names, "motif": names, "sites": sites, "overlap": share})
    return table.assign(disruption=[1e-7, 1e-7, *(0.001 * (k + 1) for k in range(8))], rank=range(1, 11))


def windows(motifs, n=15):
    rows = [
        (row.matrix, window, window // 3, row.disruption * (1 + 0.01 * window))
        for row in motifs.itertuples()
        for window in range(n)
    ]
    return pd.DataFrame(rows, columns=["matrix", "window", "contig", "disruption"])


def test_overlaps_are_counted(motifs):
    assert plots.count_overlaps(motifs)["n_overlapping"].tolist() == [100, 80, *range(0, 80, 10)]


def test_the_correlation_leaves_out_ctcf_and_ctcfl(motifs):
    row = plots.overlap_correlation(plots.count_overlaps(motifs), windows(motifs), 100, SEED).iloc[0]
    assert row["n_motifs"] == 8
    assert row["spearman"] == pytest.approx(1)  # with CTCF and CTCFL, which disrupt least here, it would be lower
    assert row["low"] == pytest.approx(1) and row["high"] == pytest.approx(1)


def test_the_interval_of_the_correlation_comes_from_contigs(motifs):
    table = windows(motifs)
    table["disruption"] *= np.random.default_rng(0).uniform(0, 3, len(table))
    row = plots.overlap_correlation(plots.count_overlaps(motifs), table, 200, SEED).iloc[0]
    assert row["low"] < row["high"] <= 1
    alone = plots.overlap_correlation(plots.count_overlaps(motifs), table.assign(contig=0), 200, SEED).iloc[0]
    assert np.isnan([alone["low"], alone["high"]]).all()


def test_bins_of_a_contig_are_not_independent_points():
    """A thousand bins of each of five contigs that differ: the interval is that of five values."""
    random = np.random.default_rng(1)
    level = random.normal(0, 1, 5)
    bins = pd.DataFrame({"window": np.repeat(np.arange(5), 1000), "n_sites": 0})
    bins["insulation"] = level[bins["window"]] + random.normal(0, 0.01, 5000)
    bins.loc[::10, "n_sites"] = 7
    contigs = pd.Series(range(5), index=range(5))
    table = plots.density(bins, contigs, 300, SEED)
    assert table["n_sites"].tolist() == [0, plots.MOST] and table["n_bins"].tolist() == [4500, 500]
    assert table["mean"][0] == pytest.approx(bins.loc[bins["n_sites"] == 0, "insulation"].mean())
    assert table["high"][0] - table["low"][0] > level.std()
    assert (table["low"] < table["mean"]).all() and (table["mean"] < table["high"]).all()
    alone = plots.density(bins, contigs * 0, 300, SEED)
    assert alone["low"].isna().all() and alone["mean"].tolist() == pytest.approx(table["mean"].tolist())


def test_no_point_or_label_of_supplement_5_is_hidden(motifs):
    motifs = plots.count_overlaps(motifs).assign(disruption=lambda table: table["disruption"] + 1e-6)
    motifs.loc[:1, "disruption"] = [0.15, 0.1]
    density = pd.DataFrame({"n_sites": [0, 1], "mean": [0.0, -0.2], "low": -0.3, "high": 0.1, "n_bins": [50, 5]})
    correlation = plots.overlap_correlation(motifs, windows(motifs), 20, SEED)
    figure = plots.draw_ctcf(motifs, density, correlation, "CTCF", 5, "title")
    right = figure.axes[1]
    (left, end), (bottom, top) = right.get_xlim(), right.get_ylim()
    for points in right.collections[:2]:
        x, y = points.get_offsets().T
        assert ((left < x) & (x < end)).all() and ((bottom <= y) & (y < top)).all()
    labels = [text for text in right.texts if text.get_text()]
    assert {"CTCF", "CTCFL"} <= {text.get_text() for text in labels}
    boxes = [text.get_window_extent() for text in labels]
    assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])
    assert right.get_title() == "ρ = 1.00 [1.00, 1.00], n = 8 motifs"
    plt.close(figure)
    table = plots.source(motifs, density, correlation)
    assert table["panel"].value_counts().to_dict() == {"motifs": 10, "density": 2, "correlation": 1}
