"""Repeats from UCSC's table of RepeatMasker, and random control intervals."""

import difflib
import zlib

import numpy as np
import pandas as pd

from akitaflow.errors import InputError
from akitaflow.files import is_gzipped, require_text
from akitaflow.genome.intervals import some_names
from akitaflow.genome.sequence import UNKNOWN
from akitaflow.seeds import generator

#: Columns of a table of repeats.
COLUMNS = ["chrom", "start", "end", "name", "family", "repeat_class", "strand"]

_UCSC_COLUMNS = 17  # bin, scores, genoName, genoStart, genoEnd, genoLeft, strand, repName, repClass, repFamily, ...
_PLACES = {5: "chrom", 6: "start", 7: "end", 9: "strand", 10: "name", 11: "repeat_class", 12: "family"}
_TRIES = 100  # attempts to place an interval, and to place all intervals of a window
_ROWS = 500_000  # rows read at once; the table has millions


def read_rmsk(path, family=None, names=None, chromsizes=None):
    """Repeats from UCSC's table ``rmsk.txt``, plain or gzipped.

    Parameters
    ----------
    path : str
        Tab-separated: bin, swScore, milliDiv, milliDel, milliIns, genoName, genoStart, genoEnd, genoLeft, strand,
        repName, repClass, repFamily, repStart, repEnd, repLeft, id. Positions are 0-based, half-open. There is no
        header, or one that begins with ``#``, as the Table Browser writes it.
    family : str, optional
        Select this repFamily, for example B2.
    names : iterable of str, optional
        Select these repNames, for example B2_Mm2.
    chromsizes : dict of str to int, optional
        Lengths in bp of the genome's chromosomes, with which the file is compared. Repeats of others are left out.

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS`; 0-based, half-open. Chromosomes in the order of the file, repeats sorted by position.

    Raises
    ------
    InputError
        If the file is damaged or a row has another layout. With ``chromsizes`` also if it has none of the names, no
        repeat of the selection lies on a chromosome of the genome, or one ends beyond its chromosome.
    """
    require_text(path, "UCSC's table rmsk.txt, plain or gzipped")
    selected, families = [], set()
    try:
        chunks = pd.read_csv(
            path,
            sep="\t",
            header=None,
            dtype=str,
            keep_default_na=False,
            quoting=3,
            chunksize=_ROWS,
            compression="gzip" if is_gzipped(path) else None,
        )
        for chunk in chunks:
            table = _read_chunk(chunk, path)
            families.update(table["family"])
            keep = np.ones(len(table), bool)
            if family is not None:
                keep &= (table["family"] == family).to_numpy()
            if names is not None:
                keep &= table["name"].isin(list(names)).to_numpy()
            selected.append(table[keep])
    except pd.errors.EmptyDataError:
        pass
    except (pd.errors.ParserError, EOFError, OSError, UnicodeDecodeError, zlib.error) as error:
        raise InputError(f"{path} cannot be read to its end ({error}): get the file again.") from error
    if not selected and chromsizes is not None:
        raise InputError(f"{path} has no repeat; give the file rmsk.txt.gz of the genome.")
    if not selected:
        return pd.DataFrame(columns=COLUMNS).astype({"start": np.int64, "end": np.int64})
    table = pd.concat(selected, ignore_index=True)
    if chromsizes is not None:
        table = _on_genome(table, path, family, names, families, chromsizes)
    order = {chrom: i for i, chrom in enumerate(dict.fromkeys(table["chrom"]))}
    return table.iloc[np.lexsort([table["start"], table["chrom"].map(order)])].reset_index(drop=True)


def _on_genome(table, path, family, names, families, chromsizes):
    """The repeats on chromosomes of the genome."""
    if table.empty:
        called = f" of the names {', '.join(names)}" if names is not None else ""
        close = difflib.get_close_matches(str(family), families, n=1) or sorted(families)[:8]
        raise InputError(
            f"{path}: no repeat of family {family!r}{called}; its families (repFamily) are {', '.join(close)}, ..."
        )
    absent = [name for name in names or () if name not in set(table["name"])]
    if absent:
        raise InputError(
            f"{path}: no repeat of family {family!r} has the name {absent[0]!r} (repName); it has "
            f"{some_names(table['name'].unique())}"
        )
    used = table["chrom"].isin(chromsizes.keys())
    if not used.any():
        raise InputError(
            f"{path}: no repeat of family {family!r} lies on a chromosome of the genome: the file names "
            f"{some_names(table['chrom'].unique())}, the genome {some_names(chromsizes)}. Give the file of this genome."
        )
    beyond = used & (table["end"] > table["chrom"].map(chromsizes))
    if beyond.any():
        row = table[beyond].iloc[0]
        raise InputError(
            f"{path}: the repeat {row['chrom']}:{row['start']}-{row['end']} ends beyond the chromosome "
            f"({chromsizes[row['chrom']]} bp): is it of another assembly?"
        )
    print(f"{path}: {used.sum()} of {len(table)} repeats used, on chromosomes of the genome")
    return table[used]


