"""Genomic intervals: windows, regions written as text, BED files and chromosome sizes.

Coordinates are 0-based and half-open, in bp. Tables of intervals have the columns chrom, start, end.
"""

import gzip
import re
import zlib
from typing import NamedTuple

import numpy as np
import pandas as pd

from akitaflow import logs
from akitaflow.errors import InputError
from akitaflow.files import is_gzipped, require_text

COLUMNS = ["chrom", "start", "end"]

# A name of a chromosome may have colons, as HLA-DRB1*15:01 does; coordinates follow the last one.
_REGION = re.compile(r"(?P<chrom>\S+):(?P<start>[0-9][0-9,]*)-(?P<end>[0-9][0-9,]*)")


_WHOLE = re.compile(r"[0-9]{1,15}")


class EmptyRegion(InputError):
    """Region whose start is not below its end."""


class Window(NamedTuple):
    """Interval of a chromosome, 0-based and half-open, in bp."""

    chrom: str
    start: int
    end: int

    def __str__(self):
        return f"{self.chrom}:{self.start}-{self.end}"


def parse_region(text):
    """Read a region written as ``chr1:1000-2000``.

    Parameters
    ----------
    text : str
        Chromosome, start and end in bp, 0-based and half-open. Numbers may have thousands separators, as in
        ``chr1:1,000-2,000``. Names of chromosomes may have colons but no blanks, as in ``HLA-DRB1*15:01:0-2000``.

    Returns
    -------
    Window
        ``parse_region(str(window))`` gives the same window.

    Raises
    ------
    InputError
        If the text is no region.
    EmptyRegion
        If the start is not below the end; also an InputError.
    """
    message = f"{text!r} is not a region; write it as chr1:1000-2000, the start below the end"
    parts = _REGION.fullmatch(str(text).strip())
    if parts is None:
        raise InputError(message)
    start, end = (int(parts[key].replace(",", "")) for key in ("start", "end"))
    if start >= end:
        raise EmptyRegion(message)
    return Window(parts["chrom"], start, end)


def read_bed(path, chromsizes=None, key=None):
    """First three columns of a BED file.

    Parameters
    ----------
    path : str or Path
    chromsizes : dict of str to int, optional
        Lengths in bp of the chromosomes in use. Intervals of other chromosomes are left out.
    key : str, optional
        Key of the config that names the file, for messages.

    Returns
    -------
    DataFrame
        chrom, start, end; 0-based, half-open, in the order of the file. Empty if the file has no interval.

    Raises
    ------
    InputError
        As for :func:`read_intervals`.
    """
    return read_intervals(path, chromsizes, key)[COLUMNS]


def read_intervals(path, chromsizes=None, key=None, *, lines=False):
    """Rows of a BED-like file: BED of three or more columns, narrowPeak, or UCSC's tables of intervals.

    Every BED-like file of a study is read here. Columns are separated by tabs. Empty lines and lines that begin with
    ``#``, ``track`` or ``browser`` are skipped, as is a byte order mark. Lines end with LF, CR LF or CR. The first
    column is left out if it is the bin number of UCSC's tables. Names of chromosomes are text: ``08``, ``1e4``,
    ``true`` and ``NA`` stay as they are.

    Parameters
    ----------
    path : str or Path
        Plain, gzipped or bgzipped; read to its end.
    chromsizes : dict of str to int, optional
        Lengths in bp of the chromosomes in use. Intervals of other chromosomes are left out, and a line with their
        number is printed; without any interval there is a warning.
    key : str, optional
        Key of the config that names the file, for messages.
    lines : bool
        Whether the table has a column ``line``, the number of the line in the file, from 1.

    Returns
    -------
    DataFrame
        chrom, start, end, then the file's other columns as text, named by their position from 3; 0-based, half-open,
        in the order of the file.

    Raises
    ------
    InputError
        With the file and line: fewer than three columns, another number of columns than in the lines before, positions
        that are not whole numbers, an empty interval, a quotation mark, blank or hidden character in a name, an
        interval that ends beyond its chromosome, BEDPE. Or no interval lies on one of the chromosomes, or a name
        differs from that of a chromosome by ``chr`` or case.
    """
    numbers, rows = _split_lines(path)
    if not rows:
        if chromsizes is not None:
            logs.warn(f"{path}{_of(key)} has no interval")
        return pd.DataFrame({"chrom": pd.Series(dtype=str), "start": pd.Series(dtype=int), "end": pd.Series(dtype=int)})
    if len(rows[0]) > 3 and not _WHOLE.fullmatch(rows[0][1]) and all(map(_WHOLE.fullmatch, rows[0][2:4])):
        rows = [row[1:] for row in rows]
    pairs = [is_bedpe(row) for row in rows]
    if all(pairs) or any(pair and not row[0].isdigit() for pair, row in zip(pairs, rows, strict=True)):
        raise InputError(
            f"{path}, line {numbers[pairs.index(True)]}: two intervals in a line (BEDPE); write one interval in a line"
        )
    intervals = [_interval(row, f"{path}, line {number}") for number, row in zip(numbers, rows, strict=True)]
    table = pd.DataFrame(intervals, columns=COLUMNS)
    for column in range(3, len(rows[0])):
        table[column] = [row[column] for row in rows]
    if lines:
        table["line"] = numbers
    return table if chromsizes is None else _on_chromosomes(table, numbers, path, chromsizes, key)


