"""Position frequency matrices of motifs, from JASPAR and from files of one's own.

The score of a sequence is its log-odds in bits against a background of independent bases. The matrix gets one
pseudocount per column, distributed as the background.
"""

import io
import re
import warnings
from dataclasses import dataclass

import numpy as np

from akitaflow.errors import InputError
from akitaflow.files import require_text

UNIFORM = (0.25, 0.25, 0.25, 0.25)
PSEUDOCOUNT = 1.0  #: per column of the matrix
# pattern by which a file of a matrix is recognised, by Biopython's name of the format
_MATRIX_FORMATS = {
    "minimal": r"^MEME version[\s\S]*^letter-probability matrix",
    "transfac": r"^P[0O]\s+A\s+C\s+G\s+T",
    "jaspar": r"\A\s*>",
}
_MATRIX_NAMES = {"minimal": "MEME", "transfac": "TRANSFAC", "jaspar": "JASPAR"}


@dataclass(frozen=True, eq=False)
class Matrix:
    """Position frequency matrix of a motif.

    Attributes
    ----------
    name : str
        Transcription factor, for example CTCF.
    matrix_id : str
        Id with version, for example MA0139.1.
    counts : ndarray of float64, shape (4, width)
        Counts of A, C, G and T at each position.

    Raises
    ------
    InputError
        If the counts have another shape, are negative or not finite, or a position has none.
    """

    name: str
    matrix_id: str
    counts: np.ndarray

    def __post_init__(self):
        counts = np.asarray(self.counts, float)
        object.__setattr__(self, "counts", counts)
        place = f"matrix {self.matrix_id} ({self.name})"
        if counts.ndim != 2 or counts.shape[0] != 4 or counts.shape[1] == 0:
            advice = "; transpose it" if counts.ndim == 2 and counts.shape[1] == 4 else ""
            raise InputError(
                f"{place} has the shape {counts.shape}; write 4 rows, of A, C, G and T, and a column per position"
                f"{advice}"
            )
        for wrong, what in (
            (~np.isfinite(counts), "is no finite number"),
            (counts < 0, "is negative; write counts, not log-odds scores"),
        ):
            if wrong.any():
                base, position = np.argwhere(wrong)[0]
                raise InputError(f"{place}, position {position + 1}, {'ACGT'[base]}: {counts[base, position]} {what}")
        empty = np.flatnonzero(counts.sum(axis=0) == 0)
        if len(empty):
            raise InputError(f"{place}, position {empty[0] + 1}: all counts are 0; leave the position out")

    @property
    def width(self):
        """Length of the motif, bp."""
        return self.counts.shape[1]

    @property
    def consensus(self):
        """The most frequent base at each position, the first of equal ones."""
        return "".join("ACGT"[base] for base in self.counts.argmax(axis=0))

    def log_odds(self, background=UNIFORM):
        """Log-odds scores in bits, shape (4, width), with :data:`PSEUDOCOUNT`."""
        base = np.asarray(background, float)[:, None]
        total = self.counts.sum(axis=0)
        return np.log2((self.counts + PSEUDOCOUNT * base) / (total + PSEUDOCOUNT) / base)

    def attainable_pvalue(self, background=UNIFORM):
        """Smallest p value that a sequence reaches: the probability of the best-scoring sequences."""
        scores = self.log_odds(background)
        best = np.isclose(scores, scores.max(axis=0), rtol=0, atol=1e-9)
        return float((best * np.asarray(background, float)[:, None]).sum(axis=0).prod())

    def threshold(self, pvalue, background=UNIFORM):
        """Score in bits that a random sequence of the background reaches with probability ``pvalue``.

        Raises
        ------
        InputError
            If the p value is not between 0 and 1, or no sequence reaches it, which happens with short matrices.
        """
        import MOODS.tools

        if not 0 < pvalue < 1:
            raise InputError(f"p value {pvalue} of a motif scan; write one between 0 and 1")
        attainable = self.attainable_pvalue(background)
        if attainable > pvalue:
            raise InputError(
                f"matrix {self.matrix_id} ({self.name}, {self.width} bp) cannot reach p = {pvalue:g}: its best "
                f"sequence has p = {attainable:.2g}; write a larger motifs.pvalue or leave the motif out"
            )
        return float(MOODS.tools.threshold_from_p(self.log_odds(background).tolist(), list(background), pvalue))


def jaspar_matrix(release, matrix_id):
    """Matrix of JASPAR, from the database of pyjaspar.

    Matrices are selected by id, because a name may return the matrix of another organism in recent releases.

    Parameters
    ----------
    release : str
        For example ``JASPAR2018``.
    matrix_id : str
        With or without version; without, the latest version of the release.

    Returns
    -------
    Matrix

    Raises
    ------
    InputError
        If pyjaspar lacks the release, or the release lacks the matrix.
    """
    from pyjaspar import jaspardb

    releases = jaspardb().get_releases()
    if release not in releases:
        raise InputError(f"motifs.release is {release!r}; write one of {', '.join(releases)}")
    database = jaspardb(release=release)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a missing matrix is reported below
        motif = database.fetch_motif_by_id(matrix_id)
    if motif is None:
        raise InputError(f"{release} has no matrix {matrix_id!r}; write the id of one it has, such as MA0139.1")
    counts = np.array([motif.counts[base] for base in "ACGT"], float)
    return Matrix(motif.name, motif.matrix_id, counts)


