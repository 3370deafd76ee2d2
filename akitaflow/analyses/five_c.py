"""5C data: reading of my5C matrices, lift-over to another assembly, and binning.

A 5C experiment counts contacts between restriction fragments with primers. Fragments differ in length. Fragments
without primers, and deleted fragments, have no counts; they are missing (NaN) in all results.
"""

import gzip
import re
import zlib
from dataclasses import replace

import numpy as np
import pandas as pd

from akitaflow.dataset.targets import target_map
from akitaflow.errors import InputError
from akitaflow.files import is_gzipped, require_text
from akitaflow.genome.chains import open_chain
from akitaflow.genome.intervals import bases_in_bins

FRAGMENT_COLUMNS = ["name", "assembly", "chrom", "start", "end"]

_LABEL = re.compile(r"(.*)\|([^|]*)\|([^|:]+):(\d+)-(\d+)")
_MISSING = {"nan": "nan", "na": "nan", "": "nan"}
_PROBES = 21  # bases of a fragment that are lifted, evenly spaced from the first to the last
_MAX_STRETCH = 1.5  # a fragment whose length increases by more than this factor is split


def read_my5c(path):
    """Read a my5C matrix with labels ``name|assembly|chrom:start-end`` of columns and rows.

    Labels are 1-based with inclusive ends. Lines that start with ``#`` are comments. The header may have a cell above
    the labels of the rows. If rows and columns are different fragments (forward and reverse primers), the result is a
    square matrix of all fragments, in which pairs that were not measured are missing.

    Parameters
    ----------
    path : str
        Tab-separated, gzipped or not; missing values are ``nan``, ``NA`` or empty.

    Returns
    -------
    fragments : DataFrame
        name, assembly, chrom, start, end (0-based, half-open); chromosomes in the order of the file, then by position.
    matrix : ndarray of float64, shape (fragments, fragments)
        Counts, symmetric; NaN where missing, and in rows and columns without a positive count.

    Raises
    ------
    InputError
        If the file is damaged, a label or number cannot be parsed, rows are missing, or the matrix is not symmetric.
    """
    lines = _lines(path)
    if len(lines) < 2:
        raise InputError(f"{path} holds no matrix: write a line of labels and a line for each fragment.")
    width = len(lines[1][1]) - 1
    header = lines[0][1][1:] if len(lines[0][1]) == width + 1 else lines[0][1]
    if len(header) != width:
        raise InputError(f"{path}, line {lines[0][0]}: {len(header)} labels for rows of {width} values.")
    columns = [_fragment(label, path, lines[0][0]) for label in header]
    rows, values = [], np.empty((len(lines) - 1, width))
    for i, (number, fields) in enumerate(lines[1:]):
        rows.append(_fragment(fields[0], path, number))
        try:
            values[i] = [float(_MISSING.get(field.strip().lower(), field)) for field in fields[1:]]
        except ValueError as error:
            raise InputError(f"{path}, line {number}: {width} numbers are wanted ({error}).") from None
        for wrong, what in ((values[i] < 0, "negative"), (np.isinf(values[i]), "infinite")):
            if wrong.any():
                raise InputError(f"{path}, line {number}: {what} values; give counts, not scores or logarithms.")
    for kind, labels in (("rows", rows), ("columns", columns)):
        if len(set(labels)) < len(labels):
            twice = next(label for label in labels if labels.count(label) > 1)
            raise InputError(f"{path}: the fragment {twice[0]} stands twice among the {kind}.")
    if set(rows) < set(columns):
        raise InputError(
            f"{path} has rows for {len(rows)} of the {len(columns)} fragments of its header, so it may be cut off; "
            "give a row for each, or fragments in columns that are not in rows."
        )
    return _square(path, rows, columns, values)