def is_bedpe(cells):
    """Whether the cells of a line are two intervals of one chromosome, as in BEDPE, which BED has no place for."""
    return len(cells) > 5 and cells[3] == cells[0] and all(map(_WHOLE.fullmatch, cells[4:6]))


def _split_lines(path):
    """Line numbers, from 1, and cells of the lines that hold an interval."""
    numbers, rows = [], []
    for number, line in enumerate(re.split("\r\n|\n|\r", _read_text(path)), start=1):
        if not line.strip() or line.startswith("#") or line.split(None, 1)[0] in ("track", "browser"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) < 3:
            raise InputError(
                f"{path}, line {number}: {line[:80]!r} is not a BED line of at least three tab-separated columns; "
                "write chromosome, start and end, separated by tabs"
            )
        if rows and len(cells) != len(rows[0]):
            raise InputError(
                f"{path}, line {number}: {len(cells)} columns where line {numbers[0]} has {len(rows[0])}; write as "
                "many columns in every line"
            )
        numbers.append(number)
        rows.append(cells)
    return numbers, rows


def _read_text(path):
    """Text of a file, decompressed if it is gzipped."""
    require_text(path, "a BED file, plain or gzipped")
    try:
        opener = gzip.open if is_gzipped(path) else open
        with opener(path, "rb") as file:
            content = file.read()
    except (EOFError, OSError, zlib.error) as error:
        raise InputError(f"{path} cannot be read to its end ({error}): get the file again.") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}, line {content[: error.start].count(bytes([10])) + 1}: not text in UTF-8; write a BED file as "
            "tab-separated plain text, or gzip it"
        ) from None


def _interval(cells, place):
    """Chromosome, start and end of a line, checked."""
    chrom, start, end = cells[:3]
    if not chrom or not chrom.isprintable() or chrom.split() != [chrom] or '"' in chrom or "'" in chrom:
        raise InputError(
            f"{place}: {chrom!r} is not a name of a chromosome; write it without blanks, quotation marks or hidden "
            "characters"
        )
    for column, text in (("start", start), ("end", end)):
        if not _WHOLE.fullmatch(text):
            raise InputError(
                f"{place}: column {column} holds {text!r}; write whole numbers, no header (100000, not 1e+05 or "
                "100,000; a header line begins with #)"
            )
    if int(start) >= int(end):
        raise InputError(f"{place}: {chrom}:{start}-{end} is empty; write a start below the end (0-based, half-open)")
    return chrom, int(start), int(end)


def _on_chromosomes(table, numbers, path, chromsizes, key):
    """The intervals on chromosomes in use; their ends are compared with the lengths."""
    used = table["chrom"].isin(chromsizes.keys())
    if not used.any():
        raise InputError(
            f"no interval of {path}{_of(key)} lies on a chromosome of the genome: the file names "
            f"{some_names(table['chrom'].unique())}, the genome {some_names(chromsizes)}. Write the names as the FASTA "
            "has them, or give the file of this genome."
        )
    names = table["chrom"].unique()
    without = {bare_name(chrom): chrom for chrom in chromsizes if chrom not in set(names)}
    for name in names:
        if name not in chromsizes and bare_name(name) in without:
            number = numbers[int(np.argmax(table["chrom"] == name))]
            raise InputError(
                f"{path}, line {number}: the genome has no {name!r}, but {without[bare_name(name)]!r}; write the names "
                "as the FASTA has them"
            )
    beyond = used & (table["end"] > table["chrom"].map(chromsizes))
    if beyond.any():
        row = table[beyond].iloc[0]
        raise InputError(
            f"{path}, line {numbers[int(np.argmax(beyond))]}: {row['chrom']}:{row['start']}-{row['end']} ends beyond "
            f"the chromosome ({chromsizes[row['chrom']]} bp): is it of another assembly?"
        )
    print(f"{path}: {used.sum()} of {len(table)} intervals used, on chromosomes of the genome")
    return table[used].reset_index(drop=True)


