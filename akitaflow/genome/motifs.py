"""Transcription factor binding sites: JASPAR matrices, scans with MOODS, and the sites of windows.

The score of a sequence is its log-odds in bits against a background of independent bases. The matrix gets one
pseudocount per column, distributed as the background. A site is a sequence on either strand whose score reaches the
threshold of a p value; sequences with N are not sites.
"""

import io
import re
import warnings
import zlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from akitaflow.errors import InputError
from akitaflow.files import is_gzipped, require_text
from akitaflow.genome.intervals import inside, read_intervals
from akitaflow.genome.sequence import decode

COLUMNS = ["chrom", "start", "end", "name", "score", "strand"]  # BED6
UNIFORM = (0.25, 0.25, 0.25, 0.25)
PSEUDOCOUNT = 1.0  # per column of the matrix
# pattern by which a file of a matrix is recognised, by Biopython's name of the format
_MATRIX_FORMATS = {
    "minimal": r"^MEME version[\s\S]*^letter-probability matrix",
    "transfac": r"^P[0O]\s+A\s+C\s+G\s+T",
    "jaspar": r"\A\s*>",
}
_MATRIX_NAMES = {"minimal": "MEME", "transfac": "TRANSFAC", "jaspar": "JASPAR"}
_SEED_WIDTH = 7  # bp that MOODS indexes; speed only


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


def scan_codes(codes, matrix, pvalue, background=UNIFORM):
    """Sites on both strands of one sequence.

    Parameters
    ----------
    codes : ndarray of uint8, shape (length,)
    matrix : Matrix
    pvalue : float
    background : tuple of 4 float
        Probabilities of A, C, G, T.

    Returns
    -------
    (positions, strands, scores) : ndarrays of int64, int8 (+1 or -1), float64
        First base of each site, 0-based, sorted by position, then strand (+ first); scores in bits. A site on both
        strands is listed twice.
    """
    threshold = matrix.threshold(pvalue, background)
    return _scan(_scanner(matrix, threshold, background), codes)


def _scanner(matrix, threshold, background):
    import MOODS.scan
    import MOODS.tools

    forward = matrix.log_odds(background).tolist()
    scanner = MOODS.scan.Scanner(_SEED_WIDTH)
    scanner.set_motifs([forward, MOODS.tools.reverse_complement(forward)], list(background), [threshold, threshold])
    return scanner


def _scan(scanner, codes):
    hits = [
        (hit.pos, strand, hit.score)
        for strand, hits_of_strand in zip((1, -1), scanner.scan(decode(codes)), strict=True)
        for hit in hits_of_strand
    ]
    hits.sort(key=lambda hit: (hit[0], -hit[1]))
    positions, strands, scores = zip(*hits, strict=True) if hits else ((), (), ())
    return np.array(positions, np.int64), np.array(strands, np.int8), np.array(scores, float)


def scan(genome, regions, matrix, pvalue, name=None, background=UNIFORM):
    """Sites in regions of a genome. A site in several regions is listed once.

    Parameters
    ----------
    genome : akitaflow.genome.sequence.Genome
    regions : DataFrame with columns chrom, start, end
        0-based, half-open, in bp. They may overlap; sites lie inside their union.
    matrix : Matrix
    pvalue : float
    name : str, optional
        Name of the sites; by default that of the matrix.
    background : tuple of 4 float
        Probabilities of A, C, G, T.

    Returns
    -------
    DataFrame
        Columns chrom, start, end, name, score (bits), strand; sorted by chromosome (in order of ``regions``) and
        position.
    """
    import bioframe

    scanner = _scanner(matrix, matrix.threshold(pvalue, background), background)
    union = bioframe.merge(regions[["chrom", "start", "end"]].reset_index(drop=True), min_dist=0)
    tables = []
    for chrom in dict.fromkeys(regions["chrom"]):
        for region in union[union["chrom"] == chrom].sort_values("start").itertuples():
            positions, strands, scores = _scan(scanner, genome.fetch(chrom, region.start, region.end))
            starts = positions + region.start
            columns = (
                chrom,
                starts,
                starts + matrix.width,
                name or matrix.name,
                scores,
                np.where(strands > 0, "+", "-"),
            )
            tables.append(pd.DataFrame(dict(zip(COLUMNS, columns, strict=True))))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)


def read_sites(path, name, chromsizes=None):
    """Sites from a BED file with at least three columns.

    Parameters
    ----------
    path : str
        Further columns are name, score and strand; a missing score is 0, a missing strand ``.``.
    name : str
        Name of sites without one.
    chromsizes : dict of str to int, optional
        Lengths in bp of the genome's chromosomes; sites of others are left out.

    Returns
    -------
    DataFrame
        Columns as :func:`scan`; without duplicates, sorted by chromosome and position.

    Raises
    ------
    InputError
        As for :func:`akitaflow.genome.intervals.read_intervals`, or a strand is none of ``+``, ``-`` and ``.``.
    """
    table = read_intervals(path, chromsizes, "sites of a motif")
    names = table[3] if 3 in table else pd.Series("", index=table.index)
    scores = pd.to_numeric(table[4], errors="coerce").fillna(0.0) if 4 in table else 0.0
    strands = table[5] if 5 in table else pd.Series(".", index=table.index)
    wrong = ~strands.isin(["+", "-", ".", ""])
    if wrong.any():
        row = table[wrong].iloc[0]
        raise InputError(
            f"{path}: the site {row['chrom']}:{row['start']}-{row['end']} has {row[5]!r} as strand (column 6); write "
            "+, - or ."
        )
    table = table[["chrom", "start", "end"]].assign(
        name=names.where(~names.isin(["", "."]), name), score=scores, strand=strands.replace("", ".")
    )
    table = table.astype({"start": "int64", "end": "int64", "score": float})
    return table.drop_duplicates().sort_values(["chrom", "start", "end", "strand"], ignore_index=True)


