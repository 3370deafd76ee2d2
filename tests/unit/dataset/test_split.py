"""Contigs, folds and windows: no base in two folds, nothing lost that need not be, and the published split itself."""

from hashlib import sha256

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from akitaflow.dataset import published_split
from akitaflow.dataset.split import FOLDS, assign_folds, cut_contigs, filtered_runs, find_contigs
from akitaflow.dataset.windows import flag_finite, flag_windows, make_windows, read_windows, require_windows
from akitaflow.errors import InputError
from akitaflow.files import write_table
from akitaflow.genome.intervals import COLUMNS, Window, parse_region, read_bed, read_chromsizes

FRACTIONS = {"train": 0.8, "valid": 0.1, "test": 0.1}
STRIDES = {"train": 3, "valid": 6, "test": 6}
BIN, WINDOW, LONGEST = 100, 12, 48


def table(*rows):
    return pd.DataFrame(rows, columns=COLUMNS)


@st.composite
def genomes(draw):
    """Chromosome sizes and blocked regions, not on bin boundaries."""
    sizes = {f"chr{i}": draw(st.integers(12_000, 60_000)) for i in range(draw(st.integers(2, 5)))}
    blocked = []
    for chrom, size in sizes.items():
        for _ in range(draw(st.integers(0, 3))):
            start = draw(st.integers(0, size - 1))
            blocked.append((chrom, start, min(size, start + draw(st.integers(1, 3_000)))))
    return sizes, table(*blocked)


def covered(frame, sizes):
    """How many rows cover each base."""
    depth = {chrom: np.zeros(size, int) for chrom, size in sizes.items()}
    for chrom, start, end in frame[COLUMNS].itertuples(index=False):
        assert 0 <= start < end <= sizes[chrom]
        depth[chrom][start:end] += 1
    return depth


def split(sizes, blocked, seed, **more):
    contigs = find_contigs(sizes, BIN, WINDOW, [blocked])
    pieces = cut_contigs(contigs, BIN, LONGEST, WINDOW)
    return contigs, pieces, assign_folds(pieces, FRACTIONS, seed, chromsizes=sizes, **more)


@settings(max_examples=40, deadline=None)
@given(genomes(), st.integers(0, 2**31))
def test_split_shares_no_base_and_loses_none(genome, seed):
    sizes, blocked = genome
    contigs = find_contigs(sizes, BIN, WINDOW, [blocked])
    pieces = cut_contigs(contigs, BIN, LONGEST, WINDOW)
    whole, cut = covered(contigs, sizes), covered(pieces, sizes)
    for chrom in sizes:
        assert np.array_equal(whole[chrom], cut[chrom])
        assert whole[chrom].max(initial=0) <= 1
    for chrom, start, end in blocked.itertuples(index=False):
        assert not whole[chrom][start:end].any()
    lengths = (pieces["end"] - pieces["start"]).to_numpy()
    assert (lengths <= LONGEST * BIN).all() and (lengths >= WINDOW * BIN).all()
    assert (pieces["start"] % BIN == 0).all() and (pieces["end"] % BIN == 0).all()
    try:
        folds = assign_folds(pieces, FRACTIONS, seed)
    except InputError as error:
        assert "max_contig_bins" in str(error)
        return
    windows = make_windows(folds, BIN, WINDOW, STRIDES, seed)
    depth = {fold: covered(windows[windows["fold"] == fold], sizes) for fold in FOLDS}
    for chrom in sizes:
        assert (sum((depth[fold][chrom] > 0).astype(int) for fold in FOLDS) <= 1).all()
        assert not (depth["train"][chrom] > 0)[whole[chrom] == 0].any()
    assert (windows["end"] - windows["start"] == WINDOW * BIN).all()
    assert (windows["start"] % BIN == 0).all()
    assert windows.drop_duplicates(COLUMNS).shape == windows.shape


def test_fractions_are_reached_for_any_seed():
    sizes = {"chr1": 400_000, "chr2": 300_000}
    for seed in range(20):
        _, pieces, folds = split(sizes, table(), seed)
        bases = (folds["end"] - folds["start"]).groupby(folds["fold"]).sum()
        for fold, share in FRACTIONS.items():
            assert abs(bases[fold] - share * bases.sum()) <= LONGEST * BIN