def _of(key):
    return f" ({key})" if key else ""


def bare_name(name):
    """Name of a chromosome without ``chr`` and case, to find names that are meant to be the same.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
    """
    return name.lower().removeprefix("chr")


def some_names(names, most=8):
    """The first names as text for messages: ``chr1, chr2 and 22 more``."""
    names = list(map(str, names))
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def read_chromsizes(path):
    """Chromosome lengths from two tab-separated columns without a header.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    dict of str to int
        Length in bp, in the order of the file.

    Raises
    ------
    InputError
        With the line: not a name and a length of at least 1, or a name that stands twice.
    """
    try:
        with open(path, encoding="utf-8-sig") as file:
            lines = file.read().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error}); give names and lengths of chromosomes") from None
    sizes = {}
    for number, line in enumerate(lines, start=1):
        name, _, size = line.partition("\t")
        size = size.partition("\t")[0]  # an index of FASTA has further columns
        if not name or not (size.isascii() and size.isdigit() and int(size) > 0):
            raise InputError(
                f"{path}, line {number}: found {line!r}; write the name of a chromosome, a tab and its length in bp"
            )
        if name in sizes:
            raise InputError(f"{path}, line {number}: {name} stands twice; keep one of the lines")
        sizes[name] = int(size)
    return sizes


def subtract(chromsizes, blocked):
    """Parts of chromosomes outside blocked regions.

    Parameters
    ----------
    chromsizes : mapping of str to int
        Lengths in bp.
    blocked : DataFrame
        chrom, start, end; 0-based, half-open. They may overlap.

    Returns
    -------
    DataFrame
        chrom, start, end; chromosomes in the order of ``chromsizes``.
    """
    import bioframe

    chromosomes = pd.DataFrame({"chrom": list(chromsizes), "start": 0, "end": list(chromsizes.values())})
    blocked = blocked[blocked["chrom"].isin(chromsizes.keys())]
    free = bioframe.subtract(chromosomes, blocked) if len(blocked) else chromosomes
    free = free[COLUMNS].astype({"chrom": str, "start": int, "end": int})
    order = free["chrom"].map({chrom: i for i, chrom in enumerate(chromsizes)})
    return free.assign(order=order).sort_values(["order", "start"])[COLUMNS].reset_index(drop=True)


def overlaps(intervals, others):
    """Which intervals share a base with one of the others.

    Parameters
    ----------
    intervals, others : DataFrame
        chrom, start, end; 0-based, half-open.

    Returns
    -------
    ndarray of bool, shape (intervals,)
    """
    import bioframe

    if not len(intervals) or not len(others):
        return np.zeros(len(intervals), bool)
    counted = bioframe.count_overlaps(intervals[COLUMNS].reset_index(drop=True), others[COLUMNS].reset_index(drop=True))
    return counted["count"].to_numpy() > 0


def inside(intervals, windows):
    """Pairs of an interval and a window in which it lies wholly.

    Parameters
    ----------
    intervals, windows : DataFrame
        chrom, start, end; 0-based, half-open.

    Returns
    -------
    (rows, window_rows) : tuple of ndarray of int, shape (pairs,)
        Positions in both tables, sorted by interval, then by window.
    """
    import bioframe

    if not len(intervals) or not len(windows):
        return np.zeros(0, int), np.zeros(0, int)
    tables = (table[COLUMNS].reset_index(drop=True) for table in (intervals, windows))
    pairs = bioframe.overlap(*tables, how="inner", return_index=True)
    pairs = pairs[(pairs["start"] >= pairs["start_"]) & (pairs["end"] <= pairs["end_"])]
    rows, window_rows = (pairs[name].to_numpy(int) for name in ("index", "index_"))
    order = np.lexsort([window_rows, rows])
    return rows[order], window_rows[order]


def bases_in_bins(starts, ends, edges):
    """Number of bases of each interval in each bin of one chromosome.

    Parameters
    ----------
    starts, ends : ndarray, shape (intervals,)
        0-based, half-open, in bp.
    edges : ndarray, shape (bins + 1,)
        Borders of the bins, bp, ascending.

    Returns
    -------
    ndarray, shape (intervals, bins)
    """
    return np.clip(np.minimum(ends[:, None], edges[1:]) - np.maximum(starts[:, None], edges[:-1]), 0, None)
