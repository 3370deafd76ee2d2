"""Baselines: tracks of composition, exact uniqueness of k-mers, symmetric features, planted effects recovered."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from fakes import FakeGenome
from threadpoolctl import threadpool_limits

from akitaflow.errors import InputError
from akitaflow.evaluation import baselines, composition, scores
from akitaflow.genome.intervals import Window
from akitaflow.genome.sequence import UNKNOWN, decode, encode, reverse_complement
from akitaflow.geometry import Geometry

GEOMETRY = Geometry.from_bins(bin_size=64, window_bins=20, crop_bins=2, diagonal_offset=2)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Boosted trees on more threads than idle cores are many times slower than on one."""
    import sklearn.ensemble  # noqa: F401  (only threads of libraries that are loaded can be limited)

    with threadpool_limits(1):
        yield


def genome_with_repeats(seed=0):
    random = np.random.default_rng(seed)
    a, b = (random.integers(4, size=size, dtype=np.uint8) for size in (700, 500))
    b[100:200] = a[50:150]
    b[300:380] = reverse_complement(a[500:580])
    a[400:405] = UNKNOWN
    return {"a": a, "b": b}


@pytest.mark.parametrize("k", [1, 2, 3, 11, 31, 32, 33, 50, 64])
def test_unique_kmers_are_those_counted_on_both_strands(k):
    codes = genome_with_repeats()
    sequences = {chrom: decode(values) for chrom, values in codes.items()}

    def canonical(kmer):
        return min(kmer, decode(reverse_complement(encode(kmer))))

    every = [text[i : i + k] for text in sequences.values() for i in range(len(text) - k + 1)]
    counts = Counter(canonical(kmer) for kmer in every if "N" not in kmer)
    unique = composition.unique_kmers(codes, k)
    for chrom, text in sequences.items():
        kmers = [text[i : i + k] for i in range(len(text))]
        expected = [len(kmer) == k and "N" not in kmer and counts[canonical(kmer)] == 1 for kmer in kmers]
        np.testing.assert_array_equal(unique[chrom], expected)


def test_a_repeat_has_no_unique_kmer_and_its_flanks_have():
    unique = composition.unique_kmers(genome_with_repeats(), 50)
    assert not unique["a"][50:101].any() and not unique["b"][100:151].any()
    assert not unique["a"][500:531].any() and not unique["b"][300:331].any()
    assert unique["a"][101:300].all() and unique["b"][151:250].all()


def test_kmers_too_long_are_refused():
    with pytest.raises(InputError, match="evaluation.kmer"):
        composition.unique_kmers(genome_with_repeats(), 65)


def test_sites_are_found_on_both_strands_and_once():
    assert composition.site_positions(encode("GATCAAGATC"), "GATC").tolist() == [0, 6]
    assert composition.site_positions(encode("AAGAGTCAA"), "GANTC").tolist() == [2]
    assert composition.site_positions(encode("TTGCTTTTAGCAA"), "GCT").tolist() == [
        2,
        8,
    ]  # GCT, and AGC on the other strand
    assert composition.site_positions(encode("GATCAGANTC"), "GATC,GANTC").tolist() == [0]


def test_tracks_are_those_of_the_other_strand_reversed():
    codes = np.random.default_rng(1).integers(4, size=640, dtype=np.uint8)
    codes[200:230] = UNKNOWN
    other = reverse_complement(codes)
    np.testing.assert_allclose(composition.gc_track(codes, 64), composition.gc_track(other, 64)[::-1])
    content, mirrored = composition.content_track(codes, 64, 4), composition.content_track(other, 64, 4)[::-1, ::-1]
    np.testing.assert_allclose(content[..., 0], mirrored[..., 0])
    # a dinucleotide across the border of two parts counts where it begins, which differs between strands
    assert np.nanmax(np.abs(content[..., 1:] - mirrored[..., 1:])) <= 2 / 14
    known = np.isfinite(content[..., 1:]).all(-1)
    assert known.sum() == known.size - 1  # one part of 16 bases lies in the N
    np.testing.assert_allclose(content[known][:, 1:].sum(-1), 1, rtol=1e-6)


def test_centromere_distance(tmp_path):
    bed = tmp_path / "centromeres.bed"
    bed.write_text("c\t200\t300\n")
    track = composition.centromere_track(str(bed), {"c": 500, "d": 200}, 100)
    np.testing.assert_allclose(track["c"], [1.5, 0.5, 0, 0.5, 1.5])
    assert np.isnan(track["d"]).all()


def test_pair_features_of_the_reverse_complement_are_flipped():
    random = np.random.default_rng(2)
    bins, contents = random.random((20, 3)), random.random((20, 4, 11))
    rows, columns = GEOMETRY.window_pixels
    flipped = {(19 - j, 19 - i): k for k, (i, j) in enumerate(zip(rows, columns, strict=True))}
    order = [flipped[pixel] for pixel in zip(rows, columns, strict=True)]
    for features, values, other in (
        (baselines.pair_features, bins, bins[::-1]),
        (baselines.sub_bin_features, contents, contents[::-1, ::-1]),
    ):
        direct, mirrored = features(values, rows, columns), features(other, rows, columns)
        np.testing.assert_allclose(direct, mirrored[order], rtol=1e-5, atol=1e-6)


