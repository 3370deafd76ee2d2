"""5C: the format of my5C, lifting, binning, the target's steps, and a bracketed deletion."""

import gzip
from itertools import product

import numpy as np
import pandas as pd
import pytest

from akitaflow.analyses import five_c
from akitaflow.dataset.targets import TargetSteps, target
from akitaflow.errors import InputError
from akitaflow.geometry import to_map

LABELS = ["a|hg19|chr11:101-200", "b|hg19|chr11:201-250", "c|hg19|chr11:301-400"]
COUNTS = "nan\t4\t2\n4\tnan\t7\n2\t7\tnan"


def write(path, rows=LABELS, columns=LABELS, counts=COUNTS, corner=("",), comment="# counts\n"):
    lines = ["\t".join([*corner, *columns])]
    lines += [f"{label}\t{values}" for label, values in zip(rows, counts.split("\n"), strict=True)]
    path.write_text(comment + "\n".join(lines) + "\n")
    return path


def test_a_matrix_is_read_with_its_labels(tmp_path):
    fragments, matrix = five_c.read_my5c(write(tmp_path / "x.matrix"))
    assert list(fragments.columns) == five_c.FRAGMENT_COLUMNS
    assert fragments.iloc[0].tolist() == ["a", "hg19", "chr11", 100, 200]
    nan = np.nan
    np.testing.assert_array_equal(matrix, [[nan, 4, 2], [4, nan, 7], [2, 7, nan]])


@pytest.mark.parametrize("change", [{"corner": ()}, {"corner": ("3x3",)}, {"comment": "## one\n#two\n\n"}])
def test_the_same_matrix_in_other_formats(tmp_path, change):
    plain = five_c.read_my5c(write(tmp_path / "x.matrix"))
    other = five_c.read_my5c(write(tmp_path / "y.matrix", **change))
    pd.testing.assert_frame_equal(plain[0], other[0])
    np.testing.assert_array_equal(plain[1], other[1])
    zipped = tmp_path / "z.matrix.gz"
    zipped.write_bytes(gzip.compress((tmp_path / "x.matrix").read_bytes()))
    np.testing.assert_array_equal(five_c.read_my5c(zipped)[1], plain[1])


def test_fragments_are_put_in_order_and_empty_rows_are_missing(tmp_path):
    path = write(
        tmp_path / "x.matrix",
        rows=[LABELS[2], LABELS[0], LABELS[1]],
        columns=[LABELS[2], LABELS[0], LABELS[1]],
        counts="NA\t3\t0\n3\tNA\t0\n0\t0\t",
    )
    fragments, matrix = five_c.read_my5c(path)
    assert fragments["name"].tolist() == ["a", "b", "c"]
    nan = np.nan
    np.testing.assert_array_equal(matrix, [[nan, nan, 3], [nan, nan, nan], [3, nan, nan]])


def test_forward_against_reverse_primers_become_a_square(tmp_path):
    fragments, matrix = five_c.read_my5c(write(tmp_path / "x", rows=LABELS[:2], columns=LABELS[2:], counts="5\n6"))
    nan = np.nan
    assert fragments["name"].tolist() == ["a", "b", "c"]
    np.testing.assert_array_equal(matrix, [[nan, nan, 5], [nan, nan, 6], [5, 6, nan]])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"counts": COUNTS.replace("2\t7", "2\t8")}, "not symmetric, b and c have 7 and 8"),
        ({"counts": COUNTS.replace("2\t7", "2\tx")}, "x.matrix, line 5: 3 numbers are wanted"),
        ({"counts": COUNTS.replace("4\tnan\t7", "4\tnan")}, "line 4"),
        ({"counts": COUNTS.replace("2", "-2")}, "line 3: negative values; give counts"),
        ({"rows": ["a|chr11:101-200", *LABELS[1:]]}, "line 3: 'a.chr11:101-200' is no label of my5C"),
        ({"columns": [*LABELS[:2], "c|hg19|chr11:0-5"]}, "line 2: .* is no label"),
        ({"rows": [LABELS[0], LABELS[0], LABELS[2]]}, "fragment a stands twice among the rows"),
        ({"columns": LABELS[:1]}, "line 2: 2 labels for rows of 3 values"),
    ],
)
def test_errors_in_a_matrix_are_named(tmp_path, change, message):
    with pytest.raises(InputError, match=message):
        five_c.read_my5c(write(tmp_path / "x.matrix", **change))