def test_seed_decides_folds():
    sizes = {"chr1": 400_000}
    first, again, other = (split(sizes, table(), seed)[2]["fold"].tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_filtered_runs_of_any_dataset_cut_contigs():
    flags = {"chr1": np.zeros(100, bool), "chr2": np.zeros(50, bool)}
    flags["chr1"][20:30] = flags["chr1"][60:69] = flags["chr1"][95:] = True
    runs = filtered_runs(flags, BIN, 10)
    assert runs.to_numpy().tolist() == [["chr1", 2000, 3000]]
    assert filtered_runs(flags, BIN, 0).empty
    assert len(filtered_runs(flags, BIN, 5)) == 3
    contigs = find_contigs({"chr1": 10_050, "chr2": 5_000}, BIN, 12, [runs, table(("chr2", 950, 951))])
    expected = [["chr1", 0, 2000], ["chr1", 3000, 10_000], ["chr2", 1000, 5000]]  # 9 bins of chr2 hold no window
    assert contigs.to_numpy().tolist() == expected


def test_chromosomes_and_regions_are_placed():
    sizes = {"chr1": 60_000, "chr2": 60_000, "chr3": 60_000}
    holdout = [{"region": "chr1:4,790-4,810", "fold": "valid", "name": "locus"}]
    for seed in range(5):
        _, _, folds = split(sizes, table(), seed, chromosomes={"test": ["chr2"], "valid": []}, holdout=holdout)
        assert (folds[folds["chrom"] == "chr2"]["fold"] == "test").all()
        assert set(folds[folds["fold"] == "test"]["chrom"]) == {"chr2"}
        touching = folds[(folds["chrom"] == "chr1") & (folds["start"] < 4810) & (folds["end"] > 4790)]
        assert len(touching) and (touching["fold"] == "valid").all()
        windows = make_windows(folds, BIN, WINDOW, STRIDES, seed)
        over = windows[(windows["chrom"] == "chr1") & (windows["start"] < 4810) & (windows["end"] > 4790)]
        assert len(over) and (over["fold"] == "valid").all()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"chromosomes": {"test": ["chr9"]}}, "chr9"),
        ({"chromosomes": {"test": ["chr1"], "valid": ["chr1"]}}, "chr1 is in test and in valid"),
        ({"holdout": [{"region": "chr1:1-99999999", "fold": "test"}]}, "ends at 60000"),
        ({"holdout": [{"region": "chr1-5", "fold": "test"}]}, "not a region"),
        (
            {"chromosomes": {"test": ["chr1"]}, "holdout": [{"region": "chr1:10-20", "fold": "valid"}]},
            "chromosomes: test puts it into test",
        ),
    ],
)
def test_contradictions_stop(more, message):
    with pytest.raises(InputError, match=message):
        split({"chr1": 60_000, "chr2": 60_000}, table(), 1, **more)


def test_empty_fold_stops():
    with pytest.raises(InputError, match="fold .* got none of 1 contigs"):
        assign_folds(table(("chr1", 0, 4_800)), FRACTIONS, 1)


def test_training_contigs_that_touch_are_joined_and_others_are_not():
    rows = [("chr1", 0, 1200, "train"), ("chr1", 1200, 2400, "train"), ("chr1", 2400, 3600, "test")]
    rows.append(("chr1", 3600, 4800, "test"))
    folds = pd.DataFrame(rows, columns=[*COLUMNS, "fold"])
    windows = make_windows(folds, BIN, WINDOW, STRIDES, 1)
    train = windows[windows["fold"] == "train"]
    assert sorted(train["start"]) == [0, 300, 600, 900, 1200]
    assert train["contig"].nunique() == 1
    assert windows[windows["fold"] == "test"]["start"].tolist() == [2400, 3600]
    assert windows["contig"].nunique() == 3


def test_windows_of_low_quality_are_left_out_with_the_reason():
    windows = pd.DataFrame([("chr1", 0, 1000, "train"), ("chr1", 500, 1500, "test")], columns=[*COLUMNS, "fold"])
    filtered = {"A": {"chr1": np.arange(20) < 4}, "B": {"chr1": np.zeros(20, bool)}}
    flagged = flag_windows(windows, filtered, BIN, 0.3)
    assert flagged["kept"].tolist() == [False, True]
    assert flagged["reason"].tolist() == ["too many filtered bins in A", ""]
    assert flagged["filtered_A"].tolist() == [0.4, 0.0]
    assert flag_windows(windows, filtered, BIN, 0.3, keep=True)["kept"].all()
    finite = flag_finite(flagged, {"A": [0.2, 0.9], "B": [0.9, 0.3]}, 0.5)
    assert finite["kept"].tolist() == [False, False]
    assert finite["reason"].tolist() == [
        "too many filtered bins in A; too few finite pixels in A",
        "too few finite pixels in B",
    ]
    kept = flag_finite(flagged, {"B": [0.9, 0.3]}, 0.5, keep=True)
    assert kept["kept"].tolist() == [False, True] and kept["reason"].tolist()[1] == "too few finite pixels in B"
    with pytest.raises(InputError, match="fold test has no window left of 1 .1 x too few finite pixels in B"):
        require_windows(finite.assign(kept=finite["fold"] == "train"), ["train", "test"])


def test_windows_are_read_back_as_written(tmp_path):
    windows = pd.DataFrame({"chrom": ["1", "2"], "start": 0, "end": 10, "kept": [True, False], "reason": ["", "poor"]})
    write_table(windows, tmp_path / "windows.tsv", float_format="%.4f")
    pd.testing.assert_frame_equal(read_windows(tmp_path / "windows.tsv"), windows)