def test_pair_features_by_hand():
    bins = np.array([[1.0], [2.0], [4.0], [7.0]])
    features = baselines.pair_features(bins, np.array([0, 0]), np.array([1, 3]))
    # distance, sum, product, difference, mean between
    np.testing.assert_allclose(features, [[1, 3, 2, 1, 0], [3, 8, 7, 6, 3]])


@pytest.fixture(scope="module")
def planted():
    """A genome of varying G + C, windows on it, and targets that are high where both bins are rich in G + C."""
    random = np.random.default_rng(3)
    size = 64 * 900
    gc = np.repeat(random.beta(4, 4, 900), 64)
    strong = random.random(size) < gc
    codes = np.where(strong, random.integers(1, 3, size), 3 * random.integers(0, 2, size)).astype(np.uint8)
    genome = FakeGenome({"c": codes})
    start = np.arange(0, size - 20 * 64, 5 * 64)
    windows = pd.DataFrame({"chrom": "c", "start": start, "end": start + 20 * 64, "contig": start // (64 * 60)})
    windows["fold"] = np.where(windows["contig"] < 12, "train", "test")
    rows, columns = GEOMETRY.window_pixels
    track = composition.gc_track(codes, 64)
    bins = np.stack([track[first : first + 20] for first in start // 64])
    pure = 4 * (bins[:, rows] + bins[:, columns] - 1)
    targets = pure + random.normal(0, 0.7, pure.shape)
    return genome, windows, targets.astype(np.float16), pure


def test_a_planted_effect_of_composition_is_recovered_and_mean_target_misses_it(planted):
    genome, windows, targets, pure = planted
    train, test = (windows["fold"] == fold for fold in ("train", "test"))
    tracks = baselines.make_tracks(genome, ["c"], 64, parts=4, kmer=20)
    scores_by_name = {}
    for baseline in baselines.make_baselines(tracks, "", GEOMETRY, n_pixels=3000):
        baseline.fit(windows[train].reset_index(drop=True), targets[train], seed=1)
        scores_by_name[baseline.name] = scores.pearson(
            targets[test], baselines.predict_windows(baseline, windows[test])
        )
    ceiling = scores.pearson(targets[test], pure[test])
    assert scores_by_name["local_composition"] > 0.9 * ceiling
    assert scores_by_name["sub_bin_composition"] > 0.85 * ceiling
    assert abs(scores_by_name["mean_target"]) < 0.2


def test_training_is_repeated_exactly_and_follows_the_seed(planted):
    genome, windows, targets, _ = planted
    tracks = baselines.make_tracks(genome, ["c"], 64, parts=2, kmer=20)
    train = windows[windows["fold"] == "train"].reset_index(drop=True)
    predicted = []
    for seed in (1, 1, 2):
        baseline = baselines.make_baselines(tracks, "", GEOMETRY, n_pixels=1000)[1]
        baseline.fit(train, targets[: len(train)], seed)
        predicted.append(baseline.predict(Window("c", 0, 20 * 64)))
    np.testing.assert_array_equal(predicted[0], predicted[1])
    assert (predicted[0] != predicted[2]).any()


def test_table_and_comparison_of_baselines(planted):
    genome, windows, targets, pure = planted
    tracks = baselines.make_tracks(genome, ["c"], 64, enzymes=["GATC"], parts=2, kmer=20)
    untrained = baselines.make_baselines(tracks, "GATC", GEOMETRY, n_pixels=1000)[:2]
    train, test = (windows["fold"] == fold for fold in ("train", "test"))
    for baseline in untrained:
        baseline.fit(windows[train].reset_index(drop=True), targets[train], 1)
    test_windows = windows[test].reset_index(drop=True)
    test_windows["contig"] = np.arange(len(test_windows)) * 5 // len(test_windows)
    table, comparison = baselines.judge("m", "A", test_windows, targets[test], pure[test], untrained, 100, 1)
    assert list(table.columns) == baselines.COLUMNS
    assert table["model"].tolist() == ["m", "mean_target", "local_composition"]
    assert "sites of GATC" in table.loc[2, "features"] and "unique 20-mers" in table.loc[2, "features"]
    pooled = comparison[comparison["metric"] == "pearson"].set_index("baseline")
    expected = table.loc[0, "pearson"] - table.loc[1, "pearson"]
    assert pooled.loc["mean_target", "difference"] == pytest.approx(expected)
    assert 0 < pooled.loc["mean_target", "low"] < expected < pooled.loc["mean_target", "high"]
    assert (pooled["n_contigs"] == test_windows["contig"].nunique()).all()


def test_large_genomes_have_no_mappability_and_the_table_says_so(monkeypatch, planted):
    monkeypatch.setattr(composition, "LARGEST_COUNTED_GENOME", 100)
    tracks = baselines.make_tracks(planted[0], ["c"], 64, parts=2)
    track, words = tracks.local()
    assert track["c"].shape == (900, 1) and "no mappability" in words
