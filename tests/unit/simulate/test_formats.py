"""Stand-ins for public data: they have the formats of the real files, and the readers get the truth back."""

import gzip

import numpy as np
import pandas as pd
import pytest

from akitaflow.analyses import five_c as reader
from akitaflow.errors import InputError
from akitaflow.genome import bigwig, fasta, matrices, motifs, repeats
from akitaflow.genome.sequence import UNKNOWN
from akitaflow.simulate import five_c, folding, formats

SIZES = {"chr1": 60_000, "chr2": 40_000}


@pytest.fixture(scope="module")
def chromosomes():
    rng = np.random.default_rng(1)
    codes = {chrom: rng.integers(0, 4, size, dtype=np.uint8) for chrom, size in SIZES.items()}
    codes["chr1"][20_003:21_290] = UNKNOWN
    return codes


def tables():
    sites = pd.DataFrame(
        [
            ("chr1", 5000, 5019, "CTCF", 0.9),
            ("chr1", 9000, 9019, "CTCF", 0.3),
            ("chr1", 12000, 12019, "CTCF", 0.0),
            ("chr2", 7000, 7021, "REST", 0.9),
        ],
        columns=["chrom", "start", "end", "factor", "occupancy"],
    )
    decoys = pd.DataFrame({"chrom": "chr2", "start": np.arange(10_000, 38_000, 200)})
    return sites, decoys.assign(end=decoys["start"] + 10, factor="SP1")


def test_tracks_have_peaks_where_factors_act_and_no_values_in_gaps(tmp_path, chromosomes):
    sites, decoys = tables()
    means = {}
    for dataset, factors in {"A": ["CTCF"], "B": ["CTCF", "REST"]}.items():
        peaks = formats.track_peaks(sites, decoys, factors, "CTCF", 1, "human", dataset)
        paths = {name: tmp_path / f"{dataset}.{name}.bw" for name in ("CTCF", "DNase")}
        formats.write_tracks(paths, chromosomes, peaks, 1, dataset)
        for name, path in paths.items():
            at = sites.assign(start=sites["start"] - 20, end=sites["start"] + 40)
            means[dataset, name] = bigwig.bin_track(path, at, 60)[:, 0]
    strong, weak, masked, rest = means["A", "CTCF"]
    assert strong > 4 and 0.2 * strong < weak < 0.7 * strong
    assert masked < 0.5 and rest < 0.5 and means["B", "CTCF"][3] < 0.5
    assert means["A", "DNase"][0] > 3 and means["A", "DNase"][3] < 0.5 < 3 < means["B", "DNase"][3]
    gap = pd.DataFrame({"chrom": ["chr1"], "start": [20_000], "end": [21_300]})
    known = np.isfinite(bigwig.bin_track(tmp_path / "A.CTCF.bw", gap, 1)[0])
    np.testing.assert_array_equal(np.flatnonzero(~known), np.arange(3, 1290))
    whole = bigwig.bin_track(tmp_path / "B.DNase.bw", gap.assign(start=30_000, end=60_000), 10)
    assert np.isfinite(whole).all() and 0.1 < np.median(whole) < 0.4


def test_some_decoys_are_open_in_every_cell_type_and_bound_by_none():
    sites, decoys = tables()
    peaks_by_name = {
        name: formats.track_peaks(sites, decoys, ["CTCF"], "CTCF", 1, "human", name) for name in ("A", "B")
    }
    opened = {name: set(peaks["DNase"].query("chrom == 'chr2'")["middle"]) for name, peaks in peaks_by_name.items()}
    assert opened["A"] == opened["B"] and 4 <= len(opened["A"]) <= 30
    assert opened["A"] <= set(decoys["start"] + 5)
    assert (peaks_by_name["A"]["CTCF"]["chrom"] == "chr1").all()
    assert not np.allclose(peaks_by_name["A"]["CTCF"]["height"], peaks_by_name["B"]["CTCF"]["height"])


