"""Intervals of a genome: windows, regions as text, BED files and chromosome sizes.

Coordinates are 0-based and half-open, in bp. Tables of intervals have the columns chrom, start, end.
"""

import re
from typing import NamedTuple

import pandas as pd

from akitaflow.errors import InputError

COLUMNS = ["chrom", "start", "end"]

_REGION = re.compile(r"([^\s:]+):([\d,]+)-([\d,]+)")


class Window(NamedTuple):
    """A stretch of a chromosome, 0-based and half-open, in bp."""

    chrom: str
    start: int
    end: int

    def __str__(self):
        return f"{self.chrom}:{self.start}-{self.end}"


def parse_region(text):
    """A region written as ``chr1:1,000-2,000``: 0-based and half-open, thousands separators allowed.

    Returns
    -------
    Window

    Raises
    ------
    InputError
        If the text is no region or the region is empty.
    """
    found = _REGION.fullmatch(str(text).strip())
    start, end = (int(number.replace(",", "")) for number in found.groups()[1:]) if found else (0, 0)
    if start >= end:
        raise InputError(f"{text!r} is not a region; write it as chr1:1000-2000, the start below the end")
    return Window(found[1], start, end)


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
