"""Depth: the Spearman-Brown formula, coarser steps, windows on the coarser grid, advice in words, and a real map."""

import numpy as np
import pandas as pd
import pytest

from akitaflow.dataset.targets import TargetSteps
from akitaflow.errors import InputError
from akitaflow.evaluation import depth

STEPS = TargetSteps(128, 48, 4, 2)


def test_contacts_needed_follow_the_spearman_brown_formula():
    for ceiling in (0.3, 0.6, 0.79):
        m, reliability = depth.more_contacts(ceiling), ceiling**2
        assert np.sqrt(m * reliability / (1 + (m - 1) * reliability)) == pytest.approx(0.8)
    assert depth.more_contacts(0.8) == pytest.approx(1) and depth.more_contacts(1) == 0
    assert depth.more_contacts(0) == float("inf")


def test_larger_bins_keep_the_bases_of_a_window():
    larger = depth.coarser(STEPS, 4)
    assert (larger.bin_size, larger.window_bins, larger.crop_bins) == (512, 12, 1)
    with pytest.raises(InputError, match="write smaller factors"):
        depth.coarser(STEPS, 16)


def test_windows_depend_on_the_seed_and_start_on_the_grid_of_the_largest_bins():
    windows = pd.DataFrame({"chrom": "c", "start": np.arange(50) * 1280, "fold": "train", "contig": 1, "kept": True})
    windows["end"] = windows["start"] + 6144
    windows.loc[0, "kept"] = False
    chosen = depth.choose_windows(windows, 10, 512, 1)
    assert len(chosen) == 10 and (chosen["start"] % 512 == 0).all() and (chosen["end"] - chosen["start"] == 6144).all()
    assert chosen.equals(depth.choose_windows(windows, 10, 512, 1))
    assert not chosen.equals(depth.choose_windows(windows, 10, 512, 2))
    assert len(depth.choose_windows(windows, 100, 512, 1)) == 49


def table(*ceilings):
    sizes = [2048 * 2**k for k in range(len(ceilings))]
    needed = [depth.more_contacts(ceiling) for ceiling in ceilings]
    return pd.DataFrame({"dataset": "A", "bin_size": sizes, "ceiling": ceilings, "contacts_needed": needed})


@pytest.mark.parametrize(
    ("ceilings", "words"),
    [
        ((0.9, 0.95), "deep enough"),
        ((0.7, 0.85), "usable; bins of 4,096 bp reach 0.85, or 1.9 times"),
        ((0.4, 0.5), "too shallow; no bin size tried reaches 0.8; the best is 4,096 bp (0.50), or 9.3 times"),
    ],
)
def test_advice_has_the_bin_size_or_the_contacts_that_suffice(ceilings, words):
    assert words in depth.advice(table(*ceilings))


@pytest.mark.slow
def test_the_ceiling_of_a_real_map_falls_with_its_depth(shared, tmp_path):
    import cooler

    path = next((shared / "data" / "yeast").rglob("*.cool"))
    clr = cooler.Cooler(str(path))
    size, last = clr.binsize, clr.extent(clr.chromnames[6])[1]  # of seven chromosomes
    bins = clr.bins()[["chrom", "start", "end"]][:last]
    steps, length = TargetSteps(size, 48, 4, 2, expected="genome", cap=False), 48 * size
    rows = [(chrom, start) for chrom, end in clr.chromsizes.items() for start in range(0, end - length, length)][:40]
    windows = pd.DataFrame(rows, columns=["chrom", "start"])
    windows = windows.assign(end=windows["start"] + length, fold="all", contig=range(len(rows)))
    options = {"mad_max": 5, "min_nnz": 3, "min_count": 0, "ignore_diags": 2, "tol": 1e-3, "max_iters": 100}
    pixels = clr.pixels()[:][["bin1_id", "bin2_id", "count"]]
    pixels = pixels[pixels["bin2_id"] < last]
    ceilings = []
    for share, factors in ((0.02, [1]), (0.5, [1, 2])):
        raw, balanced = str(tmp_path / "raw.cool"), str(tmp_path / "map.cool")
        drawn = np.random.default_rng(0).binomial(pixels["count"].astype(int), share)
        cooler.create_cooler(raw, bins, pixels.assign(count=drawn)[drawn > 0], ordered=True)
        depth.merge_and_balance([raw], balanced, options, 1)
        about = (options, 0.1, 50, 1)
        ceilings.append(depth.report("yeast", balanced, windows, steps, factors, *about, scratch=str(tmp_path)))
    shallow, deep = ceilings
    assert deep["bin_size"].tolist() == [size, 2 * size] and (shallow["n_windows"] > 30).all()
    assert deep["ceiling"][0] > shallow["ceiling"][0] + 0.1 and (shallow["contacts_needed"] > 1).all()
    assert deep["contacts_per_bin"][1] == pytest.approx(2 * deep["contacts_per_bin"][0], rel=0.05)
    assert deep["contacts_per_bin"][0] == pytest.approx(25 * shallow["contacts_per_bin"][0], rel=0.05)
