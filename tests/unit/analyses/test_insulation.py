"""Insulation: the mean over the pairs that cross a bin, and what a table of windows keeps of it."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from akitaflow.analyses.insulation import BinTable, Insulation
from akitaflow.geometry import Geometry

BINS, OFFSET, HALF = 12, 2, 3
GEOMETRY = Geometry.from_bins(10, BINS, 0, OFFSET)


def test_insulation_is_the_mean_of_the_diamond_above_a_bin():
    values = np.random.default_rng(0).normal(size=(55, 2))
    by_bin = Insulation(GEOMETRY, HALF)(values)
    for output in range(2):
        square = GEOMETRY.to_map(values[:, output])
        for b in range(BINS):
            if b < HALF or b >= BINS - HALF:
                assert np.isnan(by_bin[b, output])
            else:
                assert by_bin[b, output] == pytest.approx(np.nanmean(square[b - HALF : b, b + 1 : b + HALF + 1]))


def test_a_planted_boundary_is_the_minimum():
    left = np.arange(BINS) < 6
    square = np.where(left[:, None] == left, 0.5, -0.5)
    by_bin = Insulation(GEOMETRY, HALF)(GEOMETRY.upper_triangle(square)[:, None])[:, 0]
    assert np.nanargmin(by_bin) in (5, 6) and np.nanmin(by_bin) < 0 < by_bin[HALF]


def test_the_table_averages_draws_and_counts_sites():
    random = np.random.default_rng(1)
    windows = pd.DataFrame({"window": [4, 7], "chrom": "c", "start": [0, 160], "end": [160, 320]})
    sites = pd.DataFrame({"window": [4, 4, 4], "start": [74, 76, 0], "end": [78, 80, 4]})
    insulation = Insulation(GEOMETRY, HALF)
    table = BinTable(insulation, 2, 1)
    reference, first, second, other = random.normal(size=(4, 55, 1))
    for index, alternative, values in [(0, None, reference), (0, 0, first), (0, 1, second), (1, None, other)]:
        table.add(SimpleNamespace(request_index=index, alternative=alternative, map=values))
    frame = table.frame(windows, sites, ["A"], 10)
    assert len(frame) == 2 * (BINS - 2 * HALF)
    here = frame[frame["window"] == 4].reset_index(drop=True)
    assert here["start"][0] == 20 + 10 * HALF and (here["end"] - here["start"] == 10).all()
    inside = slice(HALF, BINS - HALF)
    assert here["insulation"].to_numpy() == pytest.approx(insulation(reference)[inside, 0])
    assert here["insulation_mutated"].to_numpy() == pytest.approx(insulation((first + second) / 2)[inside, 0])
    assert here.loc[here["n_sites"] > 0, ["start", "n_sites"]].values.tolist() == [[70, 2]]
    there = frame[frame["window"] == 7]
    assert (there["insulation"] == there["insulation_mutated"]).all() and (there["n_sites"] == 0).all()
