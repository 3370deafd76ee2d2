"""Results that are empty or lost much of their input have a warning; others have none."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from akitaflow import run_warnings
from akitaflow.dataset.given_records import NOT_GIVEN

LIBRARY = {
    "dataset": "A",
    "library": "R1",
    "read_pairs": 1000,
    "mapped": 800,
    "unique_pairs": 700,
    "selected_pairs": 600,
}
MAP = {"dataset": "A", "contacts": 600, "bins": 50, "filtered_bins": 5, "balanced": "converged"}


def whats(rows):
    return [row["what"] for row in rows]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"mapped": 0, "unique_pairs": 0, "selected_pairs": 0}, ["no read pair is mapped", "no pair is selected"]),
        ({"mapped": 99, "unique_pairs": 90, "selected_pairs": 80}, ["few read pairs are mapped"]),
        ({"unique_pairs": 79, "selected_pairs": 70}, ["most mapped pairs are duplicates"]),
        ({"selected_pairs": 0}, ["no pair is selected"]),
        ({"read_pairs": pd.NA, "mapped": pd.NA, "unique_pairs": pd.NA}, []),
        ({"read_pairs": pd.NA, "mapped": pd.NA, "unique_pairs": pd.NA, "selected_pairs": 0}, ["no pair is selected"]),
    ],
)
def test_libraries(changes, expected):
    rows = run_warnings.warn_of_libraries(pd.DataFrame([LIBRARY | changes]))
    assert [what.partition(",")[0] for what in whats(rows)] == expected
    assert all(row["subject"] == "A, library R1" and row["stage"] == "mapping" for row in rows)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"balanced": "as imported"}, []),
        ({"contacts": 0, "filtered_bins": 50, "balanced": "no bin kept"}, ["the map has no contacts"]),
        ({"filtered_bins": 50, "balanced": "no bin kept"}, ["balancing kept no bin"]),
        ({"filtered_bins": 26}, ["most bins are filtered"]),
        ({"balanced": "not converged"}, ["balancing did not converge"]),
        ({"filtered_bins": 26, "balanced": "not converged"}, ["most bins are filtered", "balancing did not converge"]),
    ],
)
def test_maps(changes, expected):
    assert whats(run_warnings.warn_of_maps(pd.DataFrame([MAP | changes]))) == expected


def test_chromosomes_that_a_map_lost_are_named():
    table = pd.DataFrame(
        {
            "dataset": "A",
            "chrom": ["chr1", "chr2", "chrM"],
            "bins": [10, 8, 1],
            "filtered_bins": [2, 8, 1],
            "cis_contacts": [90, 5, 0],
            "trans_contacts": [1, 1, 0],
        }
    )
    rows = run_warnings.warn_of_chromosomes(table)
    assert [row["subject"] for row in rows] == ["A, chr2", "A, chrM"]
    assert whats(rows) == ["no bin of the chromosome has a weight", "the chromosome has no contacts"]
    assert rows[0]["value"] == "6 contacts, 8 bins"
    # a map without any weight is reported once, as a map
    assert run_warnings.warn_of_chromosomes(table.assign(filtered_bins=table["bins"])) == []


def windows(fold, count, kept, contigs, reason="", chrom="chr1"):
    starts = np.arange(count) * 100
    return pd.DataFrame(
        {
            "chrom": chrom,
            "start": starts,
            "end": starts + 100,
            "fold": fold,
            "contig": starts // 100 % contigs,
            "kept": np.arange(count) < kept,
            "reason": np.where(np.arange(count) < kept, "", reason),
        }
    )


def test_windows():
    enough = windows("test", 40, 40, 8)
    assert run_warnings.warn_of_windows("main", enough, {"chr1": 4000}) == []
    lost = windows("test", 100, 30, 8, "too many filtered bins in A; too few finite pixels in B")
    (row,) = run_warnings.warn_of_windows("main", lost, {"chr1": 4000})
    assert row["what"] == "most windows are left out" and row["subject"] == "split main, fold test"
    assert row["value"] == "30 of 100 windows are left; 70 times too many filtered bins in A"
    assert whats(run_warnings.warn_of_windows("main", windows("valid", 7, 7, 7))) == ["few windows"]
    assert whats(run_warnings.warn_of_windows("main", windows("test", 40, 40, 4))) == ["few contigs"]
    assert run_warnings.warn_of_windows("main", windows("train", 40, 40, 1)) == []
    assert run_warnings.warn_of_windows("main", windows("train", 40, 0, 8, NOT_GIVEN)) == []
    none = run_warnings.warn_of_windows("main", windows("test", 40, 0, 8, "too few finite pixels in A"))
    assert whats(none) == ["most windows are left out", "few windows"]


def test_chromosomes_without_windows_are_named():
    rows = run_warnings.warn_of_windows("main", windows("test", 40, 40, 8), {"chr1": 4000, "chr2": 4000, "chrM": 90})
    assert [(row["subject"], row["value"]) for row in rows] == [
        ("split main, chr2", "4000 bp"),
        ("split main, chrM", "90 bp"),
    ]
    assert "filtered" in rows[0]["advice"] and "shorter than a window (100 bp)" in rows[1]["advice"]


@pytest.mark.parametrize(
    ("counts", "expected", "value"),
    [
        ({"ok": 6, "outside_map": 4}, [], ""),
        (
            {"ok": 4, "unknown_base": 1, "outside_map": 5},
            ["most have no scores"],
            "4 of 10 scored, 5 outside_map, 1 unk",
        ),
        ({"reference_mismatch": 9}, ["no variant has scores"], "0 of 9 scored, 9 reference_mismatch"),
        ({}, ["there is no variant"], "0 of 0 scored"),
    ],
)
def test_variants(counts, expected, value):
    table = pd.DataFrame(counts.items(), columns=["status", "alleles"])
    rows = run_warnings.warn_of_variants("variants calls", table)
    assert whats(rows) == expected and all(row["value"].startswith(value) for row in rows)


def test_sites_and_metrics():
    table = windows("test", 40, 40, 8)
    assert run_warnings.warn_of_sites("main", "CTCF", pd.DataFrame({"window": [1]}), table, "test") == []
    (row,) = run_warnings.warn_of_sites("main", "CTCF", pd.DataFrame({"window": []}), table, "test")
    assert row["subject"] == "CTCF, split main" and row["value"] == "0 sites in 40 windows of fold test"
    metrics = pd.DataFrame({"dataset": ["A", "B"], "fold": "test", "pearson": [0.5, np.nan]})
    (row,) = run_warnings.warn_of_metrics("main", metrics)
    assert row["subject"] == "model main, B, fold test"


def test_the_table_has_all_columns_with_and_without_rows():
    assert run_warnings.warning_table([]).columns.tolist() == run_warnings.COLUMNS
    rows = run_warnings.warn_of_maps(pd.DataFrame([MAP | {"contacts": 0}]))
    assert run_warnings.warning_table(rows).loc[0, "subject"] == "A"


@given(counts=st.lists(st.integers(0, 10**9), min_size=4, max_size=4))
def test_every_library_without_selected_pairs_has_a_warning(counts):
    names = ["selected_pairs", "unique_pairs", "mapped", "read_pairs"]
    library = LIBRARY | dict(zip(names, sorted(counts), strict=True))
    rows = run_warnings.warn_of_libraries(pd.DataFrame([library]))
    assert any("selected" in what for what in whats(rows)) == (library["selected_pairs"] == 0)
    assert all(str(value) for row in rows for value in row.values())
