"""Transcription factor binding sites: scans of a matrix with MOODS, and the sites of windows.

A site is a sequence on either strand whose log-odds score reaches the threshold of a p value; sequences with N are not
sites. Matrices are those of :mod:`akitaflow.genome.matrices`.
"""

import zlib

import numpy as np
import pandas as pd

from akitaflow.errors import InputError
from akitaflow.files import is_gzipped
from akitaflow.genome.intervals import inside, read_intervals
from akitaflow.genome.matrices import UNIFORM
from akitaflow.genome.sequence import decode

COLUMNS = ["chrom", "start", "end", "name", "score", "strand"]  # BED6
_NO_SCORE = ["", ".", "NA", "nan", "NaN"]
_SEED_WIDTH = 7  # bp that MOODS indexes; speed only


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
        As for :func:`akitaflow.genome.intervals.read_intervals`, or a score is no number, or a strand is none of ``+``,
        ``-`` and ``.``.
    """
    table = read_intervals(path, chromsizes, "sites of a motif")
    names = table[3] if 3 in table else pd.Series("", index=table.index)
    scores = pd.Series(0.0, index=table.index)
    if 4 in table:
        scores = pd.to_numeric(table[4].where(~table[4].isin(_NO_SCORE), "0"), errors="coerce")
        if not np.isfinite(scores).all():
            row = table[~np.isfinite(scores)].iloc[0]
            raise InputError(
                f"{path}: the site {row['chrom']}:{row['start']}-{row['end']} has {row[4]!r} as score (column 5); "
                "write a number, or . without one"
            )
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