def read_matrix(path, matrix_id=None):
    """Matrix from a file of one's own, read by Biopython.

    Parameters
    ----------
    path : str
        JASPAR (``>ID NAME`` and four rows), MEME (text, with ``letter-probability matrix``) or TRANSFAC. MEME's
        probabilities become counts by the number of sites (``nsites``, 20 without it).
    matrix_id : str, optional
        Id or name of the matrix; needed if the file has several.

    Returns
    -------
    Matrix

    Raises
    ------
    InputError
        If the format is another one, the file is damaged, does not have the matrix or has several, the rows are
        probabilities without a number of sites, the sums of the positions differ by more than a quarter from their
        median, or :class:`Matrix` refuses it.
    """
    from Bio import motifs as formats

    require_text(path, "a matrix as JASPAR, MEME or TRANSFAC")
    try:
        with open(path, encoding="utf-8-sig") as file:
            text = file.read()
    except UnicodeDecodeError:
        raise InputError(f"{path} is not text in UTF-8; give a matrix as JASPAR, MEME or TRANSFAC") from None
    kind = next((kind for kind, pattern in _MATRIX_FORMATS.items() if re.search(pattern, text, re.M)), None)
    if kind is None:
        raise InputError(
            f"{path} is no matrix as JASPAR ('>ID NAME' and four rows), MEME ('MEME version' and 'letter-probability "
            "matrix') or TRANSFAC ('P0 A C G T'); write one of them"
        )
    if kind == "jaspar":
        _check_rows(text, path)
    if kind == "minimal" and re.search(r"^ALPHABET=.*U", text, re.M):
        raise InputError(f"{path} has matrices of RNA (ALPHABET= ACGU); write those of DNA, with T for U")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            record = formats.parse(io.StringIO(text), kind, **({"strict": False} if kind == "transfac" else {}))
    except Exception as error:  # Biopython's parsers raise many kinds, also Exception itself
        raise InputError(f"{path} cannot be read as {_MATRIX_NAMES[kind]}: {error}") from error
    if not record:
        raise InputError(
            f"{path} has no whole matrix as {_MATRIX_NAMES[kind]}; write a name and numbers for A, C, G and T at each "
            "position"
        )
    matrices = {}
    widths = [int(width) for width in re.findall(r"^letter-probability matrix:.*\bw= *(\d+)", text, re.M)]
    for number, motif in enumerate(record):
        names = _names_of(motif, kind, number)
        rows = [motif.counts[base] for base in "ACGT"]
        if len(set(map(len, rows))) > 1:
            lengths = ", ".join(str(len(row)) for row in rows)
            raise InputError(f"{path}: the rows of matrix {names[0]} have {lengths} columns; write as many in each")
        if kind == "minimal" and number < len(widths) and len(rows[0]) != widths[number]:
            raise InputError(
                f"{path}: matrix {names[0]} states w= {widths[number]}, but has {len(rows[0])} rows of 4 numbers; "
                "write a row per position, of A, C, G and T"
            )
        if names in matrices:
            raise InputError(f"{path} has two matrices {names[0]}; keep one of them, or write another id")
        matrices[names] = rows
    chosen = [names for names in matrices if matrix_id is None or matrix_id in names]
    if len(chosen) != 1:
        listed = ", ".join(names[0] for names in matrices) or "none"
        wanted = f"no matrix {matrix_id}" if matrix_id and not chosen else f"{len(chosen)} matrices"
        raise InputError(f"{path} has {wanted} (it has {listed}); write the id of one of them as 'matrix' of the motif")
    try:
        matrix = Matrix(chosen[0][-1], chosen[0][0], np.array(matrices[chosen[0]], float))
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    sums = matrix.counts.sum(axis=0)
    if kind != "minimal" and sums.max() < 2:
        raise InputError(
            f"{path}: the positions of matrix {matrix.matrix_id} sum to {np.median(sums):.3g}, as probabilities do; "
            "write counts, or a MEME file with the number of sites (nsites)"
        )
    different = np.abs(sums - np.median(sums)) > 0.25 * np.median(sums)
    if different.any():
        position = int(np.flatnonzero(different)[0])
        raise InputError(
            f"{path}: position {position + 1} of matrix {matrix.matrix_id} sums to {sums[position]:g}, the others to "
            f"{np.median(sums):g}; write rows of A, C, G and T with a column per position, not the reverse"
        )
    return matrix


def _check_rows(text, path):
    """Check that each matrix of JASPAR has four rows; Biopython leaves out further ones, as of transposed matrices."""
    for part in re.split(r"^[ \t]*>", text, flags=re.M)[1:]:
        title, *rows = part.splitlines()
        n_rows = sum(bool(row.strip()) for row in rows)
        if n_rows > 4:
            raise InputError(
                f"{path}: matrix {' '.join(title.split())[:60]} has {n_rows} rows; write the 4 rows of A, C, G and T, "
                "with a column per position, not the reverse (as HOCOMOCO and HOMER do)"
            )


def _names_of(motif, kind, number):
    """Names by which a matrix of a file can be chosen: the id first, the name last."""
    if kind == "jaspar":
        names = [motif.matrix_id, motif.name]
    elif kind == "transfac":
        names = [motif.get(key) for key in ("AC", "ID", "NA")]
    else:
        names = (motif.name or "").split()
    return tuple(dict.fromkeys(name for name in names if name)) or (f"number {number + 1}",)


def find_matrix(release, matrix_id=None, path=None):
    """Matrix of a set of motifs: from a file of one's own, or from JASPAR.

    Parameters
    ----------
    release : str
        See :func:`jaspar_matrix`.
    matrix_id : str, optional
    path : str, optional
        See :func:`read_matrix`; empty for a matrix of JASPAR.

    Returns
    -------
    Matrix or None
        None without an id and a file.
    """
    if path:
        matrix = read_matrix(path, matrix_id)
    elif matrix_id:
        matrix = jaspar_matrix(release, matrix_id)
    else:
        return None
    print(f"matrix {matrix.matrix_id} ({matrix.name}): {matrix.width} bp, consensus {matrix.consensus}")
    return matrix