def test_tracks_are_those_of_the_seed(tmp_path, chromosomes):
    sites, decoys = tables()
    contents = []
    for seed in (1, 1, 2):
        peaks = formats.track_peaks(sites, decoys, ["CTCF"], "CTCF", seed, "human", "A")
        path = tmp_path / "x.bw"
        formats.write_tracks({"CTCF": path}, chromosomes, {"CTCF": peaks["CTCF"]}, seed, "A")
        contents.append(bigwig.bin_track(path, pd.DataFrame({"chrom": ["chr2"], "start": [0], "end": [40_000]}), 8))
    np.testing.assert_array_equal(contents[0], contents[1])
    assert (contents[0] != contents[2]).any()


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [(0, 131_072, 585), (131_072, 131_073, 586), (131_071, 131_073, 73), (0, 8_388_608, 9), (0, 8_388_609, 1)],
)
def test_bins_of_ucsc_tables(start, end, expected):
    """UCSC's scheme: 585 + start / 128 kb for what lies in one such stretch, else 73 + start / 1 Mb, and so on."""
    assert formats.ucsc_bin(start, end) == expected
    assert formats.ucsc_bin(0, 2**29) == 0


def test_the_table_of_repeats_gives_back_the_elements(tmp_path):
    b2 = pd.DataFrame({"chrom": ["chr2", "chr1"], "start": [100, 900], "end": [290, 1090], "strand": ["-", "+"]})
    long_repeats = pd.DataFrame({"chrom": ["chr1"], "start": [2000], "end": [3920], "family": ["long"]})
    rows = formats.rmsk_rows({"b2": b2, "repeats": long_repeats}, SIZES, 0.12, 1, "mouse")
    assert all(len(row) == 17 for row in rows)
    formats.write_rows(tmp_path / "rmsk.txt.gz", rows)
    read = repeats.read_rmsk(tmp_path / "rmsk.txt.gz")
    assert read[["chrom", "start"]].to_numpy().tolist() == [["chr1", 900], ["chr1", 2000], ["chr2", 100]]
    elements = repeats.read_rmsk(tmp_path / "rmsk.txt.gz", family="B2")
    assert elements["strand"].tolist() == ["+", "-"] and set(elements["name"]) <= set(formats.B2_NAMES)
    assert rows[0][8] == 1090 - 60_000  # genoLeft
    without = formats.rmsk_rows({"b2": b2.iloc[:0], "repeats": long_repeats}, SIZES, 0.12, 1, "human")
    assert [row[12] for row in without] == ["L1"]


def test_the_table_of_gaps_gives_back_the_gaps(tmp_path):
    gaps = pd.DataFrame({"chrom": ["chr1", "chr1", "chr2"], "start": [5, 900, 70], "end": [50, 1000, 90]})
    formats.write_rows(tmp_path / "gap.txt.gz", formats.gap_rows(gaps))
    assert len(gzip.open(tmp_path / "gap.txt.gz", "rt").readline().split("\t")) == 9
    pd.testing.assert_frame_equal(fasta.read_gaps(tmp_path / "gap.txt.gz", SIZES), gaps)


def test_files_do_not_depend_on_the_time(tmp_path):
    for name in "ab":
        formats.write_rows(tmp_path / name, [(1, "x")], ["# header"])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert gzip.open(tmp_path / "a", "rt").read() == "# header\n1\tx\n"


def test_the_track_of_jaspar_holds_what_a_scan_finds(tmp_path, chromosomes):
    matrix = matrices.jaspar_matrix("JASPAR2018", "MA0139.1")
    planted = {chrom: codes.copy() for chrom, codes in chromosomes.items()}
    best = matrix.log_odds().argmax(axis=0)
    planted["chr2"][300:319] = best
    planted["chr2"][500:519] = 3 - best[::-1]
    formats.write_rows(tmp_path / "MA0139.1.tsv.gz", formats.jaspar_rows(planted, matrix, 1e-4))
    read = motifs.read_jaspar_track(tmp_path / "MA0139.1.tsv.gz")
    starts, strands, _ = motifs.scan_codes(planted["chr2"], matrix, 1e-4)
    assert list(read.columns) == motifs.COLUMNS
    mine = read[read["chrom"] == "chr2"]
    assert mine["start"].tolist() == starts.tolist()
    assert mine["strand"].tolist() == ["+" if strand > 0 else "-" for strand in strands]
    assert mine[mine["score"] == 1000][["start", "end", "strand"]].to_numpy().tolist() == [
        [300, 319, "+"],
        [500, 519, "-"],
    ]
    rarer = motifs.read_jaspar_track(tmp_path / "MA0139.1.tsv.gz", pvalue=1e-5)
    expected, _, _ = motifs.scan_codes(planted["chr2"], matrix, 1e-5)
    assert abs((rarer["chrom"] == "chr2").sum() - len(expected)) <= 1 and len(rarer) < len(read)