def read_jaspar_track(path, pvalue=None):
    """Sites from JASPAR's genome track of a matrix, for example ``hg38/MA0139.1.tsv.gz``.

    Parameters
    ----------
    path : str
        Tab-separated, gzipped or not, without a header: chromosome, first base (1-based), last base, name, relative
        score x 1000, -log10 of the p value x 100, strand.
    pvalue : float, optional
        Largest p value of the sites.

    Returns
    -------
    DataFrame
        Columns as :func:`scan`, but scores are JASPAR's relative scores, 0 to 1000. Chromosomes in the order of the
        file, sites sorted by position.

    Raises
    ------
    InputError
        If the file is damaged or a row has another layout.
    """
    compression = "gzip" if is_gzipped(path) else None
    try:
        table = pd.read_csv(path, sep="\t", header=None, dtype=str, keep_default_na=False, compression=compression)
    except pd.errors.EmptyDataError:
        return pd.DataFrame(columns=COLUMNS)
    except (pd.errors.ParserError, EOFError, OSError, zlib.error) as error:
        raise InputError(f"{path} cannot be read to its end ({error}): get the file again.") from error
    if table.shape[1] != 7:
        raise InputError(f"{path}, row 1: {table.shape[1]} columns where JASPAR's tracks have 7; give MA0139.1.tsv.gz.")
    table.columns = ["chrom", "start", "end", "name", "score", "p", "strand"]
    numbers = table[["start", "end", "score", "p"]].apply(pd.to_numeric, errors="coerce")
    valid = (numbers["start"] >= 1) & (numbers["end"] >= numbers["start"]) & numbers["p"].notna()
    valid &= numbers["score"].notna() & table["strand"].isin(["+", "-"])
    if not valid.all():
        row = int(np.flatnonzero(~valid)[0])
        raise InputError(
            f"{path}, row {row + 1}: {' '.join(table.iloc[row])!r} is not chromosome, start, end, name, score, "
            "-log10(p) x 100, strand."
        )
    table[numbers.columns] = numbers.assign(start=numbers["start"] - 1)
    if pvalue is not None:
        table = table[table["p"].astype(float) >= -100 * np.log10(pvalue) - 1e-6]
    order = {chrom: i for i, chrom in enumerate(dict.fromkeys(table["chrom"]))}
    rows = np.lexsort([table["strand"], table["end"], table["start"], table["chrom"].map(order)])
    types = {"start": "int64", "end": "int64", "score": float}
    return table.iloc[rows][COLUMNS].astype(types).reset_index(drop=True)


def sites_in_windows(sites, windows, margin=0):
    """Pairs of windows and sites that lie entirely inside them.

    Parameters
    ----------
    sites : DataFrame with the columns of :func:`scan`
    windows : DataFrame with columns window, chrom, start, end
        ``window`` is the number of the window in the result; 0-based, half-open, in bp.
    margin : int
        bp at both ends of a window in which sites are left out, for example the cropped bins.

    Returns
    -------
    DataFrame
        Columns window, then those of ``sites``; sorted by window and position.
    """
    columns = ["window", *COLUMNS]
    if sites.empty or windows.empty:
        return pd.DataFrame(columns=columns)
    inner = windows.assign(start=windows["start"] + margin, end=windows["end"] - margin)
    rows, window_rows = inside(sites, inner)
    table = sites[COLUMNS].iloc[rows].reset_index(drop=True)
    table.insert(0, "window", windows["window"].to_numpy()[window_rows])
    return table.sort_values(["window", "start", "end", "strand"], ignore_index=True)


def summary(motif, sites, pairs, matrix=None, pvalue=None, background=UNIFORM):
    """One row that describes a set of sites: the scan that found them and their number.

    Parameters
    ----------
    motif : str
    sites : DataFrame
        Columns of :func:`scan`.
    pairs : DataFrame
        Of :func:`sites_in_windows`.
    matrix : Matrix, optional
        Matrix of the scan; None for sites that were read from a file.
    pvalue : float, optional
        P value of the scan.
    background : tuple of 4 float
        Probabilities of A, C, G, T.

    Returns
    -------
    DataFrame
        Columns motif, matrix, width, consensus, pvalue, attainable_pvalue, threshold (bits), sites, pairs (of
        window and site). The columns of the scan are empty without a matrix.
    """
    row = dict.fromkeys(
        ("motif", "matrix", "width", "consensus", "pvalue", "attainable_pvalue", "threshold", "sites", "pairs")
    )
    row.update(motif=motif, sites=len(sites), pairs=len(pairs))
    if matrix is not None:
        row.update(
            matrix=matrix.matrix_id,
            width=matrix.width,
            consensus=matrix.consensus,
            pvalue=pvalue,
            attainable_pvalue=matrix.attainable_pvalue(background),
            threshold=matrix.threshold(pvalue, background),
        )
    return pd.DataFrame([row])
