"""Perturbations of a genome, and the perturbed sequence of a window.

A perturbation has coordinates of the reference chromosome (0-based, half-open). A list of perturbations defines one
alternative chromosome. They are applied together, so none shifts the coordinates of another. The alternative window and
its correspondence to the reference window are derived from a list of segments:

1. The alternative chromosome is a sequence of segments: intervals of the reference (forward or inverted), literal
   bases that replace an interval of the reference (substituted, randomised), and literal bases that are inserted.
   Deleted intervals have no segment. Beyond its ends the chromosome is N.
2. The image of the window is shorter than the window by its deleted bases and longer by its inserted bases. The model
   needs the reference length, so the image is recentred: it is extended with flanking bases of the alternative
   chromosome, or cut, by half of the difference on each side. The left half is rounded to whole bins (ties to the
   smaller), so that bins left of the first junction stay exactly on the reference's grid and, if the change of length
   is a whole number of bins, those to the right do too.
3. A bin of the alternative window corresponds to the reference bin that contains most of its bases (the left one of
   two halves) if all its bases come from one contiguous interval of the reference. It has no counterpart if it
   contains a junction or inserted bases, or if that reference bin is outside the reference window. Substituted and
   randomised bases keep their position. Bins of an inverted interval correspond in reverse order.

Perturbations outside the window have no effect unless recentring moves them into it; of one that crosses the window's
edge, the part inside has an effect. A duplication is the insertion of the copied bases (:func:`duplicate`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from akitaflow.errors import InputError
from akitaflow.genome.intervals import some_names
from akitaflow.genome.sequence import decode, encode, reverse_complement
from akitaflow.geometry import extension
from akitaflow.seeds import generator


@dataclass(frozen=True)
class Substitute:
    """Replace [start, end) by a sequence of the same length."""

    start: int
    end: int
    sequence: str


@dataclass(frozen=True)
class Randomise:
    """Replace [start, end) by random bases.

    Parameters
    ----------
    start, end : int
    seed : tuple
        ``(seed, *names)`` as for :func:`akitaflow.seeds.derive`, for example ``(1, "CTCF", "chr1:0-6144", draw)``.
        Start and end are appended, so that each interval has its own draw.
    composition : str or tuple of 4 float
        ``uniform`` (each base a quarter), ``shuffle`` (the interval's own bases, permuted) or probabilities of
        A, C, G, T.
    """

    start: int
    end: int
    seed: tuple = (0,)
    composition: str | tuple = "uniform"


@dataclass(frozen=True)
class Invert:
    """Replace [start, end) by its reverse complement."""

    start: int
    end: int


@dataclass(frozen=True)
class Delete:
    """Remove [start, end)."""

    start: int
    end: int


@dataclass(frozen=True)
class Insert:
    """Insert bases before ``position``; several insertions at one position keep their order."""

    position: int
    sequence: str

    @property
    def start(self):
        return self.position

    @property
    def end(self):
        return self.position


class Segment(NamedTuple):
    """A segment of the alternative chromosome.

    ``start`` and ``end`` are the interval of the reference that it contains or replaces; inserted bases have
    start == end. ``strand`` is -1 for an inverted interval. ``literal`` are the codes of substituted, randomised or
    inserted bases, None for bases of the reference.
    """

    chrom: str
    start: int
    end: int
    strand: int = 1
    literal: np.ndarray | None = None

    @property
    def length(self):
        return self.end - self.start if self.literal is None else len(self.literal)

    def cut(self, low, high):
        """The part [low, high) of the segment, counted along the alternative chromosome."""
        if low == 0 and high == self.length:
            return self
        if self.literal is not None:
            start = self.start if self.start == self.end else self.start + low
            end = self.end if self.start == self.end else self.start + high
            return Segment(self.chrom, start, end, self.strand, self.literal[low:high])
        if self.strand > 0:
            return Segment(self.chrom, self.start + low, self.start + high)
        return Segment(self.chrom, self.end - high, self.end - low, -1)


@dataclass(frozen=True, eq=False)
class Altered:
    """A window of the alternative chromosome.

    Attributes
    ----------
    codes : ndarray of uint8, shape (window length,)
    changed : ndarray of int, shape (k, 2)
        Sorted, disjoint intervals of the alternative window. Outside of them its bases equal those of the reference
        window at the same index. Each starts and ends with a differing base; differences at most a bin apart share an
        interval. Empty if and only if the two sequences are equal.
    bins : ndarray of int, shape (window bins,)
        For each bin of the alternative window the corresponding bin of the reference window, -1 if none.
    origin : tuple of Segment
        Segments of the window in order.
    """

    codes: np.ndarray
    changed: np.ndarray
    bins: np.ndarray
    origin: tuple = field(repr=False)


def apply(genome, window, perturbations, bin_size, reference=None):
    """The window of the alternative chromosome that perturbations define.

    Parameters
    ----------
    genome : akitaflow.genome.sequence.Genome
    window : akitaflow.genome.intervals.Window or (chrom, start, end)
        Reference window, bp; its length is a multiple of ``bin_size``.
    perturbations : sequence of Substitute, Randomise, Invert, Delete or Insert
        All on the window's chromosome, in reference coordinates, in any order.
    bin_size : int
        bp.
    reference : ndarray of uint8, optional
        Codes of the reference window; read from the genome if not given.

    Returns
    -------
    Altered

    Raises
    ------
    InputError
        If perturbations overlap (an insertion at the edge of another does not), lie outside the chromosome, are empty,
        or have a sequence of the wrong length.
    """
    chrom, start, end = window
    if start >= end or (end - start) % bin_size:
        raise InputError(f"window {chrom}:{start}-{end} is not a whole number of bins of {bin_size} bp")
    _size(genome, chrom)
    if reference is None:
        reference = genome.fetch(chrom, start, end)
    segments = _segments(genome, chrom, perturbations, low=start, high=end, flank=end - start)
    origin = tuple(_recentred(segments, start, end, bin_size))
    codes = np.concatenate([_codes(genome, segment, window, reference) for segment in origin])
    return Altered(codes, _changed(codes, reference, bin_size), _bins(origin, window, bin_size), origin)


def duplicate(genome, chrom, start, end):
    """The tandem duplication of [start, end): insertion of a copy of its bases at ``end``."""
    _check(Delete(start, end), chrom, _size(genome, chrom))
    return Insert(end, decode(genome.fetch(chrom, start, end)))


def merge_intervals(intervals):
    """Merge intervals that share a base; adjacent intervals are not merged.

    Parameters
    ----------
    intervals : iterable of (start, end)

    Returns
    -------
    list of (int, int)
        Sorted and disjoint.
    """
    merged = []
    for start, end in sorted((int(start), int(end)) for start, end in intervals):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def align(reference_map, alternative_map, bins, frame="reference"):
    """Align a reference and an alternative map on common bins.

    Parameters
    ----------
    reference_map, alternative_map : ndarray, shape (..., n, n)
        Maps of the window, optionally cropped by the same number of bins on both sides.
    bins : ndarray of int, shape (window bins,)
        ``Altered.bins`` of the whole window.
    frame : {"reference", "alternative"}
        Map that defines the bins of the result.

    Returns
    -------
    (reference, alternative) : tuple of ndarray of float, shape (..., n, n)
        NaN in the rows and columns of bins without counterpart in the other map.
    """
    n = np.shape(reference_map)[-1]
    bins = crop_bins(bins, n)
    alternative_bins, reference_bins = np.flatnonzero(bins >= 0), bins[bins >= 0]
    rows = {"reference": reference_bins, "alternative": alternative_bins}[frame]
    aligned = []
    for values, source in ((reference_map, reference_bins), (alternative_map, alternative_bins)):
        values = np.asarray(values)
        result = np.full(values.shape, np.nan, np.promote_types(values.dtype, np.float32))
        result[..., rows[:, None], rows] = values[..., source[:, None], source]
        aligned.append(result)
    return tuple(aligned)


def crop_bins(bins, n):
    """``Altered.bins`` of the central bins of a window, counted from the first of them.

    Parameters
    ----------
    bins : ndarray of int, shape (window bins,)
        ``Altered.bins``.
    n : int
        Number of central bins.

    Returns
    -------
    ndarray of int, shape (n,)
        -1 where the counterpart is cropped or there is none.

    Raises
    ------
    InputError
        If the crop is not the same on both sides.
    """
    crop, odd = divmod(len(bins) - n, 2)
    if odd or crop < 0:
        raise InputError(f"a map of {n} bins is not a symmetric crop of a window of {len(bins)} bins")
    inner = np.asarray(bins)[crop : crop + n] - crop
    return np.where((inner >= 0) & (inner < n), inner, -1)


def _check(edit, chrom, size):
    where = f"{type(edit).__name__} at {chrom}:{edit.start}-{edit.end}"
    if isinstance(edit, Insert):
        if not 0 <= edit.position <= size:
            raise InputError(f"{where} is outside the chromosome (0-{size})")
        if isinstance(edit.sequence, str) and not edit.sequence:
            raise InputError(f"{where} inserts nothing; leave it out")
        _check_letters(edit.sequence, where)
        return
    if not 0 <= edit.start < edit.end <= size:
        raise InputError(f"{where} is empty or outside the chromosome (0-{size})")
    if isinstance(edit, Substitute) and len(edit.sequence) != edit.end - edit.start:
        raise InputError(
            f"{where} replaces {edit.end - edit.start} bases by {len(edit.sequence)}; "
            "to change the length give a Delete and an Insert"
        )
    if isinstance(edit, Substitute):
        _check_letters(edit.sequence, where)


def _check_letters(sequence, where):
    """Raise an InputError unless a sequence is text of ASCII letters."""
    if not isinstance(sequence, str):
        raise InputError(f"{where} has a sequence of type {type(sequence).__name__}; write its bases as text")
    if not (sequence.isascii() and sequence.isalpha()):
        wrong = next(letter for letter in sequence if not (letter.isascii() and letter.isalpha()))
        raise InputError(f"{where} has {wrong!r}, which is not a letter; write N for an unknown base")


def _size(genome, chrom):
    """Length of a chromosome, bp."""
    if chrom not in genome.chromsizes:
        raise InputError(f"no chromosome {chrom!r} in the genome; it has {some_names(genome.chromsizes)}")
    return genome.chromsizes[chrom]


def _segments(genome, chrom, perturbations, low, high, flank):
    """Segments of the alternative chromosome from ``flank`` bp before to ``flank`` bp after window and perturbations.

    Deleted intervals are included as segments without bases, so that the list covers the reference without gaps.
    """
    size = _size(genome, chrom)
    for edit in perturbations:
        _check(edit, chrom, size)
    # stable sort: an insertion comes before the edit that starts at its position
    edits = sorted(perturbations, key=lambda edit: (edit.start, not isinstance(edit, Insert)))
    position = min([low, *(edit.start for edit in edits)]) - flank
    stop = max([high, *(edit.end for edit in edits)]) + flank
    segments, last = [], None
    for edit in edits:
        if edit.start < position:
            raise InputError(f"perturbations overlap on {chrom}: {last} and {edit}")
        if edit.start > position:
            segments.append(Segment(chrom, position, edit.start))
        segments.append(_edited(genome, chrom, edit))
        position, last = edit.end, edit
    segments.append(Segment(chrom, position, stop))
    return segments


def _edited(genome, chrom, edit):
    """The segment of a perturbation; for a deletion one without bases."""
    if isinstance(edit, Invert):
        return Segment(chrom, edit.start, edit.end, -1)
    if isinstance(edit, Delete):
        return Segment(chrom, edit.start, edit.end, 1, np.empty(0, np.uint8))
    if isinstance(edit, Randomise):
        return Segment(chrom, edit.start, edit.end, 1, _random_codes(genome, chrom, edit))
    return Segment(chrom, edit.start, edit.end, 1, encode(edit.sequence))


def _random_codes(genome, chrom, edit):
    random = generator(*edit.seed, edit.start, edit.end)
    length = edit.end - edit.start
    if edit.composition == "uniform":
        return random.integers(4, size=length, dtype=np.uint8)
    if edit.composition == "shuffle":
        return random.permutation(genome.fetch(chrom, edit.start, edit.end))
    is_sequence = isinstance(edit.composition, Sequence | np.ndarray) and not isinstance(edit.composition, str)
    weights = np.asarray(edit.composition, float) if is_sequence else np.zeros(0)
    if weights.shape != (4,) or not (weights >= 0).all() or abs(weights.sum() - 1) > 1e-6:
        raise InputError(
            f"composition {edit.composition!r} is unknown; "
            "write uniform, shuffle or four probabilities of A, C, G, T that sum to 1"
        )
    return random.choice(4, size=length, p=weights / weights.sum()).astype(np.uint8)


def _recentred(segments, start, end, bin_size):
    """The segments of the alternative window, cut at its ends."""
    first, last = _image(segments, start), _image(segments, end)
    shortage = (end - start) - (last - first)
    left, _ = extension(abs(shortage), bin_size)
    first -= left if shortage > 0 else -left
    last = first + (end - start)
    position = 0
    for segment in segments:
        low, high = max(first - position, 0), min(last - position, segment.length)
        if low < high:
            yield segment.cut(low, high)
        position += segment.length


def _image(segments, position):
    """Offset of a reference position along the segments: before bases inserted there, at the junction if deleted."""
    image = 0
    for segment in segments:
        if segment.start >= position:
            break
        image += segment.length if segment.end <= position else min(position - segment.start, segment.length)
    return image


def _codes(genome, segment, window, reference):
    """Codes of a segment; ``reference`` are the codes of the window."""
    if segment.literal is not None:
        return segment.literal
    chrom, start, end = window
    if segment.chrom == chrom and start <= segment.start and segment.end <= end:
        codes = reference[segment.start - start : segment.end - start]
    else:
        codes = genome.fetch(segment.chrom, segment.start, segment.end)
    return codes if segment.strand > 0 else reverse_complement(codes)


def _changed(codes, reference, gap):
    different = np.flatnonzero(codes != reference)
    if not len(different):
        return np.empty((0, 2), int)
    breaks = np.flatnonzero(np.diff(different) > gap)
    starts = different[np.concatenate([[0], breaks + 1])]
    ends = different[np.concatenate([breaks, [len(different) - 1]])] + 1
    return np.column_stack([starts, ends])


def _bins(origin, window, bin_size):
    """For each bin the corresponding reference bin (step 3 of the module's docstring), -1 where there is none."""
    chrom, start, end = window
    runs = []  # [first index in the window, reference start, reference end, strand] of contiguous intervals
    index = 0
    for segment in origin:
        if segment.start == segment.end or segment.chrom != chrom:
            runs.append([index, None, None, 0])
        elif runs and runs[-1][3] == segment.strand == 1 and runs[-1][2] == segment.start:
            runs[-1][2] = segment.end
        else:
            runs.append([index, segment.start, segment.end, segment.strand])
        index += segment.length
    n = (end - start) // bin_size
    bins = np.full(n, -1)
    for (first, low, high, strand), following in zip(runs, [run[0] for run in runs[1:]] + [index], strict=True):
        whole_bins = np.arange(-(-first // bin_size), following // bin_size)
        if strand == 0 or not len(whole_bins):
            continue
        offset = whole_bins * bin_size - first
        source = (low + offset if strand > 0 else high - offset - bin_size) - start
        bins[whole_bins] = (2 * source + bin_size - 1) // (2 * bin_size)
    return np.where((bins >= 0) & (bins < n), bins, -1)
