"""Genomic intervals: windows, regions written as text, BED files and chromosome sizes.

Coordinates are 0-based and half-open, in bp. Tables of intervals have the columns chrom, start, end.
"""

import re
from typing import NamedTuple

import numpy as np
import pandas as pd

from akitaflow.errors import InputError

COLUMNS = ["chrom", "start", "end"]

# A name of a chromosome may have colons, as HLA-DRB1*15:01 does; coordinates follow the last one.
_REGION = re.compile(r"(?P<chrom>\S+):(?P<start>[0-9][0-9,]*)-(?P<end>[0-9][0-9,]*)")


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


def read_bed(path):
    """First three columns of a BED file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    DataFrame
        chrom, start, end; 0-based, half-open. Empty if the file is empty.

    Raises
    ------
    InputError
        If the file has fewer columns, or positions that are not whole numbers.
    """
    try:
        table = pd.read_csv(path, sep="\t", header=None, comment="#", usecols=[0, 1, 2], dtype={0: str})
    except pd.errors.EmptyDataError:
        return pd.DataFrame({"chrom": pd.Series(dtype=str), "start": pd.Series(dtype=int), "end": pd.Series(dtype=int)})
    except (ValueError, pd.errors.ParserError) as error:
        raise InputError(f"{path}: not a BED file of at least three tab-separated columns ({error})") from None
    table.columns = COLUMNS
    for column in ("start", "end"):
        if not pd.api.types.is_integer_dtype(table[column]):
            raise InputError(f"{path}: column {column} holds {table[column].iloc[0]!r}; write whole numbers, no header")
    return table


def read_chromsizes(path):
    """Chromosome lengths from two tab-separated columns without a header.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    dict of str to int
        Length in bp, in the order of the file.
    """
    table = pd.read_csv(path, sep="\t", header=None, names=["chrom", "size"], dtype={"chrom": str, "size": int})
    return dict(zip(table["chrom"], table["size"], strict=True))


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