def test_files_without_a_matrix_are_refused(tmp_path):
    path = tmp_path / "x.matrix.gz"
    path.write_bytes(gzip.compress(b"# nothing\n"))
    with pytest.raises(InputError, match="holds no matrix"):
        five_c.read_my5c(path)
    path.write_bytes(gzip.compress(write(tmp_path / "y").read_bytes())[:-12])
    with pytest.raises(InputError, match="get the file again"):
        five_c.read_my5c(path)


# old 0-1000 is new 50-1050; old 1000-1100 is gone; old 1100-2000 is new 1050-1950; old 2000-3000 lies reversed on chr2
CHAIN = """chain 900 chr1 4000 + 0 2000 chr1 9000 + 50 1950 1
1000\t100\t0
900

chain 800 chr1 4000 + 2000 3000 chr2 5000 - 0 1000 2
1000

"""


def fragments_at(*places, chrom="chr1"):
    rows = [(f"f{i}", "old", chrom, start, end) for i, (start, end) in enumerate(places)]
    return pd.DataFrame(rows, columns=five_c.FRAGMENT_COLUMNS)


@pytest.fixture(params=["plain", "gzipped"])
def chain(request, tmp_path):
    path = tmp_path / "oldToNew.over.chain"
    path.write_bytes(CHAIN.encode() if request.param == "plain" else gzip.compress(CHAIN.encode()))
    return path


def test_fragments_are_lifted_or_reported(chain):
    fragments = fragments_at(
        (0, 100), (950, 1150), (1010, 1090), (1995, 2100), (2000, 2100), (3500, 3600), (1100, 1300)
    )
    lifted, report = five_c.lift(fragments, chain)
    assert lifted.index.tolist() == [0, 4, 6]
    assert lifted[["chrom", "start", "end"]].to_numpy().tolist() == [
        ["chr1", 50, 150],
        ["chr2", 4900, 5000],
        ["chr1", 1050, 1250],
    ]
    assert len(report) == len(fragments)
    assert report["status"].tolist() == [
        "lifted",
        "only about 48% of it lifts",
        "does not lift",
        "split over chr1+, chr2-",
        "lifted",
        "does not lift",
        "lifted",
    ]
    assert report["lifted_start"].isna().sum() == 4 and report["start"].tolist() == fragments["start"].tolist()


def test_a_fragment_lifted_to_two_places_is_reported_as_split(tmp_path):
    path = tmp_path / "x.chain"
    path.write_text("chain 1 chr1 200 + 0 200 chr1 5200 + 0 5200 1\n100\t0\t5000\n100\n\n")
    _, report = five_c.lift(fragments_at((0, 90), (50, 150)), path)
    assert report["status"].tolist() == ["lifted", "split: 100 bp become 5100"]


def test_a_chain_of_another_assembly_is_refused(chain, tmp_path):
    with pytest.raises(InputError, match="none of 1 fragments .*no chain.*from 'old' to this genome"):
        five_c.lift(fragments_at((0, 100), chrom="chrX"), chain)
    wrong = tmp_path / "wrong.chain"
    wrong.write_text("chrom\tstart\tend\n")
    with pytest.raises(InputError, match="wrong.chain cannot be read as a chain file|none of"):
        five_c.lift(fragments_at((0, 100)), wrong)


def brute_force(fragments, matrix, start, n_bins, bin_size):
    """Contacts per base pair of pairs of bases, averaged over each pixel's measured pairs of bases."""
    n = n_bins * bin_size
    owner = np.full(n, -1)
    for i, (first, last) in enumerate(fragments[["start", "end"]].to_numpy() - start):
        owner[max(first, 0) : max(last, 0)] = i
    length = (fragments["end"] - fragments["start"]).to_numpy()
    density = matrix / np.outer(length, length)
    result = np.full((n_bins, n_bins), np.nan)
    for k, m in product(range(n_bins), repeat=2):
        some = [owner[i * bin_size : (i + 1) * bin_size] for i in (k, m)]
        some = [part[part >= 0] for part in some]
        values = density[np.ix_(*some)]
        if np.isfinite(values).any():
            result[k, m] = np.nanmean(values) * bin_size**2
    return result