def _read_chunk(chunk, path):
    """Checked rows with the columns :data:`COLUMNS`; the index of the chunk numbers the rows of the file from 0."""
    if chunk.shape[1] != _UCSC_COLUMNS:
        raise InputError(
            f"{path}, row {chunk.index[0] + 1}: {chunk.shape[1]} columns where UCSC's rmsk table has {_UCSC_COLUMNS}; "
            "give the file rmsk.txt.gz of the genome (RepeatMasker's own .out files have another layout)."
        )
    if chunk.index[0] == 0 and chunk.iloc[0, 0].startswith("#"):
        chunk = chunk.iloc[1:]
    table = chunk[list(_PLACES)].rename(columns=_PLACES)
    positions = table[["start", "end"]].apply(pd.to_numeric, errors="coerce")
    valid = (positions["end"] > positions["start"]) & (positions["start"] >= 0) & table["strand"].isin(["+", "-"])
    valid &= (positions % 1 == 0).all(axis=1)
    valid &= pd.to_numeric(chunk.iloc[:, -1], errors="coerce").notna()  # a row that lacks a column ends early
    if not valid.all():
        row = int(np.flatnonzero(~valid)[0])
        row_text = " ".join(chunk.iloc[row, 5:].astype(str))
        raise InputError(
            f"{path}, row {chunk.index[row] + 1}: {row_text!r} is not genoName, genoStart, genoEnd, genoLeft, strand, "
            "repName, ... of UCSC's rmsk table; give the file rmsk.txt.gz of the genome."
        )
    return table.assign(**positions.astype(np.int64))[COLUMNS]


def random_intervals(genome, windows, pairs, avoid, seed, *names):
    """Random control intervals: one in the same window and of the same length for each interval.

    Random intervals lie inside their window. They hold no N and overlap neither each other nor the intervals to avoid.
    Longer intervals are placed first. The draws of a window depend only on the seed, the names and the position of the
    window.

    Parameters
    ----------
    genome : akitaflow.genome.sequence.Genome
    windows : DataFrame with columns window, chrom, start, end
        0-based, half-open, in bp.
    pairs : DataFrame with columns window, start, end
        Intervals of each window, as from :func:`akitaflow.genome.motifs.sites_in_windows`.
    avoid : DataFrame with columns chrom, start, end
        Intervals to avoid, also those that lie only partly in a window.
    seed : int
    *names : str or int
        Purpose of the intervals, see :func:`akitaflow.seeds.derive`.

    Returns
    -------
    DataFrame
        Columns window, chrom, start, end; for each window as many rows as in ``pairs``. Sorted by window and start.

    Raises
    ------
    InputError
        If a window has no room for its intervals.
    """
    avoided = {chrom: group[["start", "end"]].to_numpy(np.int64) for chrom, group in avoid.groupby("chrom", sort=False)}
    lengths = (pairs["end"] - pairs["start"]).groupby(pairs["window"], sort=False).apply(list).to_dict()
    rows = []
    for window in windows.sort_values("window").itertuples():
        if window.window not in lengths:
            continue
        free = genome.fetch(window.chrom, int(window.start), int(window.end)) != UNKNOWN
        for start, end in avoided.get(window.chrom, np.empty((0, 2), np.int64)) - window.start:
            free[max(start, 0) : max(end, 0)] = False
        rng = generator(seed, *names, window.chrom, window.start, window.end)
        drawn = _place(sorted(lengths[window.window], reverse=True), free, rng)
        if drawn is None:
            raise InputError(
                f"window {window.chrom}:{window.start}-{window.end} has no room for {len(lengths[window.window])} "
                "random intervals as long as those given: leave the window out."
            )
        rows += [(window.window, window.chrom, window.start + start, window.start + end) for start, end in drawn]
    return pd.DataFrame(rows, columns=["window", "chrom", "start", "end"])


def _place(lengths, free, rng):
    """Random non-overlapping intervals on free bases, sorted; None if they do not fit in any of the attempts."""
    for _ in range(_TRIES):
        still_free, drawn = free.copy(), []
        for length in lengths:
            start = _draw(length, still_free, rng)
            if start is None:
                break
            still_free[start : start + length] = False
            drawn.append((start, start + length))
        if len(drawn) == len(lengths):
            return sorted(drawn)
    return None


def _draw(length, free, rng):
    """A start drawn uniformly from those after which all bases are free; None if there is none."""
    if length > len(free):
        return None
    for start in rng.integers(0, len(free) - length + 1, _TRIES).tolist():  # faster than listing all starts
        if free[start : start + length].all():
            return start
    n_blocked = np.concatenate([[0], np.cumsum(~free)])
    possible = np.flatnonzero(n_blocked[length:] == n_blocked[:-length])
    return int(rng.choice(possible)) if len(possible) else None
