"""Binning of bigWigs: an independent mean, and what is missing stays missing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from akitaflow.errors import InputError
from akitaflow.genome import bigwig as tracks


def regions(*places):
    return pd.DataFrame(places, columns=["chrom", "start", "end"])


@pytest.fixture
def bigwig(tmp_path):
    path = tmp_path / "signal.bw"
    runs = [("chr2", 0, 5, 2.0), ("chr2", 5, 10, 4.0), ("chr2", 18, 20, 6.0), ("chr1", 30, 50, 1.5)]
    tracks.write_bigwig(path, {"chr2": 40, "chr1": 50}, runs)
    return path


def test_a_bin_is_the_mean_of_its_covered_bases(bigwig):
    binned = tracks.bin_track(bigwig, regions(("chr2", 0, 30), ("chr1", 20, 50)), 10)
    assert binned.dtype == np.float32 and binned.shape == (2, 3)
    np.testing.assert_allclose(binned, [[3.0, 6.0, np.nan], [np.nan, 1.5, 1.5]])


def test_bins_beyond_a_chromosome_have_no_value(bigwig):
    binned = tracks.bin_track(bigwig, regions(("chr1", 40, 60), ("chr1", -10, 10)), 10)
    np.testing.assert_array_equal(np.isnan(binned), [[False, True], [True, True]])


def test_binning_agrees_with_a_loop_over_bases(tmp_path):
    rng = np.random.default_rng(1)
    values = np.where(rng.random(6000) < 0.3, np.nan, rng.normal(size=6000).round(3)).astype(np.float32)
    values[2000:2300] = np.nan
    runs = [("chr1", i, i + 1, float(values[i])) for i in np.flatnonzero(np.isfinite(values)).tolist()]
    tracks.write_bigwig(tmp_path / "x.bw", {"chr1": 6000}, runs)
    chosen = regions(*[("chr1", start, start + 640) for start in (0, 37, 1900, 5360)])
    binned = tracks.bin_track(tmp_path / "x.bw", chosen, 64)
    for row, start in enumerate(chosen["start"]):
        for k in range(10):
            here = values[start + 64 * k : start + 64 * (k + 1)]
            expected = here[np.isfinite(here)].mean() if np.isfinite(here).any() else np.nan
            np.testing.assert_allclose(binned[row, k], expected, rtol=1e-4)
    assert np.isnan(binned).any() and np.isfinite(binned).any()


def test_a_file_is_known_by_its_content_not_by_its_ending(bigwig, tmp_path):
    renamed = bigwig.rename(tmp_path / "ENCFF000AAA.download")
    assert tracks.bin_track(renamed, regions(("chr2", 0, 10)), 10)[0, 0] == 3.0
    other = tmp_path / "text.bw"
    other.write_text("chr1\t0\t10\t1.0\n")
    with pytest.raises(InputError, match="text.bw cannot be read as bigWig"):
        tracks.bin_track(other, regions(("chr2", 0, 10)), 10)


def test_a_missing_chromosome_names_those_there_are(bigwig):
    with pytest.raises(InputError, match="no chromosome '1'; it has chr1, chr2. It has 'chr1': its names differ"):
        tracks.bin_track(bigwig, regions(("1", 0, 10)), 10)
    with pytest.raises(InputError, match="no chromosome 'chr9'; it has chr1, chr2. Give"):
        tracks.bin_track(bigwig, regions(("chr9", 0, 10)), 10)


def test_regions_are_whole_bins_of_one_length(bigwig):
    for wrong in (regions(("chr1", 0, 15)), regions(("chr1", 0, 10), ("chr1", 0, 20))):
        with pytest.raises(ValueError, match="whole number of bins"):
            tracks.bin_track(bigwig, wrong, 10)
    assert tracks.bin_track(bigwig, regions(), 10).shape == (0, 0)


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_bins_of_whole_chromosomes(tmp_path, monkeypatch, at_once):
    path = tmp_path / "map.bw"
    tracks.write_bigwig(path, {"c": 260, "d": 300}, [("c", 0, 100, 1.0), ("c", 150, 200, 0.5), ("d", 50, 100, 3.0)])
    monkeypatch.setattr(tracks, "BINS", at_once)
    sizes = {"d": 300, "c": 260}
    binned = tracks.bin_chromosomes(path, sizes, 100, uncovered=0.0)
    assert list(binned) == ["d", "c"] and binned["c"].dtype == np.float32
    np.testing.assert_array_equal(binned["c"], [1.0, 0.25, 0.0])
    np.testing.assert_array_equal(binned["d"], [1.5, 0.0, 0.0])
    np.testing.assert_array_equal(tracks.bin_chromosomes(path, sizes, 100)["c"], [1.0, 0.5, np.nan])
    with pytest.raises(InputError, match="no chromosome 'e'; it has c, d"):
        tracks.bin_chromosomes(path, {"e": 100}, 100)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 300), st.integers(1, 40), st.integers(0, 1000))
def test_whole_chromosomes_and_regions_have_the_same_bins(tmp_path_factory, length, bin_size, seed):
    random = np.random.default_rng(seed)
    values = np.where(random.random(length) < 0.4, np.nan, random.gamma(1, 5, length)).astype(np.float32)
    values[0] = 1
    path = tmp_path_factory.mktemp("bigwig") / "x.bw"
    tracks.write_bigwig(
        path, {"c": length}, [("c", i, i + 1, float(values[i])) for i in np.flatnonzero(np.isfinite(values)).tolist()]
    )
    n_bins = -(-length // bin_size)
    starts = np.arange(n_bins) * bin_size
    region = tracks.bin_track(path, regions(*[("c", start, start + bin_size) for start in starts]), bin_size)[:, 0]
    np.testing.assert_array_equal(tracks.bin_chromosomes(path, {"c": length}, bin_size)["c"], region)
    total = [np.nansum(values[start : start + bin_size], dtype=float) for start in starts]
    expected = np.array(total) / np.minimum(bin_size, length - starts)
    filled = tracks.bin_chromosomes(path, {"c": length}, bin_size, uncovered=0.0)["c"]
    np.testing.assert_allclose(filled, expected, rtol=1e-6)
