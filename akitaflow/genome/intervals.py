"""Intervals of a genome: windows, regions as text, BED files and chromosome sizes.

Coordinates are 0-based and half-open, in bp. Tables of intervals have the columns chrom, start, end.
"""

import re
from typing import NamedTuple

import numpy as np
import pandas as pd

from akitaflow.errors import InputError

COLUMNS = ["chrom", "start", "end"]

# The name of a chromosome may have colons itself, as HLA-DRB1*15:01; the last one stands before the coordinates.
_REGION = re.compile(r"(?P<chrom>\S+):(?P<start>[0-9][0-9,]*)-(?P<end>[0-9][0-9,]*)")


class EmptyRegion(InputError):
    """A region whose start is not below its end."""


class Window(NamedTuple):
    """A stretch of a chromosome, 0-based and half-open, in bp."""

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
        ``chr1:1,000-2,000``, and the name of the chromosome any character but blanks, as in ``HLA-DRB1*15:01:0-2000``.

    Returns
    -------
    Window
        Its text, ``str(window)``, is read as the same region.

    Raises
    ------
    InputError
        If the text is no region.
    EmptyRegion
        An InputError: if the start is not below the end.
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
    """The first three columns of a BED file, whatever else it has; an empty file gives an empty table."""
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
    """Chromosome lengths in bp, in the order of the file: two tab-separated columns, no header."""
    table = pd.read_csv(path, sep="\t", header=None, names=["chrom", "size"], dtype={"chrom": str, "size": int})
    return dict(zip(table["chrom"], table["size"], strict=True))


def subtract(chromsizes, blocked):
    """What is left of chromosomes outside the blocked regions, in the order of ``chromsizes``."""
    import bioframe

    view = pd.DataFrame({"chrom": list(chromsizes), "start": 0, "end": list(chromsizes.values())})
    blocked = blocked[blocked["chrom"].isin(chromsizes.keys())]
    left = bioframe.subtract(view, blocked) if len(blocked) else view
    left = left[COLUMNS].astype({"chrom": str, "start": int, "end": int})
    order = left["chrom"].map({chrom: i for i, chrom in enumerate(chromsizes)})
    return left.assign(order=order).sort_values(["order", "start"])[COLUMNS].reset_index(drop=True)


def overlaps(intervals, others):
    """Which intervals share a base with one of the others.

    Parameters
    ----------
    intervals, others : DataFrame
        chrom, start, end.

    Returns
    -------
    ndarray of bool, shape (intervals,)
    """
    import bioframe

    if not len(intervals) or not len(others):
        return np.zeros(len(intervals), bool)
    counted = bioframe.count_overlaps(intervals[COLUMNS].reset_index(drop=True), others[COLUMNS].reset_index(drop=True))
    return counted["count"].to_numpy() > 0


def bases_in_bins(starts, ends, edges):
    """How many bases of each interval lie in each bin of one chromosome.

    Parameters
    ----------
    starts, ends : ndarray, shape (intervals,)
        bp.
    edges : ndarray, shape (bins + 1,)
        Borders of the bins, bp, ascending.

    Returns
    -------
    ndarray, shape (intervals, bins)
    """
    return np.clip(np.minimum(ends[:, None], edges[1:]) - np.maximum(starts[:, None], edges[:-1]), 0, None)
