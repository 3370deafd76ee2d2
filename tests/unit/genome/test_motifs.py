"""Motif matrices, scanning and which sites lie in which windows."""

import numpy as np
import pandas as pd
import pytest
from fakes import FakeGenome

from akitaflow.errors import InputError
from akitaflow.genome import matrices, motifs
from akitaflow.genome.sequence import UNKNOWN, encode, reverse_complement

CTCF = matrices.jaspar_matrix("JASPAR2018", "MA0139.1")
CONSENSUS = CTCF.counts.argmax(axis=0).astype(np.uint8)


def planted(length=4000, seed=2):
    """A random sequence with a forward site at 500, a reverse one at 1500 and one broken by N at 2500."""
    codes = np.random.default_rng(seed).integers(4, size=length, dtype=np.uint8)
    codes[500 : 500 + CTCF.width] = CONSENSUS
    codes[1500 : 1500 + CTCF.width] = reverse_complement(CONSENSUS)
    codes[2500 : 2500 + CTCF.width] = CONSENSUS
    codes[2510] = UNKNOWN
    return codes


def by_hand(codes, matrix, threshold):
    """Scores of every position and strand, from the definition."""
    odds = matrix.log_odds()
    sites = []
    for position in range(len(codes) - matrix.width + 1):
        word = codes[position : position + matrix.width]
        if (word == UNKNOWN).any():
            continue
        for strand, read in ((1, word), (-1, reverse_complement(word))):
            score = odds[read, np.arange(matrix.width)].sum()
            if score >= threshold:
                sites.append((position, strand, score))
    return sites


def test_the_matrix_is_jaspars():
    assert (CTCF.name, CTCF.matrix_id, CTCF.width) == ("CTCF", "MA0139.1", 19)
    assert CTCF.counts[:, 0].tolist() == [87, 291, 76, 459]
    assert CTCF.counts[:, 9].tolist() == [5, 0, 903, 3]
    assert matrices.jaspar_matrix("JASPAR2018", "MA1102.1").name == "CTCFL"


def test_a_matrix_that_jaspar_lacks_is_named():
    with pytest.raises(InputError, match="JASPAR1900"):
        matrices.jaspar_matrix("JASPAR1900", "MA0139.1")
    with pytest.raises(InputError, match="MA9999.9"):
        matrices.jaspar_matrix("JASPAR2018", "MA9999.9")


@pytest.mark.parametrize("pvalue", [1e-3, 1e-4, 1e-5])
def test_scan_finds_what_the_definition_finds(pvalue):
    codes = planted()
    positions, strands, scores = motifs.scan_codes(codes, CTCF, pvalue)
    expected = by_hand(codes, CTCF, CTCF.threshold(pvalue))
    assert list(zip(positions.tolist(), strands.tolist(), strict=True)) == [hit[:2] for hit in expected]
    assert np.allclose(scores, [hit[2] for hit in expected])
    assert {(500, 1), (1500, -1)} <= set(zip(positions.tolist(), strands.tolist(), strict=True))
    assert 2500 not in positions


def test_the_p_value_is_the_rate_of_hits_in_random_sequence():
    codes = np.random.default_rng(8).integers(4, size=1_000_000, dtype=np.uint8)
    positions, _, _ = motifs.scan_codes(codes, CTCF, 1e-4)
    assert len(positions) == pytest.approx(200, abs=45)
    # another background: as many hits in sequence of that background
    background = (0.3, 0.2, 0.2, 0.3)
    codes = np.random.default_rng(8).choice(4, size=1_000_000, p=background).astype(np.uint8)
    positions, _, _ = motifs.scan_codes(codes, CTCF, 1e-4, background)
    assert len(positions) == pytest.approx(200, abs=45)


def test_nothing_found_is_an_empty_table():
    positions, strands, scores = motifs.scan_codes(np.full(100, UNKNOWN, np.uint8), CTCF, 1e-5)
    assert len(positions) == len(strands) == len(scores) == 0
    assert len(motifs.scan_codes(encode("ACGT"), CTCF, 1e-5)[0]) == 0


def test_a_short_matrix_cannot_reach_a_small_p():
    short = matrices.jaspar_matrix("JASPAR2018", "MA0004.1")  # CACGTG
    assert short.width == 6 and short.attainable_pvalue() == pytest.approx(0.25**6)
    with pytest.raises(InputError, match="MA0004.1.*cannot reach"):
        short.threshold(1e-5)
    with pytest.raises(InputError, match="between 0 and 1"):
        short.threshold(0)
    codes = encode("TTTTTT" + "CACGTG" + "TTTTTT")
    positions, strands, _ = motifs.scan_codes(codes, short, 1e-3)
    assert positions.tolist() == [6, 6] and strands.tolist() == [1, -1]  # a palindrome scores on both strands


