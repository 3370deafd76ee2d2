"""Targets: the published steps, their symmetries, and what happens where data are missing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import convolve

from akitaflow.dataset.targets import TargetSteps, TargetTables, genome_expected, smooth, target, window_targets
from akitaflow.errors import InputError
from akitaflow.geometry import flip_index, to_map, upper_triangle

STEPS = TargetSteps(bin_size=100, window_bins=32, crop_bins=4)
shapes = st.tuples(st.integers(1, 24), st.integers(0, 5)).filter(lambda pair: pair[0] > pair[1])


@given(shapes)
def test_upper_triangle_and_map_are_inverse(shape):
    n_bins, offset = shape
    n_values = (n_bins - offset) * (n_bins - offset + 1) // 2
    values = np.random.default_rng(n_bins).normal(size=n_values)
    matrix = to_map(values, n_bins, offset)
    assert np.array_equal(matrix, matrix.T, equal_nan=True)
    assert np.array_equal(upper_triangle(matrix, offset), values)
    assert np.isfinite(matrix).sum() == 2 * n_values - (n_bins if offset == 0 else 0)
    assert np.array_equal(upper_triangle(np.stack([matrix, 2 * matrix]), offset), [values, 2 * values])


def test_upper_triangle_is_row_by_row():
    matrix = np.arange(16).reshape(4, 4)
    assert upper_triangle(matrix, 1).tolist() == [1, 2, 3, 6, 7, 11]
    with pytest.raises(ValueError, match="3 pixels of 4 bins"):
        to_map(np.zeros(5), 4, 2)


@given(shapes)
def test_flip_index_is_the_map_of_the_reverse_complement(shape):
    n_bins, offset = shape
    index = flip_index(n_bins, offset)
    assert np.array_equal(index[index], np.arange(len(index)))
    values = np.random.default_rng(n_bins).normal(size=len(index))
    turned = to_map(values, n_bins, offset)[::-1, ::-1]
    assert np.array_equal(values[index], upper_triangle(turned, offset))


@pytest.mark.parametrize(("sigma", "width"), [(1.0, 9), (1.0, 5), (2.5, 7)])
def test_smoothing_is_the_two_dimensional_kernel(sigma, width):
    matrix = np.random.default_rng(1).normal(size=(20, 20))
    offsets = np.arange(width) - width // 2
    kernel = np.exp(-(offsets[:, None] ** 2 + offsets**2) / (2 * sigma**2))
    expected = convolve(matrix, kernel / kernel.sum(), mode="constant")
    assert np.allclose(smooth(matrix, sigma, width), expected, atol=1e-14)
    assert smooth(matrix, 0, width) is matrix


def test_published_targets(shared):
    """The authors' script's own output, without the smoothing."""
    h5py = pytest.importorskip("h5py")
    folder = shared / "data/akita"
    windows = pd.read_csv(folder / "synthetic_windows.bed", sep="\t", names=["chrom", "start", "end", "fold"])
    with h5py.File(folder / "synthetic_targets_unsmoothed.h5") as file:
        expected = file["targets"][:]
    steps = TargetSteps(smoothing_sigma=0)
    assert steps.n_values == 99_681
    values, finite = window_targets(folder / "synthetic.2048.cool", windows, steps)
    assert values.dtype == np.float16
    assert np.array_equal(values, expected)
    assert ((finite > 0.9) & (finite < 1)).all()


def random_contacts(n_bins, seed, depth=40.0, missing=()):
    """(balanced, raw) of a map with decay and noise."""
    stream = np.random.default_rng(seed)
    distance = np.abs(np.subtract.outer(np.arange(n_bins), np.arange(n_bins)))
    raw = np.triu(stream.poisson(depth / (1 + distance)))
    raw = (raw + np.triu(raw, 1).T).astype(float)
    weight = stream.uniform(0.5, 1.5, n_bins)
    weight[list(missing)] = np.nan
    return np.outer(weight, weight) * raw, raw


@pytest.mark.parametrize("expected", ["window", "genome"])
@pytest.mark.parametrize("missing", [(), (0, 31), (10, 11, 20), range(1, 31), range(32)])
def test_missing_bins_never_fail(expected, missing):
    steps = TargetSteps(bin_size=100, window_bins=32, crop_bins=4, expected=expected)
    balanced, raw = random_contacts(32, 3, missing=missing)
    before = balanced.copy(), raw.copy()
    decay = 1 / (1 + np.arange(32.0))
    values, finite = target(balanced, raw, steps, decay)
    assert values.shape == (steps.n_values,) and values.dtype == np.float16
    assert np.isfinite(values).all() and (np.abs(values) <= 2).all()
    assert np.array_equal(balanced, before[0], equal_nan=True) and np.array_equal(raw, before[1])
    present = np.setdiff1d(np.arange(4, 28), list(missing)) if len(missing) else np.arange(4, 28)
    pairs = (np.subtract.outer(present, present) <= -2).sum()
    assert finite <= pairs / steps.n_values + 1e-6
    if pairs == 0:
        assert finite == 0 and not values.any()


def test_distances_without_expected_become_zero():
    steps = TargetSteps(bin_size=100, window_bins=32, crop_bins=4, expected="genome", smoothing_sigma=0)
    balanced, raw = random_contacts(32, 4, missing=[12])
    decay = 1 / (1 + np.arange(32.0))
    whole, share = target(balanced, raw, steps, decay)
    decay[[5, 9]] = np.nan
    values, finite = target(balanced, raw, steps, decay)
    first, second = np.triu_indices(steps.map_bins, steps.diagonal_offset)
    lost = np.isin(second - first, [5, 9])
    there = ~np.isin(first, [8]) & ~np.isin(second, [8])  # bin 12 of the window
    assert np.all(values[lost & there] == 0)
    assert np.array_equal(values[~lost & there], whole[~lost & there])
    assert finite < share
    with pytest.raises(ValueError, match="needs the mean contact"):
        target(balanced, raw, steps)


def test_empty_map_is_reported():
    values, finite = target(np.zeros((32, 32)), np.zeros((32, 32)), STEPS)
    assert finite == 0 and np.isfinite(values).all()


def test_target_of_the_reversed_window_is_flipped():
    balanced, raw = random_contacts(32, 5, missing=[7])
    values, _ = target(balanced, raw, STEPS)
    turned, _ = target(balanced[::-1, ::-1], raw[::-1, ::-1], STEPS)
    assert np.array_equal(turned, values[flip_index(STEPS.map_bins, STEPS.diagonal_offset)])


def test_enriched_square_is_positive():
    steps = TargetSteps(bin_size=100, window_bins=32, crop_bins=4, cap=False)
    balanced, raw = random_contacts(32, 6, depth=4000)
    balanced /= np.where(raw, balanced / raw, 1)  # weights of 1
    for matrix in (balanced, raw):
        matrix[8:12, 20:24] *= 4
        matrix[20:24, 8:12] *= 4
    result = to_map(target(balanced, raw, steps)[0].astype(float), steps.map_bins, 2)
    assert result[5:7, 17:19].mean() > 0.8
    assert abs(result[12:14, 20:22].mean()) < 0.3


@pytest.fixture(scope="module")
def cool(tmp_path_factory):
    """A balanced cooler of two chromosomes, 100 bp, with missing bins; and its dense maps."""
    cooler = pytest.importorskip("cooler")
    path = str(tmp_path_factory.mktemp("cool") / "some.cool")
    sizes = {"chr1": 12_000, "chr2": 4_030}
    bins = cooler.binnify(pd.Series(sizes), 100)
    stream = np.random.default_rng(8)
    distance = np.abs(np.subtract.outer(bins.index, bins.index))
    counts = np.triu(stream.poisson(60 / (1 + distance)))
    first, second = counts.nonzero()
    pixels = pd.DataFrame({"bin1_id": first, "bin2_id": second, "count": counts[first, second]})
    bins["weight"] = stream.uniform(0.5, 1.5, len(bins))
    bins.loc[[40, 41, 70, 125], "weight"] = np.nan
    cooler.create_cooler(path, bins, pixels, ordered=True)
    return path


def windows_of(starts, chrom="chr1", contig=0):
    starts = np.asarray(starts)
    return pd.DataFrame({"chrom": chrom, "start": starts, "end": starts + 3200, "contig": contig})


def test_genome_expected_is_the_mean_over_valid_pairs(cool):
    import cooler

    clr = cooler.Cooler(cool)
    means = genome_expected(clr, 32)
    maps = [clr.matrix().fetch(chrom) for chrom in clr.chromnames]
    for distance in range(32):
        diagonal = np.concatenate([np.diagonal(matrix, distance) for matrix in maps])
        assert np.isclose(means[distance], np.nanmean(diagonal), rtol=1e-12)
    assert np.isnan(genome_expected(clr, 130)[125])


@pytest.mark.parametrize("expected", ["window", "genome"])
def test_window_targets_keep_the_order_of_the_table(cool, expected):
    import cooler

    steps = TargetSteps(bin_size=100, window_bins=32, crop_bins=4, expected=expected)
    windows = pd.concat([windows_of([5000, 0, 2500, 8800]), windows_of([800, 0], "chr2", 1)]).sample(
        frac=1, random_state=2
    )
    values, finite = window_targets(cool, windows, steps)
    in_parallel = window_targets(cool, windows, steps, threads=2)
    assert np.array_equal(values, in_parallel[0]) and np.array_equal(finite, in_parallel[1])
    clr = cooler.Cooler(cool)
    decay = genome_expected(clr, 32)
    for i, window in enumerate(windows.itertuples()):
        region = (window.chrom, window.start, window.end)
        direct = target(clr.matrix().fetch(region), clr.matrix(balance=False).fetch(region), steps, decay)
        assert np.array_equal(values[i], direct[0])
        assert np.isclose(finite[i], direct[1])


@pytest.mark.parametrize(
    ("windows", "steps", "message"),
    [
        (windows_of([0]), TargetSteps(bin_size=200, window_bins=16, crop_bins=2), "bins of 100 bp"),
        (windows_of([50]), STEPS, "50-3250 is not 32 whole bins"),
        (windows_of([9000]), STEPS, "not 32 whole bins"),
        (windows_of([0], "chr7"), STEPS, "no chromosome chr7"),
    ],
)
def test_windows_off_the_map_stop(cool, windows, steps, message):
    with pytest.raises(InputError, match=message):
        window_targets(cool, windows, steps)


def test_bad_steps_stop():
    with pytest.raises(InputError, match="odd"):
        TargetSteps(smoothing_width=4)
    with pytest.raises(InputError, match="one of window, genome"):
        TargetSteps(expected="chromosome")
    with pytest.raises(InputError, match="leaves no pixel"):
        TargetSteps(window_bins=64, crop_bins=31)


def test_steps_from_config():
    geometry = {"bin_size": 128, "pools": [2] * 7, "window_bins": 48, "crop_bins": 4, "diagonal_offset": 2}
    steps = TargetSteps.from_config(geometry, {"clip": 1.5, "expected": "genome", "min_finite": 0.5})
    assert (steps.bin_size, steps.clip, steps.expected, steps.map_bins, steps.n_values) == (128, 1.5, "genome", 40, 741)


def test_target_tables(tmp_path):
    import h5py

    stream = np.random.default_rng(1)
    tables = {name: stream.normal(size=(3, 5)).astype(np.float16) for name in "AB"}
    for name, values in tables.items():
        with h5py.File(tmp_path / f"{name}.h5", "w") as file:
            file["values"] = values
            file["finite"] = np.array([0.1, 0.5, 1.0], np.float32)
    fasta = tmp_path / "genome.fa"
    fasta.write_text(">c\nACGTNACGTA\n")
    targets = TargetTables({name: tmp_path / f"{name}.h5" for name in "BA"})
    assert np.array_equal(targets.row(1), np.stack([tables["B"][1], tables["A"][1]], axis=-1))
    assert targets.finite()["A"].tolist() == pytest.approx([0.1, 0.5, 1.0])
    windows = pd.DataFrame({"chrom": "c", "start": [0, 2, 6], "end": [4, 6, 10]})
    (codes, values), _ = targets.examples(fasta, windows, [2, 1])
    assert codes.tolist() == [1, 2, 3, 0]
    assert np.array_equal(values[:, 0], tables["B"][2])


@pytest.mark.parametrize("bins", [4, 5, 7, 8, 9])
@pytest.mark.parametrize("expected", ["window", "genome"])
def test_windows_of_few_bins_have_targets(bins, expected):
    """Windows of depth_report have 8 bins or fewer if its bins are large."""
    random = np.random.default_rng(bins)
    counts = np.triu(random.poisson(3, (bins, bins))).astype(float)
    counts += np.triu(counts, 1).T
    steps = TargetSteps(128, bins, 0, 2, expected=expected)
    values, finite = target(counts, counts, steps, np.ones(bins))
    assert values.shape == (steps.n_values,) and np.isfinite(values).all() and 0 < finite <= 1
    counts[2] = counts[:, 2] = np.nan
    values, _ = target(counts, np.nan_to_num(counts), steps, np.ones(bins))
    assert np.isfinite(values).all()
