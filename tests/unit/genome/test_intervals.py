"""Overlaps of intervals, against loops over bases."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from akitaflow.genome.intervals import bases_in_bins, inside, overlaps

intervals = st.lists(st.tuples(st.sampled_from("xy"), st.integers(0, 40), st.integers(1, 9)), max_size=10)


def table_of(rows):
    table = pd.DataFrame(rows, columns=["chrom", "start", "end"])
    return table.assign(end=table["start"] + table["end"])


def bases_of(row):
    return {(row.chrom, base) for base in range(row.start, row.end)}


@settings(max_examples=30, deadline=None)
@given(intervals, intervals)
def test_intervals_overlap_where_they_share_a_base(first, second):
    first, second = table_of(first), table_of(second)
    taken = set().union(*(bases_of(row) for row in second.itertuples()))
    expected = [bool(bases_of(row) & taken) for row in first.itertuples()]
    assert overlaps(first, second).tolist() == expected
    assert overlaps(first.set_axis(range(5, 5 + len(first))), second).tolist() == expected


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-5, 50), st.integers(1, 20)), min_size=1, max_size=8),
    st.lists(st.integers(0, 40), min_size=2, max_size=7, unique=True),
)
def test_bases_in_bins_are_counted_one_by_one(rows, edges):
    starts, lengths = np.array(rows).T
    edges = np.sort(edges)
    counts = bases_in_bins(starts, starts + lengths, edges)
    assert counts.shape == (len(rows), len(edges) - 1)
    for row, start, length in zip(counts, starts, lengths, strict=True):
        bases = np.arange(start, start + length)
        inside = [((bases >= low) & (bases < high)).sum() for low, high in zip(edges[:-1], edges[1:], strict=True)]
        assert row.tolist() == inside


@settings(max_examples=30, deadline=None)
@given(intervals, intervals)
def test_pairs_of_an_interval_and_a_window_are_those_in_which_it_lies_wholly(first, second):
    first, second = table_of(first), table_of(second)
    expected = [
        (i, k)
        for i, row in enumerate(first.itertuples())
        for k, window in enumerate(second.itertuples())
        if bases_of(row) <= bases_of(window)
    ]
    assert list(zip(*inside(first.set_axis(range(3, 3 + len(first))), second), strict=True)) == expected
