"""RepeatMasker's table, and random intervals beside it."""

import gzip

import numpy as np
import pandas as pd
import pytest
from fakes import FakeGenome, random_genome

from akitaflow.errors import InputError
from akitaflow.genome import repeats
from akitaflow.genome.sequence import encode

ROWS = """585\t1504\t13\t4\t13\tchr1\t10000\t10468\t-249240153\t+\t(CCCTAA)n\tSimple_repeat\tSimple_repeat\t1\t463\t0\t1
585\t612\t220\t0\t0\tchr1\t3000\t3190\t-100\t-\tB2_Mm2\tSINE\tB2\t-5\t190\t1\t2
73\t900\t80\t0\t0\tchr2\t500\t680\t-100\t+\tB3A\tSINE\tB2\t1\t180\t-10\t3
73\t900\t80\t0\t0\tchr2\t700\t850\t-100\t+\tB1_Mm\tSINE\tAlu\t1\t150\t0\t4
"""


@pytest.fixture
def rmsk(tmp_path):
    path = tmp_path / "rmsk.txt.gz"
    with gzip.open(path, "wt") as file:
        file.write(ROWS)
    return path


def test_repeats_are_read_by_ucscs_columns(rmsk, tmp_path):
    every = repeats.read_rmsk(rmsk)
    assert list(every.columns) == repeats.COLUMNS
    assert every.iloc[0].tolist() == ["chr1", 3000, 3190, "B2_Mm2", "B2", "SINE", "-"]
    assert every["start"].tolist() == [3000, 10000, 500, 700]
    plain = tmp_path / "rmsk.txt"
    plain.write_text(ROWS)
    pd.testing.assert_frame_equal(repeats.read_rmsk(plain), every)


def test_a_family_and_names_choose(rmsk):
    assert repeats.read_rmsk(rmsk, family="B2")["name"].tolist() == ["B2_Mm2", "B3A"]
    assert repeats.read_rmsk(rmsk, family="B2", names=["B3A"])["start"].tolist() == [500]
    nothing = repeats.read_rmsk(rmsk, family="L1")
    assert nothing.empty and list(nothing.columns) == repeats.COLUMNS


def test_chunks_make_no_difference(rmsk, monkeypatch):
    whole = repeats.read_rmsk(rmsk)
    monkeypatch.setattr(repeats, "_ROWS", 1)
    pd.testing.assert_frame_equal(repeats.read_rmsk(rmsk), whole)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ROWS.replace("\tB3A", ""), r"rmsk.txt, row 3: 'chr2 500 680 -100 \+ SINE"),
        ("chr1\t10\t20\tB2\n", r"rmsk.txt, row 1: 4 columns where UCSC's rmsk table has 17"),
        (ROWS.replace("\t700\t", "\tx\t"), r"rmsk.txt, row 4: 'chr2 x 850 -100 \+ B1_Mm .*' is not genoName"),
        (ROWS.replace("\t500\t", "\t690\t"), r"row 3"),
        (ROWS.replace("-100\t-", "-100\tC"), r"row 2"),
    ],
)
def test_a_wrong_table_is_named_with_its_row(tmp_path, text, message):
    path = tmp_path / "rmsk.txt"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        repeats.read_rmsk(path)


def test_a_truncated_file_is_an_error(rmsk):
    rmsk.write_bytes(rmsk.read_bytes()[:-20])
    with pytest.raises(InputError, match="get the file again"):
        repeats.read_rmsk(rmsk)


@pytest.fixture
def genome():
    return random_genome(seed=4, chr1=4000)


def some_pairs():
    windows = pd.DataFrame({"window": [0, 1], "chrom": "chr1", "start": [0, 1000], "end": [2000, 3000]})
    avoid = pd.DataFrame({"chrom": "chr1", "start": [100, 400, 1200, 1900], "end": [290, 600, 1390, 2100]})
    pairs = pd.DataFrame(
        [(0, 100, 290), (0, 400, 600), (0, 1200, 1390), (1, 1200, 1390), (1, 1900, 2100)],
        columns=["window", "start", "end"],
    )
    return windows, pairs, avoid


def test_random_intervals_are_as_many_and_as_long_and_touch_nothing(genome):
    windows, pairs, avoid = some_pairs()
    drawn = repeats.random_intervals(genome, windows, pairs, avoid, 1, "b2")
    for window in windows.itertuples():
        mine, elements = drawn[drawn["window"] == window.window], pairs[pairs["window"] == window.window]
        assert sorted(mine["end"] - mine["start"]) == sorted(elements["end"] - elements["start"])
        assert (mine["start"] >= window.start).all() and (mine["end"] <= window.end).all()
        taken = np.zeros(4000, int)
        for start, end in mine[["start", "end"]].to_numpy():
            taken[start:end] += 1
        assert taken.max() == 1
        for start, end in avoid[["start", "end"]].to_numpy():
            assert not taken[start:end].any()


def test_random_intervals_do_not_overlap_n():
    genome = FakeGenome({"chr1": encode("N" * 600 + "ACGT" * 60 + "N" * 200)})
    windows = pd.DataFrame({"window": [3], "chrom": "chr1", "start": [0], "end": [1040]})
    pairs = pd.DataFrame({"window": [3, 3], "start": [700, 10], "end": [790, 100]})
    nothing = pairs.iloc[:0].assign(chrom="")
    for seed in range(5):
        drawn = repeats.random_intervals(genome, windows, pairs, nothing, seed)
        assert drawn["start"].min() >= 600 and drawn["end"].max() <= 840
    with pytest.raises(InputError, match="window chr1:0-1040 has no room for 2"):
        repeats.random_intervals(genome, windows, pairs.assign(end=pairs["start"] + 150), nothing, 1)


def test_draws_of_a_window_depend_on_its_place_and_the_seed_only(genome):
    windows, pairs, avoid = some_pairs()
    both = repeats.random_intervals(genome, windows, pairs, avoid, 1, "b2")
    alone = repeats.random_intervals(genome, windows[1:], pairs[pairs["window"] == 1], avoid, 1, "b2")
    pd.testing.assert_frame_equal(alone, both[both["window"] == 1].reset_index(drop=True))
    assert not both.equals(repeats.random_intervals(genome, windows, pairs, avoid, 2, "b2"))
