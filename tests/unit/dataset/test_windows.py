"""Tables of windows: rows of a fold, the strongest windows that do not overlap, folds that a window overlaps."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from akitaflow.dataset.windows import choose_strongest, fold_rows, fold_windows, overlapped_folds
from akitaflow.genome.intervals import Window

windows_of_two_chromosomes = st.lists(
    st.tuples(st.sampled_from(["chr1", "chr2"]), st.integers(0, 60), st.integers(1, 25), st.integers(0, 4)), max_size=14
)


def table_of(rows):
    table = pd.DataFrame(rows, columns=["chrom", "start", "length", "signal"])
    return table.assign(end=table["start"] + table["length"])


def overlap(a, b):
    return a.chrom == b.chrom and a.start < b.end and b.start < a.end


@settings(max_examples=100, deadline=None)
@given(rows=windows_of_two_chromosomes, n=st.integers(0, 8))
def test_the_strongest_do_not_overlap_and_those_left_out_do(rows, n):
    table = table_of(rows)
    labels = choose_strongest(table, "signal", n)
    chosen = [table.loc[label] for label in labels]
    assert len(labels) <= n and len(set(labels)) == len(labels)
    keys = [(-row.signal, label) for row, label in zip(chosen, labels, strict=True)]
    assert keys == sorted(keys)  # the strongest first, of equal ones the first
    assert not any(overlap(a, b) for i, a in enumerate(chosen) for b in chosen[:i])
    for label, row in table.iterrows():
        before = [one for one, key in zip(chosen, keys, strict=True) if key < (-row.signal, label)]
        if label not in labels and len(before) < n:
            assert any(overlap(row, one) for one in before)


def test_windows_that_touch_do_not_overlap_and_labels_are_those_of_the_table():
    table = table_of([("chr1", 0, 10, 1), ("chr1", 10, 10, 3), ("chr1", 19, 10, 2)]).set_axis([7, 8, 9])
    assert choose_strongest(table, "signal", 3) == [8, 7]
    assert choose_strongest(table.assign(signal=[1, np.nan, 2]), "signal", 3) == [9, 7]


def test_rows_of_a_fold_are_its_kept_windows():
    table = table_of([("chr1", 10 * k, 10, 0) for k in range(5)])
    table = table.assign(fold=["test", "train", "test", "test", "valid"], kept=[True, True, False, True, True])
    assert fold_rows(table, "test").tolist() == [0, 3] and fold_rows(table, "other").tolist() == []
    numbered = fold_windows(table, "test")
    assert numbered["window"].tolist() == [0, 1] and numbered["start"].tolist() == [0, 30]


def test_a_window_lies_in_the_folds_it_overlaps():
    table = table_of([("chr1", 10 * k, 10, 0) for k in range(4)]).assign(fold=["test", "train", "test", "valid"])
    assert overlapped_folds(Window("chr1", 5, 11), table) == "test+train"
    assert overlapped_folds(Window("chr1", 20, 30), table) == "test"
    assert overlapped_folds(Window("chr1", 40, 50), table) == overlapped_folds(Window("chr2", 0, 9), table) == "none"