def test_attainable_p_counts_all_best_words():
    matrix = matrices.Matrix("tie", "MA0000.1", np.array([[5.0, 9.0], [5.0, 0.0], [0.0, 0.0], [0.0, 0.0]]))
    assert matrix.attainable_pvalue() == pytest.approx(2 / 16)
    assert matrix.attainable_pvalue((0.4, 0.1, 0.1, 0.4)) == pytest.approx(0.1 * 0.4)  # C is rarer, so scores higher


def test_overlapping_regions_give_each_site_once():
    genome = FakeGenome({"chr2": planted(), "chr1": planted(seed=9)})
    regions = pd.DataFrame(
        [("chr2", 0, 1000), ("chr2", 400, 1600), ("chr1", 490, 600), ("chr2", 505, 2000)],
        columns=["chrom", "start", "end"],
    )
    sites = motifs.scan(genome, regions, CTCF, 1e-6, name="CTCF_site")
    assert list(sites.columns) == motifs.COLUMNS
    assert not sites.duplicated().any()
    places = list(zip(sites["chrom"], sites["start"], sites["end"], sites["strand"], strict=True))
    assert places == [("chr2", 500, 519, "+"), ("chr2", 1500, 1519, "-"), ("chr1", 500, 519, "+")]
    assert set(sites["name"]) == {"CTCF_site"} and sites["score"].iloc[0] == pytest.approx(
        CTCF.log_odds().max(axis=0).sum()
    )
    # a site that reaches out of its region is none
    cut = pd.DataFrame([("chr1", 501, 700)], columns=["chrom", "start", "end"])
    assert motifs.scan(genome, cut, CTCF, 1e-6).empty


def windows():
    return pd.DataFrame(
        [(0, "chr1", 100, 200), (1, "chr1", 150, 250), (2, "chr2", 100, 200)],
        columns=["window", "chrom", "start", "end"],
    )


def sites(*rows):
    table = [(chrom, start, end, "x", 1.5, strand) for chrom, start, end, strand in rows]
    return pd.DataFrame(table, columns=motifs.COLUMNS)


def test_sites_lie_wholly_inside_their_windows():
    pairs = motifs.sites_in_windows(
        sites(("chr1", 160, 180, "+"), ("chr1", 100, 119, "-"), ("chr1", 190, 210, "+"), ("chr2", 95, 110, "+")),
        windows(),
    )
    assert pairs[["window", "start", "strand"]].to_numpy().tolist() == [
        [0, 100, "-"], [0, 160, "+"], [1, 160, "+"], [1, 190, "+"],
    ]  # fmt: skip
    assert list(pairs.columns) == ["window", *motifs.COLUMNS] and set(pairs["score"]) == {1.5}


def test_sites_in_the_margin_can_be_left_out():
    table = sites(("chr1", 100, 119, "-"), ("chr1", 110, 129, "+"), ("chr1", 171, 190, "+"), ("chr1", 172, 191, "+"))
    pairs = motifs.sites_in_windows(table, windows().iloc[:1], margin=10)
    assert pairs["start"].tolist() == [110, 171]


def test_no_sites_are_no_pairs():
    assert motifs.sites_in_windows(sites(), windows()).empty
    assert list(motifs.sites_in_windows(sites(("chr9", 1, 5, "+")), windows()).columns) == ["window", *motifs.COLUMNS]


def test_sites_from_a_bed(tmp_path):
    path = tmp_path / "sites.bed"
    path.write_text("chr2\t5\t9\tq\t7\t-\nchr1\t30\t40\tp\t12.5\t+\nchr1\t30\t40\tp\t12.5\t+\n")
    table = motifs.read_sites(str(path), "CTCF")
    assert table.to_numpy().tolist() == [["chr1", 30, 40, "p", 12.5, "+"], ["chr2", 5, 9, "q", 7.0, "-"]]
    path.write_text("chr1\t30\t40\n")
    assert motifs.read_sites(str(path), "CTCF").to_numpy().tolist() == [["chr1", 30, 40, "CTCF", 0.0, "."]]
    path.write_text("chr1\tthirty\t40\n")
    with pytest.raises(InputError, match="sites.bed"):
        motifs.read_sites(str(path), "CTCF")


def test_summary_says_how_sites_were_found():
    pairs = motifs.sites_in_windows(sites(("chr1", 160, 180, "+")), windows())
    row = motifs.summary("CTCF", sites(("chr1", 160, 180, "+")), pairs, CTCF, 1e-5).iloc[0]
    assert (row["matrix"], row["sites"], row["pairs"], row["pvalue"]) == ("MA0139.1", 1, 2, 1e-5)
    assert row["threshold"] == pytest.approx(CTCF.threshold(1e-5)) and row["attainable_pvalue"] == 0.25**19
    assert motifs.summary("own", sites(), pairs).iloc[0]["matrix"] is None