def test_p_values_of_scores_are_shares_of_all_sequences():
    scores = np.array([[1.0, -2.0], [0.5, 0.0], [-1.0, 0.25], [-1.5, 1.0]])
    tail = formats.score_tail(scores)
    sums = (scores[:, 0][:, None] + scores[:, 1]).ravel()
    for index in (0, 150, 300, len(tail) - 1):
        assert np.isclose(tail[index], (sums >= sums.min() + index * 0.01 - 1e-6).mean())


def test_a_wrong_jaspar_track_is_named_with_its_row(tmp_path):
    path = tmp_path / "MA0139.1.tsv"
    path.write_text("chr1\t101\t119\tCTCF\t900\t500\t+\nchr1\t0\t119\tCTCF\t900\t500\t+\n")
    with pytest.raises(InputError, match="MA0139.1.tsv, row 2: 'chr1 0 119 CTCF 900 500 .' is not"):
        motifs.read_jaspar_track(path)
    path.write_text("chr1\t100\t119\tCTCF\t900\t+\n")
    with pytest.raises(InputError, match="row 1: 6 columns where JASPAR's tracks have 7"):
        motifs.read_jaspar_track(path)
    path.write_text("chr1\t101\t119\tCTCF\t900\t500\t-\n")
    assert motifs.read_jaspar_track(path).to_numpy().tolist() == [["chr1", 100, 119, "CTCF", 900.0, "-"]]


LENGTH, BIN = 51_200, 128  # 400 bins


def domain(first, last):
    """Enrichment where bins [first, last) meet each other three times as often."""
    band = np.ones((400, 97))
    for distance in range(last - first):
        band[first : last - distance, distance] = 3.0
    return band


# a domain that ends in the deletion, and one that goes on beyond it
DOMAINS = {"wild_type": domain(180, 200), "deletion": domain(180, 215)}
FOLDING = {"distance_bins": 2 * five_c.REGION + 2}


@pytest.fixture(scope="module")
def experiment(tmp_path_factory):
    """5C of both genomes, as files."""
    folder = tmp_path_factory.mktemp("five_c")
    table = pd.DataFrame({"chrom": ["chr1"], "start": [197 * BIN], "end": [204 * BIN], "name": ["deletion"]})
    locus = five_c.Locus.of_tables(table, {"chr1": LENGTH, "chr2": 9000}, BIN)
    fragments = five_c.cut(locus, 3)
    decay = folding.distance_decay(**FOLDING)
    for name, band in DOMAINS.items():
        matrix = five_c.counts(locus, fragments, band, decay, 3, name, deleted=name == "deletion")
        five_c.write_matrix(folder / f"{name}.matrix.gz", five_c.labels(locus, fragments), matrix, name)
    five_c.write_chain(folder / "sim1_to_human.over.chain.gz", locus, {"chr1": LENGTH, "chr2": 9000})
    return locus, fragments, folder


def read(folder):
    fragments, wild_type = reader.read_my5c(folder / "wild_type.matrix.gz")
    others, deletion = reader.read_my5c(folder / "deletion.matrix.gz")
    pd.testing.assert_frame_equal(fragments, others)
    return fragments, wild_type, deletion