def test_parse_region():
    assert parse_region("chr1:1,000-2,000") == Window("chr1", 1000, 2000)
    assert str(Window("chrX", 5, 9)) == "chrX:5-9"
    for text in ("chr1", "chr1:5", "chr1:9-5", "chr1:5-5", "", "chr1:a-b"):
        with pytest.raises(InputError, match="chr1:1000-2000"):
            parse_region(text)


def test_a_region_of_a_chromosome_with_colons():
    assert parse_region("HLA:01:10-20") == Window("HLA:01", 10, 20)
    assert parse_region(" HLA-DRB1*15:01:1,000-2,000 ") == Window("HLA-DRB1*15:01", 1000, 2000)
    for text in ("HLA:01", "HLA:01:10", "chr 1:5-9", "chr1:,-9", "chr1:5-", ":5-9", "chr1:-5-9", "chr1:5-9:+"):
        with pytest.raises(InputError, match="is not a region; write it as chr1:1000-2000"):
            parse_region(text)


CHROMOSOMES = st.text(st.characters(codec="utf-8", exclude_categories=("Z", "C")), min_size=1)


@given(CHROMOSOMES, st.integers(0, 10**12), st.integers(1, 10**12))
def test_a_region_is_read_as_it_was_written(chrom, start, length):
    window = Window(chrom, start, start + length)
    assert parse_region(str(window)) == window
    assert parse_region(f"{chrom}:{window.start:,}-{window.end:,}") == window


def test_read_bed(tmp_path):
    bed = tmp_path / "some.bed"
    bed.write_text("# comment\nchr1\t1\t5\tname\n1\t7\t9\tother\n")
    assert read_bed(bed).to_numpy().tolist() == [["chr1", 1, 5], ["1", 7, 9]]
    bed.write_text("")
    assert read_bed(bed).empty
    bed.write_text("chrom\tstart\tend\nchr1\t1\t5\n")
    with pytest.raises(InputError, match="no header"):
        read_bed(bed)
    bed.write_text("chr1 1 5\n")
    with pytest.raises(InputError, match="three tab-separated"):
        read_bed(bed)


def test_published_split_line_by_line(shared, tmp_path):
    """Digests of the authors' contigs.bed and sequences.bed."""
    sizes = read_chromsizes(shared / "data/akita/hg38.reduced.chrom.sizes")
    gaps = read_bed(shared / "data/akita/hg38_gaps_binsize2048_numconseq10.bed")
    contigs = published_split.published_contigs(sizes, gaps, 2**20, 4096 * 2048)
    write_table(contigs, tmp_path / "contigs.bed", header=False)
    folds = published_split.published_folds(contigs, FRACTIONS)
    bases = (folds["end"] - folds["start"]).groupby(folds["fold"]).sum()
    assert bases.to_dict() == {"train": 2_078_450_861, "valid": 254_228_224, "test": 253_678_336}
    windows = published_split.published_windows(folds, 2048, 512, {"train": 128, "valid": 256, "test": 256})
    assert windows["fold"].value_counts().to_dict() == {"train": 7008, "valid": 419, "test": 413}
    write_table(windows[[*COLUMNS, "fold"]], tmp_path / "sequences.bed", header=False)
    digests = [sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("contigs.bed", "sequences.bed")]
    assert digests == [
        "ec361ff2f3679b95db94a9b25ebfc1f636d7994307d736839eea9efdf5c0a230",
        "cf868b4e7469f783e8ac6f7d0bee4d4dae48a598d00bbb06815a8cb025e566c5",
    ]


def test_published_split_on_a_small_genome():
    """The recipe's own behaviour where the authors' files are not at hand: halving, the lost contig, strict ends."""
    sizes = {"chr2": 100_000, "chr10": 30_000, "chr1": 700}
    contigs = published_split.published_contigs(sizes, table(("chr2", 64_000, 66_000)), 1_000, 20_000)
    lengths = (contigs["end"] - contigs["start"]).tolist()
    # 64,000 -> 4 x 16,000; 34,000 -> 2 x 17,000; 30,000 -> 2 x 15,000; the longest left, one of 17,000, is lost
    assert sorted(lengths) == [15_000] * 2 + [16_000] * 4 + [17_000]
    folds = published_split.published_folds(contigs, FRACTIONS)
    assert (folds["end"] - folds["start"]).is_monotonic_decreasing
    one = table(("chr1", 150, 1400)).assign(fold="train")
    windows = published_split.published_windows(one, 100, 4, STRIDES)
    # from the first whole bin; a window that would end with the contig is left out
    assert sorted(windows["start"]) == [200, 500, 800]
    exact = table(("chr1", 200, 600)).assign(fold="test")
    assert published_split.published_windows(exact, 100, 4, STRIDES).empty