def irregular(rng, n, low, high):
    edges = np.concatenate([[0], np.cumsum(rng.integers(low, high, n))])
    return fragments_at(*zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def symmetric(rng, n):
    matrix = np.triu(rng.poisson(20, (n, n)).astype(float), 1)
    matrix += matrix.T
    np.fill_diagonal(matrix, np.nan)
    return matrix


def test_rebinning_agrees_with_a_count_over_bases():
    rng = np.random.default_rng(2)
    fragments = irregular(rng, 14, 3, 20)
    matrix = symmetric(rng, 14)
    matrix[4] = matrix[:, 4] = np.nan
    binned = five_c.rebin(fragments, matrix, "chr1", 5, 12, 10, min_covered=0)
    expected = brute_force(fragments, matrix, 5, 12, 10)
    np.testing.assert_allclose(binned, expected, equal_nan=True)
    assert np.isfinite(binned).mean() > 0.8


def test_rebinning_keeps_a_uniform_density_and_the_number_of_contacts():
    rng = np.random.default_rng(3)
    fragments = irregular(rng, 40, 20, 300)
    length = (fragments["end"] - fragments["start"]).to_numpy(float)
    binned = five_c.rebin(fragments, np.outer(length, length) * 0.01, "chr1", 0, 20, 128)
    np.testing.assert_allclose(binned, 0.01 * 128**2)
    whole = np.arange(0, 1281, 128)
    regular = fragments_at(*zip(whole[:-1].tolist(), whole[1:].tolist(), strict=True))
    matrix = symmetric(rng, 10)
    np.fill_diagonal(matrix, 9)
    assert np.isclose(five_c.rebin(regular, matrix, "chr1", 0, 5, 256).sum(), matrix.sum())


def test_counts_that_do_not_grow_with_length_stay_uniform_per_pair():
    fragments = irregular(np.random.default_rng(4), 30, 20, 300)
    binned = five_c.rebin(fragments, np.full((30, 30), 7.0), "chr1", 0, 10, 128, per="pair")
    np.testing.assert_allclose(binned, 7)
    with pytest.raises(ValueError, match="area or pair"):
        five_c.rebin(fragments, np.full((30, 30), 7.0), "chr1", 0, 10, 128, per="bin")


def test_bins_without_enough_measured_bases_are_missing():
    fragments = fragments_at((0, 104), (104, 150), (200, 300), (300, 400))
    matrix = np.ones((4, 4))
    matrix[3] = matrix[:, 3] = np.nan
    binned = five_c.rebin(fragments, matrix, "chr1", 0, 6, 100)
    missing = [False, False, False, True, True, True]
    np.testing.assert_array_equal(np.isnan(binned).all(axis=0), missing)
    assert np.isfinite(binned[:3, :3]).all()
    strict = five_c.rebin(fragments, matrix, "chr1", 0, 6, 100, min_covered=0.6)
    np.testing.assert_array_equal(np.isnan(strict).all(axis=0), [False, True, False, True, True, True])
    assert np.isnan(five_c.rebin(fragments, matrix, "chr7", 0, 6, 100)).all()


def test_rows_of_left_out_fragments_are_left_out():
    fragments, matrix = fragments_at((0, 100), (0, 100), (100, 200)), np.full((3, 3), 5.0)
    matrix[1] = matrix[:, 1] = 1000
    binned = five_c.rebin(fragments.drop(1), matrix, "chr1", 0, 2, 100)
    np.testing.assert_allclose(binned, 5)


def test_excised_fragments_lie_on_the_deleted_genome():
    fragments = fragments_at((0, 100), (100, 250), (250, 300), (300, 420), (420, 500))
    moved = five_c.excise(fragments, "chr1", 200, 320)
    assert moved.index.tolist() == [0, 1, 3, 4]
    assert moved[["start", "end"]].to_numpy().tolist() == [[0, 100], [100, 200], [200, 300], [300, 380]]
    pd.testing.assert_frame_equal(five_c.excise(fragments, "chr2", 200, 320), fragments)


def decaying(rng, n, blocks=()):
    bins = np.arange(n)
    rate = 400.0 / (1 + np.abs(bins[:, None] - bins))
    for block in blocks:
        rate[np.ix_(block, block)] *= 2
    counts = np.triu(rng.poisson(rate)).astype(float)
    return counts + np.triu(counts, 1).T


def test_a_map_is_made_as_targets_are():
    contacts = decaying(np.random.default_rng(5), 48, [np.arange(10, 20)])
    contacts[30] = contacts[:, 30] = np.nan
    steps = TargetSteps(bin_size=128, window_bins=48, crop_bins=4, expected="genome", cap=False)
    observed_over_expected = five_c.log_observed_expected(contacts, steps)
    values, _ = target(contacts, np.nan_to_num(contacts), steps, five_c.distance_means(contacts))
    inner = observed_over_expected[4:-4, 4:-4]
    target_map = to_map(values.astype(np.float32), 40, 2)
    both = np.isfinite(inner) & np.isfinite(target_map)
    np.testing.assert_allclose(inner[both], target_map[both], atol=2e-3)
    assert both.sum() == 39 * 39 - 39 - 2 * 37  # all pixels but those of bin 30 and of the first two diagonals
    np.testing.assert_array_equal(np.isnan(observed_over_expected).all(axis=0), np.arange(48) == 30)


def test_a_region_wider_than_the_window_shows_its_domain():
    contacts = decaying(np.random.default_rng(6), 90, [np.arange(20, 45)])
    contacts[60:63] = contacts[:, 60:63] = np.nan
    steps = TargetSteps(bin_size=128, window_bins=48, crop_bins=4, expected="genome", cap=False)
    observed_over_expected = five_c.log_observed_expected(contacts, steps)
    assert observed_over_expected.shape == (90, 90) and observed_over_expected.dtype == np.float32
    inside = observed_over_expected[22:43, 22:43][np.triu_indices(21, 2)]
    outside = observed_over_expected[65:88, 65:88][np.triu_indices(23, 2)]
    assert inside.mean() > outside.mean() + 0.4
    np.testing.assert_array_equal(np.isnan(observed_over_expected).all(axis=0), np.isin(np.arange(90), [60, 61, 62]))


def test_the_mean_of_a_distance_is_over_what_is_known():
    contacts = np.array([[1.0, 2, 3], [2, np.nan, 0], [3, 0, 5]])
    np.testing.assert_allclose(five_c.distance_means(contacts), [3, 1, 3])
    assert np.isnan(five_c.distance_means(np.where(np.eye(3) > 0, contacts, 0))[1:]).all()


def deleted(matrix, rows):
    altered = matrix.copy()
    altered[rows] = altered[:, rows] = np.nan
    return altered


def test_a_deletion_is_bracketed():
    rng = np.random.default_rng(7)
    fragments, matrix = irregular(rng, 20, 50, 150), symmetric(rng, 20)
    matrix = deleted(matrix, [9])  # a primer that never worked, inside the deletion
    altered = deleted(deleted(matrix, [8, 10, 11]), [3])  # and another empty one elsewhere
    outer, inner = five_c.empty_stretch(fragments, matrix, altered)
    assert outer == (fragments["start"][7], fragments["end"][12])
    assert inner == (fragments["end"][8], fragments["start"][11])
    noisy = np.where(np.isnan(altered), np.where(np.isnan(matrix), np.nan, 0.2), altered)
    with pytest.raises(InputError, match="no fragment of the wild type is empty"):
        five_c.empty_stretch(fragments, matrix, noisy)
    assert five_c.empty_stretch(fragments, matrix, noisy, share=0.05) == (outer, inner)


def test_one_empty_fragment_has_no_inner_bounds_and_ends_are_no_bounds():
    rng = np.random.default_rng(8)
    fragments, matrix = irregular(rng, 8, 50, 150), symmetric(rng, 8)
    outer, inner = five_c.empty_stretch(fragments, matrix, deleted(matrix, [4]))
    assert outer == (fragments["start"][3], fragments["end"][5]) and inner is None
    with pytest.raises(InputError, match="reach the end of the data on chr1"):
        five_c.empty_stretch(fragments, matrix, deleted(matrix, [6, 7]))
    two = fragments.assign(chrom=["chr1"] * 4 + ["chr2"] * 4)
    altered = deleted(matrix, [1, 5, 6])
    assert five_c.empty_stretch(two, matrix, altered)[0] == (two["start"][4], two["end"][7])
    assert five_c.empty_stretch(two, matrix, altered, chrom="chr1")[0] == (two["start"][0], two["end"][2])
    with pytest.raises(InputError, match="reach the end of the data on chr1"):
        five_c.empty_stretch(two, matrix, deleted(matrix, [2, 3]))
