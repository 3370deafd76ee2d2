"""Repeats: RepeatMasker's table as UCSC gives it, and random intervals to set beside them."""

import zlib

import numpy as np
import pandas as pd

from akitaflow.errors import InputError
from akitaflow.genome.fasta import is_gzipped
from akitaflow.genome.sequence import UNKNOWN
from akitaflow.seeds import generator

COLUMNS = ["chrom", "start", "end", "name", "family", "repeat_class", "strand"]

_UCSC_COLUMNS = 17  # bin, scores, genoName, genoStart, genoEnd, genoLeft, strand, repName, repClass, repFamily, ...
_PLACES = {5: "chrom", 6: "start", 7: "end", 9: "strand", 10: "name", 11: "repeat_class", 12: "family"}
_TRIES = 100  # random starts of an interval, and placements of all intervals of a window
_ROWS = 500_000  # of the table, which has millions of rows, that are read at once


def read_rmsk(path, family=None, names=None):
    """Repeats of UCSC's table ``rmsk.txt``, gzipped or not.

    Parameters
    ----------
    path : str
        Tab-separated, without a header: bin, swScore, milliDiv, milliDel, milliIns, genoName, genoStart, genoEnd,
        genoLeft, strand, repName, repClass, repFamily, repStart, repEnd, repLeft, id. Positions are 0-based,
        half-open.
    family : str, optional
        Only this repFamily, for example B2.
    names : iterable of str, optional
        Only these repNames, for example B2_Mm2.

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS`; sorted by position within chromosomes, which are in the order of the file. Empty
        where nothing is left.

    Raises
    ------
    InputError
        If the file is damaged or a row is not of this layout.
    """
    chosen, first = [], 0
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
            table = _read_chunk(chunk, path, first)
            keep = np.ones(len(table), bool)
            if family is not None:
                keep &= (table["family"] == family).to_numpy()
            if names is not None:
                keep &= table["name"].isin(list(names)).to_numpy()
            chosen.append(table[keep])
            first += len(chunk)
    except pd.errors.EmptyDataError:
        pass
    except (pd.errors.ParserError, EOFError, OSError, zlib.error) as error:
        raise InputError(f"{path} cannot be read to its end ({error}): get the file again.") from error
    if not chosen:
        return pd.DataFrame(columns=COLUMNS).astype({"start": np.int64, "end": np.int64})
    table = pd.concat(chosen, ignore_index=True)
    order = {chrom: i for i, chrom in enumerate(dict.fromkeys(table["chrom"]))}
    return table.iloc[np.lexsort([table["start"], table["chrom"].map(order)])].reset_index(drop=True)


def _read_chunk(chunk, path, first):
    """Some rows of the table, checked."""
    if chunk.shape[1] != _UCSC_COLUMNS:
        raise InputError(
            f"{path}, row {first + 1}: {chunk.shape[1]} columns where UCSC's rmsk table has {_UCSC_COLUMNS}; give the "
            "file rmsk.txt.gz of the genome (RepeatMasker's own .out files have another layout)."
        )
    table = chunk[list(_PLACES)].rename(columns=_PLACES)
    places = table[["start", "end"]].apply(pd.to_numeric, errors="coerce")
    good = (places["end"] > places["start"]) & (places["start"] >= 0) & table["strand"].isin(["+", "-"])
    good &= pd.to_numeric(chunk.iloc[:, -1], errors="coerce").notna()  # a row that lacks a column ends early
    if not good.all():
        row = int(np.flatnonzero(~good)[0])
        shown = " ".join(chunk.iloc[row, 5:].astype(str))
        raise InputError(
            f"{path}, row {first + row + 1}: {shown!r} is not genoName, genoStart, genoEnd, genoLeft, strand, repName, "
            "... of UCSC's rmsk table; give the file rmsk.txt.gz of the genome."
        )
    return table.assign(**places.astype(np.int64))[COLUMNS]


def random_intervals(genome, windows, pairs, avoid, seed, *names):
    """For each interval of a window a random one of the same length: what any change of that size does.

    Intervals lie inside their window, on no N, on none of those to avoid, and do not overlap each other. Longer ones
    are placed first. The draws of a window depend on the seed, the names and the window's place only.

    Parameters
    ----------
    genome : akitaflow.genome.sequence.Genome
    windows : DataFrame with columns window, chrom, start, end
    pairs : DataFrame with columns window, start, end
        The intervals of each window, as :func:`akitaflow.genome.motifs.sites_in_windows` finds them.
    avoid : DataFrame with columns chrom, start, end
        All intervals that must not be touched, also those that lie only partly in a window.
    seed : int
    *names : str or int
        What the intervals are for.

    Returns
    -------
    DataFrame
        Columns window, chrom, start, end: as many rows for each window as in ``pairs``, sorted by window and start.

    Raises
    ------
    InputError
        If a window has no room for as many.
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
    """Random places on free bases, sorted; where they are tight, placed anew until all fit. None if they do not."""
    for _ in range(_TRIES):
        left, drawn = free.copy(), []
        for length in lengths:
            start = _draw(length, left, rng)
            if start is None:
                break
            left[start : start + length] = False
            drawn.append((start, start + length))
        if len(drawn) == len(lengths):
            return sorted(drawn)
    return None


def _draw(length, free, rng):
    """A start from which all bases are free, each such start as probable as any other; None if there is none."""
    if length > len(free):
        return None
    for start in rng.integers(0, len(free) - length + 1, _TRIES).tolist():  # most are good: quicker than to list them
        if free[start : start + length].all():
            return start
    taken = np.concatenate([[0], np.cumsum(~free)])
    possible = np.flatnonzero(taken[length:] == taken[:-length])
    return int(rng.choice(possible)) if len(possible) else None
