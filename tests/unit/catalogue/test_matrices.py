"""Catalogue of files of matrices that other tools or people wrote."""

import numpy as np
import pytest
from configs import put
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from akitaflow.errors import InputError
from akitaflow.genome import matrices

COUNTS = np.array([[8, 1, 0, 2], [1, 7, 0, 2], [0, 1, 10, 3], [1, 1, 0, 3]])


def jaspar(counts=COUNTS, name="MA0001.1 mine"):
    rows = [f"{base} [ {' '.join(map(str, row))} ]" for base, row in zip("ACGT", counts, strict=False)]
    return "\n".join([f">{name}", *rows, ""])


def meme(counts=COUNTS, name="MOTIF M1 mine", head="letter-probability matrix: alength= 4 w= 4 nsites= 10 E= 0"):
    rows = [" ".join(f"{value:.6f}" for value in row) for row in (counts / 10).T]
    start = "MEME version 4\n\nALPHABET= ACGT\n\nstrands: + -\n"
    background = "Background letter frequencies\nA 0.25 C 0.25 G 0.25 T 0.25\n"
    return "\n".join([start, background, name, head, *rows, ""])


def transfac(counts=COUNTS):
    rows = [f"{k + 1:02d} {' '.join(map(str, row))} N" for k, row in enumerate(counts.T)]
    return "\n".join(["AC M0001", "XX", "ID V$MINE_01", "XX", "NA mine", "XX", "P0 A C G T", *rows, "XX", "//", ""])


GOOD = {
    "JASPAR": jaspar(),
    "JASPAR with CRLF and BOM": "\ufeff" + jaspar().replace("\n", "\r\n"),
    "MEME": meme(),
    "MEME without E": meme(head="letter-probability matrix: alength= 4 w= 4 nsites= 10"),
    "TRANSFAC": transfac(),
}


@pytest.mark.parametrize("name", GOOD)
def test_matrices_are_read(tmp_path, capsys, name):
    path = tmp_path / "a b.txt"
    path.write_text(GOOD[name], newline="")
    matrix = matrices.find_matrix("JASPAR2018", None, str(path))
    np.testing.assert_array_equal(matrix.counts, COUNTS)
    assert matrix.name == ("M1" if "MEME" in name else "mine") and matrix.width == 4 and matrix.consensus == "ACGG"
    assert "4 bp, consensus ACGG" in capsys.readouterr().out


def test_one_of_several_matrices_is_chosen_by_id_or_name(tmp_path):
    path = tmp_path / "two.jaspar"
    path.write_text(jaspar() + jaspar(COUNTS[:, ::-1], "MA0002.1 other"))
    for name in ("MA0002.1", "other"):
        assert matrices.read_matrix(str(path), name).matrix_id == "MA0002.1"
    with pytest.raises(InputError, match=r"has 2 matrices \(it has MA0001.1, MA0002.1\); write the id of one"):
        matrices.read_matrix(str(path))
    with pytest.raises(InputError, match="has no matrix CTCF"):
        matrices.read_matrix(str(path), "CTCF")