def test_fragments_are_cut_from_the_region_one_after_the_other(experiment):
    locus, fragments, _ = experiment
    assert fragments["start"].iloc[0] == (200 - 70) * BIN and fragments["end"].iloc[-1] == (200 + 70) * BIN
    assert (fragments["end"].to_numpy()[:-1] == fragments["start"].to_numpy()[1:]).all()
    lengths = fragments["end"] - fragments["start"]
    assert lengths.min() >= 0.35 * BIN - 1 and lengths.std() > 20 and 100 < lengths.mean() < 160
    assert not fragments.equals(five_c.cut(locus, 4))


def test_the_chain_lifts_the_labels_and_reports_those_it_cannot_lift(experiment):
    locus, fragments, folder = experiment
    labelled, _, _ = read(folder)
    lifted, report = reader.lift(labelled, folder / "sim1_to_human.over.chain.gz")
    original = fragments.loc[lifted.index]
    assert (labelled["start"] - fragments["start"]).tolist() != [1000] * len(fragments)
    # a fragment's ends come back exactly where no edit lies inside it
    inside = [((fragments["start"] < place) & (fragments["end"] > place)).to_numpy() for place, _ in locus.edits()]
    touched = np.any(inside, axis=0)
    whole = lifted.index[~touched[lifted.index]]
    np.testing.assert_array_equal(lifted.loc[whole, ["start", "end"]], original.loc[whole])
    assert set(labelled.index) - set(lifted.index) <= set(np.flatnonzero(touched))
    assert len(report) == len(labelled) and touched.sum() == 2
    shifts = set((labelled["start"] - fragments["start"])[~touched])
    assert shifts == {1000, 1037, 1016}


def test_the_deletion_is_bracketed_from_its_empty_rows(experiment):
    locus, _, folder = experiment
    labelled, wild_type, deletion = read(folder)
    lifted, _ = reader.lift(labelled, folder / "sim1_to_human.over.chain.gz")
    outer, inner = reader.empty_stretch(lifted, wild_type, deletion)
    assert outer[0] <= locus.start < inner[0] < inner[1] < locus.end <= outer[1]
    assert outer[1] - outer[0] < 3 * (locus.end - locus.start)


def test_both_experiments_show_how_their_genome_folds(experiment, monkeypatch):
    for name in ("EFFICIENCY", "FAILED", "RANDOM"):  # what else there is in a count is another matter
        monkeypatch.setattr(five_c, name, 0.0)
    locus, fragments, _ = experiment
    placed = fragments.assign(chrom="chr1")
    decay = folding.distance_decay(**FOLDING)
    for name, places in (
        ("wild_type", placed),
        ("deletion", reader.excise(placed, "chr1", locus.start, locus.end)),
    ):
        n_bins = 140 if name == "wild_type" else 133
        matrix = five_c.counts(locus, fragments, DOMAINS[name], decay, 3, name, deleted=name == "deletion")
        contacts = reader.rebin(places, matrix, "chr1", (200 - 70) * BIN, n_bins, BIN)
        distance = np.abs(np.subtract.outer(np.arange(n_bins), np.arange(n_bins)))
        ratio = np.where(distance > 2, contacts / decay[distance], np.nan)  # a fragment does not meet itself
        outside = np.nanmean(ratio[90:130, 90:130])
        across = np.nanmean(ratio[52:64, 72:83]) / outside
        assert 2.8 < np.nanmean(ratio[52:68, 52:68]) / outside < 3.2
        assert 0.9 < across < 1.1 if name == "wild_type" else 2.8 < across < 3.2


def test_primers_fail_in_both_experiments_alike(experiment):
    locus, fragments, folder = experiment
    _, wild_type, deletion = read(folder)
    failed = np.isnan(wild_type).all(axis=0)
    gone = np.isnan(deletion).all(axis=0)
    assert 0 < failed.sum() < 0.15 * len(fragments) and gone[failed].all()
    primer = fragments["end"] - five_c.PRIMER
    np.testing.assert_array_equal(gone & ~failed, ((fragments["end"] > locus.start) & (primer < locus.end)) & ~failed)
    assert np.isnan(np.diagonal(wild_type)).all()
    np.testing.assert_array_equal(wild_type, wild_type.T)
