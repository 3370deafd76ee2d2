"""Differences between datasets, and what persists without CTCF: planted effects are found, absent ones are not."""

import numpy as np
import pandas as pd
import pytest

from akitaflow.analyses import cell_types, ctcf_independent
from akitaflow.truth import cell_types as claims

N, BINS, SIZE = 24, 20, 10


@pytest.fixture
def windows():
    place = np.arange(N) * BINS * SIZE
    table = pd.DataFrame({"window": range(N), "chrom": "c", "start": place, "end": place + BINS * SIZE})
    return table.assign(fold="test", contig=np.arange(N) // 3)


def test_differences_are_second_minus_first_and_their_agreement_is_that_of_each_window(windows):
    random = np.random.default_rng(0)
    first, second = ((random.normal(size=(N, 50)), random.normal(size=(N, 50))) for _ in range(2))
    measured, predicted = cell_types.difference(first, second)
    assert (measured == second[0] - first[0]).all() and (predicted == second[1] - first[1]).all()
    table = cell_types.window_table(windows, measured, predicted)
    assert table["pearson"][5] == pytest.approx(np.corrcoef(measured[5], predicted[5])[0, 1])
    assert table["strength_measured"][7] == pytest.approx((measured[7] ** 2).mean())
    pooled = cell_types.pooled_table(measured, predicted, windows["contig"], ("A", "B"), 100, (1, "x"))
    row = pooled.set_index("metric").loc["pearson"]
    assert row["measured"] == pytest.approx(np.corrcoef(measured.ravel(), predicted.ravel())[0, 1])
    assert not claims.differences(pooled, 0.3)["holds"]
    same = cell_types.pooled_table(measured, measured + predicted, windows["contig"], ("A", "B"), 100, (1, "x"))
    assert claims.differences(same, 0.3)["holds"]


def test_examples_are_the_strongest_that_do_not_overlap(windows):
    table = windows.assign(strength_measured=np.linspace(0, 1, N))
    table.loc[N - 2, "end"] += 5
    assert cell_types.choose_examples(table, 2) == [N - 1, N - 3]


@pytest.fixture
def bins(windows):
    """Every fourth bin is open, half of those at CTCF sites; insulation without CTCF is lower where open alone."""
    random = np.random.default_rng(1)
    table = windows.loc[windows.index.repeat(BINS), ["window", "chrom", "contig", "start"]].reset_index(drop=True)
    number = np.tile(np.arange(BINS), N)
    table["start"] += SIZE * number
    table["end"] = table["start"] + SIZE
    table["n_sites"] = (number % 8 == 4).astype(int)
    table["CTCF"] = table["n_sites"] + random.random(len(table)) / 10
    table["DNase"] = (number % 4 == 0) + random.random(len(table)) / 10
    table["insulation"] = random.normal(-0.3, 0.05, len(table))
    table["insulation_mutated"] = random.normal(0, 0.05, len(table)) - 0.2 * (number % 8 == 0)
    return table


def test_bins_are_classed_by_motif_then_by_open_chromatin(bins):
    bins.loc[9, "DNase"] = np.nan
    number = np.tile(np.arange(BINS), N)
    classes = ctcf_independent.classify(bins, 0.85)
    assert classes.isna().tolist() == (np.arange(len(bins)) == 9).tolist()
    beside = np.isin(number, (3, 4, 5, 11, 12, 13))
    assert (classes[beside & classes.notna()] == ctcf_independent.CTCF).all()
    is_open = (classes == ctcf_independent.OPEN).to_numpy()
    assert is_open.any() and (number[is_open] % 8 == 0).all()


def test_planted_ctcf_independent_structure_is_found_only_if_planted(bins):
    bins["class"] = ctcf_independent.classify(bins, 0.75)
    summary = ctcf_independent.summarise(bins, 200, (1, "x")).set_index(["class", "quantity"])
    planted = summary.loc[(ctcf_independent.OPEN, "difference_mutated")]
    assert planted["mean"] == pytest.approx(-0.2, abs=0.03) and planted["high"] < -0.15
    absent = summary.loc[(ctcf_independent.CTCF, "difference_mutated")]
    assert absent["low"] < 0.02 and absent["high"] > -0.02
    number = np.tile(np.arange(BINS), N)
    sites = bins.loc[number % 8 == 0, ["chrom", "start"]].assign(end=lambda rows: rows["start"] + 4)
    assert claims.persists(bins, sites, "B", "REST", "CTCF", -0.05, 200, 1)["holds"]
    elsewhere = bins.loc[number % 8 == 2, ["chrom", "start"]].assign(end=lambda rows: rows["start"] + 4)
    assert not claims.persists(bins, elsewhere, "B", "REST", "CTCF", -0.05, 200, 1)["holds"]