zero = COUNTS.copy()
zero[:, 2] = 0
negative = COUNTS.copy()
negative[1, 3] = -2
long = np.array([[9, 0, 1, 0], [0, 8, 1, 1], [70, 10, 10, 10], [0, 0, 9, 1], [5, 5, 0, 0], [2, 3, 2, 3]])
REFUSED = {
    "transposed JASPAR": (jaspar(long), "cannot be read as JASPAR|position 1 of matrix .* not the reverse"),
    "HOCOMOCO, of which the first four rows are alike": (
        ">CTCF_HUMAN.H11MO.0.A\n95\t123\t150\t132\n100\t130\t140\t130\n140\t110\t120\t130\n130\t120\t130\t120\n0\t500\t0\t0\n",
        "matrix CTCF_HUMAN.H11MO.0.A has 5 rows; .* not the reverse",
    ),
    "one id twice": (jaspar() + jaspar(COUNTS[:, ::-1]), "has two matrices MA0001.1; keep one"),
    "RNA": (meme().replace("ACGT", "ACGU"), "has matrices of RNA"),
    "square and transposed": (
        jaspar(np.array([[9, 0, 1, 0], [0, 8, 1, 1], [1, 1, 1, 1], [70, 1, 9, 1]])),
        "not the reverse",
    ),
    "column of zeros": (jaspar(zero), "position 3: all counts are 0; leave the position out"),
    "negative": (jaspar(negative), r"position 4, C: -2.0 is negative; write counts, not log-odds scores"),
    "rows of two lengths": (jaspar().replace(" 3 ]", " ]", 1), "cannot be read as JASPAR|columns"),
    "probabilities": (jaspar(COUNTS / 10), "sum to 1, as probabilities do; write counts, or a MEME"),
    "text in a row": (jaspar().replace("10", "ten"), "cannot be read as JASPAR"),
    "sums that differ": (jaspar(COUNTS * [1, 1, 1, 3]), "position 4 of matrix MA0001.1 sums to 30, the others to 10"),
    "three rows": (jaspar(COUNTS[:3]), "has no whole matrix as JASPAR"),
    "MEME without a row": (meme().rstrip().rpartition("\n")[0] + "\n", "states w= 4, but has 3 rows"),
    "MEME transposed": (meme(np.tile(COUNTS, 2)[:, :6].T), "states w= 4, but has 0 rows|sums to"),
    "MEME of proteins": (
        meme().replace("ALPHABET= ACGT", "ALPHABET= ACDEFGHIKLMNPQRSTVWY"),
        "cannot be read as MEME: Only",
    ),
    "no matrix": (">chr1\nACGT\n", "cannot be read as JASPAR|columns"),
    "empty": ("", "is no matrix as JASPAR"),
    "only numbers": ("1 2 3\n4 5 6\n7 8 9\n1 2 3\n", "is no matrix as JASPAR"),
    "web page": ("<html><body>404</body></html>", "is a web page"),
    "HOMER": (">ACGG\tmine\t6.0\n0.8\t0.1\t0.0\t0.1\n", "has no whole matrix as JASPAR"),
    "log-odds of MEME": (
        meme().replace("letter-probability matrix", "log-odds matrix"),
        "is no matrix as JASPAR .* MEME",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_wrong_matrices_are_refused(tmp_path, name):
    content, message = REFUSED[name]
    path = tmp_path / "mine.txt"
    path.write_text(content)
    with pytest.raises(InputError, match=f"mine.txt.*({message})"):
        matrices.read_matrix(str(path))


@pytest.mark.parametrize("counts", [COUNTS[:3], COUNTS[:, :0], np.ones(4), COUNTS * np.nan, COUNTS * np.inf])
def test_a_matrix_checks_its_counts(counts):
    with pytest.raises(InputError, match="matrix MA0000.1"):
        matrices.Matrix("x", "MA0000.1", counts)
    with pytest.raises(InputError, match="transpose it"):
        matrices.Matrix("x", "MA0000.1", np.ones((6, 4)))


@given(counts=arrays.arrays(np.int64, st.tuples(st.just(4), st.integers(1, 12)), elements=st.integers(1, 40)))
def test_a_written_matrix_is_read_or_its_sums_differ(counts, tmp_path_factory):
    path = tmp_path_factory.mktemp("matrix") / "m.txt"
    sums = counts.sum(axis=0)
    for text in (jaspar(counts), transfac(counts)):
        path.write_text(text)
        if (np.abs(sums - np.median(sums)) > 0.25 * np.median(sums)).any():
            with pytest.raises(InputError, match="sums to"):
                matrices.read_matrix(str(path))
        else:
            np.testing.assert_array_equal(matrices.read_matrix(str(path)).counts, counts)


def test_a_set_of_motifs_has_a_matrix_a_file_or_a_bed(small, tmp_path):
    (tmp_path / "m.meme").write_text(meme())
    assert small(put("motifs.sets", {"CTCF": {"file": "m.meme"}})).config["motifs"]["sets"]["CTCF"]["matrix"] is None
    small(put("motifs.sets", {"CTCF": {"file": "m.meme", "matrix": "mine"}}))
    for motif, message in (
        ({}, "neither of matrix and bed is given"),
        ({"file": "m.meme", "bed": "m.meme"}, "both of matrix and bed is given"),
        ({"matrix": "CTCF"}, "sets.CTCF.matrix: 'CTCF' is no id of JASPAR; write one with its version"),
        ({"file": "none.meme"}, "none.meme"),
    ):
        with pytest.raises(InputError, match=message):
            small(put("motifs.sets", {"CTCF": motif}))