def _lines(path):
    """List of (line number, fields) of the lines that are not empty and not comments."""
    require_text(path, "a matrix of my5C, tab-separated text, plain or gzipped")
    lines = []
    try:
        with (gzip.open if is_gzipped(path) else open)(path, "rt", encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                line = line.rstrip("\r\n")
                if line.strip() and not line.startswith("#"):
                    lines.append((number, line.split("\t")))
    except (EOFError, OSError, UnicodeDecodeError, zlib.error) as error:
        raise InputError(f"{path} cannot be read to its end ({error}): get the file again.") from error
    return lines


def _fragment(label, path, number):
    match = _LABEL.fullmatch(label.strip().strip('"'))
    start, end = (int(place) for place in match.groups()[3:]) if match else (0, 0)
    if not 0 < start <= end:
        raise InputError(
            f"{path}, line {number}: {label!r} is no label of my5C; write it as name|hg19|chr11:33880001-33884000."
        )
    return (*match.groups()[:3], start - 1, end)


def _square(path, rows, columns, values):
    """Sorted fragments and their symmetric matrix, from a matrix of rows and columns."""
    fragments = list(dict.fromkeys([*rows, *columns]))
    chroms = list(dict.fromkeys(fragment[2] for fragment in fragments))
    fragments.sort(key=_by_place(chroms))
    place = {fragment: i for i, fragment in enumerate(fragments)}
    matrix = np.full((len(fragments), len(fragments)), np.nan)
    matrix[np.ix_([place[row] for row in rows], [place[column] for column in columns])] = values
    both = np.isfinite(matrix) & np.isfinite(matrix.T)
    differ = both & ~np.isclose(matrix, matrix.T, rtol=1e-4, equal_nan=True)
    if differ.any():
        first, second = np.argwhere(differ)[0]
        raise InputError(
            f"{path}: not symmetric, {fragments[first][0]} and {fragments[second][0]} have {matrix[first, second]:g} "
            f"and {matrix[second, first]:g}; give a matrix of counts."
        )
    matrix = np.where(np.isnan(matrix), matrix.T, matrix)
    empty = ~(np.nan_to_num(matrix) > 0).any(axis=1)
    matrix[empty] = matrix[:, empty] = np.nan
    return pd.DataFrame(fragments, columns=FRAGMENT_COLUMNS), matrix


def _by_place(chroms):
    def key(fragment):
        return chroms.index(fragment[2]), fragment[3], fragment[4], fragment[0]

    return key


def lift(fragments, chain, min_match=0.95, chromsizes=None):
    """Lift fragments to another assembly.

    21 bases of each fragment, from the first to the last, are lifted. A fragment is lifted if enough of them are, to
    one strand of one chromosome, and its length does not increase by more than half.

    Parameters
    ----------
    fragments : DataFrame with the columns of :func:`read_my5c`
    chain : str
        UCSC's chain file from the assembly of the fragments, gzipped or not.
    min_match : float
        Least fraction of these bases.
    chromsizes : dict of str to int, optional
        Lengths in bp of the genome's chromosomes, with which the lengths in the chain file are compared.

    Returns
    -------
    lifted : DataFrame
        The lifted fragments, with chrom, start and end in the other assembly and the index of ``fragments``;
        ``matrix[np.ix_(lifted.index, lifted.index)]`` is their matrix.
    report : DataFrame
        A row per fragment: name, chrom, start, end, lifted_chrom, lifted_start, lifted_end (missing if not lifted) and
        status (``lifted`` or the reason why not).

    Raises
    ------
    InputError
        If the file is not a chain file, leads to another assembly than the genome, or no fragment is lifted.
    """
    liftover = open_chain(chain, chromsizes)
    places = [
        _lifted(liftover, *row, min_match) for row in fragments[["chrom", "start", "end"]].itertuples(index=False)
    ]
    report = fragments[["name", "chrom", "start", "end"]].copy()
    for i, column in enumerate(("lifted_chrom", "lifted_start", "lifted_end", "status")):
        report[column] = pd.Series([row[i] for row in places], index=fragments.index)
    report = report.astype({"lifted_start": "Int64", "lifted_end": "Int64"})
    placed = report[report["status"] == "lifted"]
    if placed.empty:
        raise InputError(
            f"{chain}: none of {len(fragments)} fragments ({fragments['name'].iloc[0]}, ...: "
            f"{report['status'].iloc[0]}); give the chain file from {fragments['assembly'].iloc[0]!r} to this genome."
        )
    lifted = fragments.loc[placed.index].copy()
    for column in ("chrom", "start", "end"):
        lifted[column] = placed[f"lifted_{column}"].astype(fragments[column].dtype)
    return lifted, report


def _lifted(liftover, chrom, start, end, min_match):
    """(chrom, start, end, status) of one fragment in the other assembly."""
    probes = np.unique(np.linspace(start, end - 1, _PROBES).round().astype(int)).tolist()
    hits = [liftover.convert_coordinate(chrom, probe) for probe in probes]
    places = [hit[0] for hit in hits if hit]  # the best chain comes first
    share = len(places) / len(probes)
    strands = sorted({place[:3:2] for place in places})
    positions = [place[1] for place in places]
    if not places:
        status = "no chain" if hits[0] is None else "does not lift"
    elif len(strands) > 1:
        status = "split over " + ", ".join(chrom + strand for chrom, strand in strands)
    elif share < min_match:
        status = f"only about {share:.0%} of it lifts"
    elif max(positions) + 1 - min(positions) > _MAX_STRETCH * (end - start):
        status = f"split: {end - start} bp become {max(positions) + 1 - min(positions)}"
    else:
        return strands[0][0], min(positions), max(positions) + 1, "lifted"
    return None, None, None, status


def excise(fragments, chrom, start, end):
    """Convert fragments to the coordinates of a genome without [start, end) of a chromosome.

    Parameters
    ----------
    fragments : DataFrame
        With chrom, start, end.
    chrom : str
    start, end : int
        bp, 0-based, half-open.

    Returns
    -------
    DataFrame
        Without the fragments inside the deletion, with the index of ``fragments``.
    """
    moved = fragments.copy()
    on_chrom = moved["chrom"] == chrom
    for column in ("start", "end"):
        place = moved.loc[on_chrom, column]
        moved.loc[on_chrom, column] = place - (place - start).clip(0, end - start)
    return moved[moved["end"] > moved["start"]]


def rebin(fragments, matrix, chrom, start, n_bins, bin_size, per="area", min_covered=0.5):
    """Bin the contacts of fragments to a dense map of equal bins.

    The contacts of a pair of fragments are distributed evenly over its rectangle. A pixel is the sum of the contacts in
    it, divided by the fraction of its area that measured pairs cover, so that missing data do not reduce it. With
    ``per="pair"`` a pixel is the mean of the counts of its pairs, weighted by area, for experiments in which counts do
    not depend on the length of fragments because each is read from one primer.

    Parameters
    ----------
    fragments : DataFrame with columns chrom, start, end
    matrix : ndarray, shape (all fragments, all fragments)
        NaN where missing. The index of ``fragments`` gives their rows (some may be left out by :func:`lift`).
    chrom : str
    start, n_bins, bin_size : int
        First base of the first bin, 0-based; number of bins; bp.
    per : {"area", "pair"}
    min_covered : float
        Bins with a smaller fraction of their bases in measured fragments are missing.

    Returns
    -------
    ndarray of float64, shape (n_bins, n_bins)
        NaN where missing.
    """
    if per not in ("area", "pair"):
        raise ValueError(f"per is {per!r}; write area or pair")
    on_chrom = fragments[fragments["chrom"] == chrom]
    counts = matrix[np.ix_(on_chrom.index, on_chrom.index)]
    starts, ends = (on_chrom[column].to_numpy(float) for column in ("start", "end"))
    edges = start + bin_size * np.arange(n_bins + 1)
    overlap = bases_in_bins(starts, ends, edges)  # (fragments, n_bins)
    measured = np.isfinite(counts)
    area = overlap.T @ measured.astype(float) @ overlap
    length = np.ones_like(starts) if per == "pair" else ends - starts
    density = np.where(measured, counts, 0.0) / np.outer(length, length)
    with np.errstate(invalid="ignore", divide="ignore"):
        binned = overlap.T @ density @ overlap / area
    if per == "area":
        binned *= bin_size**2
    covered = overlap.T @ measured.any(axis=1) >= min_covered * bin_size
    return np.where((area > 0) & covered[:, None] & covered, binned, np.nan)


def distance_means(contacts):
    """Mean contact at each distance of a map over the finite pixels; NaN where there are none or all are 0."""
    means = np.full(len(contacts), np.nan)
    for distance in range(len(contacts)):
        values = np.diagonal(contacts, distance)
        values = values[np.isfinite(values)]
        if values.any():
            means[distance] = values.mean()
    return means


def log_observed_expected(contacts, steps):
    """Process a map like the model's targets: pooled, divided by expected, log, clipped, smoothed.

    The expected contact at a distance is the mean of this map, which may be larger than the model's window, also if
    ``steps.expected`` is "genome". Missing pixels are interpolated for the smoothing and then set to NaN again. The map
    is not balanced, because in a region of some hundred bins this would remove folding together with the efficiency of
    primers.

    Parameters
    ----------
    contacts : ndarray of float, shape (bins, bins)
        Of :func:`rebin`; NaN where missing. Its values are the counts by which sparse pixels are pooled.
    steps : akitaflow.dataset.targets.TargetSteps
        Its window may have another number of bins.

    Returns
    -------
    ndarray of float32, shape (bins, bins)
        Not cropped. Diagonals below ``steps.diagonal_offset`` are smoothed zeros.
    """
    steps = replace(steps, window_bins=len(contacts), crop_bins=0)
    values, _ = target_map(contacts, np.nan_to_num(contacts), steps, distance_means(contacts))
    return np.where(np.isnan(contacts), np.nan, values).astype(np.float32)


def empty_stretch(fragments, wild_type, deletion, chrom=None, share=0.0):
    """Bounds of a deletion from the longest run of fragments with counts in the wild type only.

    A fragment is measured by a primer at one of its ends. The deletion is therefore within the outer bounds, from the
    start of the last fragment with counts before the run to the end of the first one after it, and contains the inner
    bounds, from the end of the first fragment of the run to the start of its last. Fragments without counts in the wild
    type are ignored.

    Parameters
    ----------
    fragments : DataFrame with columns chrom, start, end
        Sorted; the index gives their rows in both matrices, as in :func:`rebin`.
    wild_type, deletion : ndarray, shape (all fragments, all fragments)
    chrom : str, optional
        Use only this chromosome.
    share : float
        Fragments of the deletion with at most this fraction of the median fragment's counts are empty, to allow for
        misaligned reads.

    Returns
    -------
    outer, inner : (int, int) or None
        0-based, half-open. ``inner`` is None if the run is too short for inner bounds.

    Raises
    ------
    InputError
        If no fragment is empty only in the deletion, or the run extends to an end of the measured region.
    """
    measured = fragments if chrom is None else fragments[fragments["chrom"] == chrom]
    normal, altered = (np.nansum(matrix, axis=1)[measured.index] for matrix in (wild_type, deletion))
    places, altered = measured[normal > 0], altered[normal > 0]
    present = altered[altered > 0]
    empty = altered <= (share * np.median(present) if len(present) else 0)
    chroms = places["chrom"].to_numpy()
    changes = np.flatnonzero((empty[1:] != empty[:-1]) | (chroms[1:] != chroms[:-1])) + 1
    runs = [run for run in np.split(np.arange(len(places)), changes) if len(run) and empty[run[0]]]
    if not runs:
        raise InputError("5C: no fragment of the wild type is empty in the deletion; are these the right files?")
    run = max(runs, key=len)
    before, after = run[0] - 1, run[-1] + 1
    for neighbour in (before, after):
        if not 0 <= neighbour < len(places) or chroms[neighbour] != chroms[run[0]]:
            raise InputError(f"5C: the empty fragments of the deletion reach the end of the data on {chroms[run[0]]}.")
    outer = int(places["start"].iloc[before]), int(places["end"].iloc[after])
    inner = int(places["end"].iloc[run[0]]), int(places["start"].iloc[run[-1]])
    return outer, inner if inner[0] < inner[1] else None
