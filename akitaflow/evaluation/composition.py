"""Tracks of base composition for the baselines.

A track is a dictionary of chromosome -> array; row b is the bin of bases [b * bin_size, (b + 1) * bin_size). All tracks
are strand-symmetric.
"""

import re

import numpy as np

from akitaflow.errors import InputError
from akitaflow.genome.intervals import COLUMNS, read_intervals
from akitaflow.genome.sequence import UNKNOWN, decode, reverse_complement

LARGEST_COUNTED_GENOME = 150_000_000  # bp; counting k-mers takes about 50 bytes per base
LARGEST_KMER = 64
IUPAC = {
    "A": "A", "C": "C", "G": "G", "T": "T", "R": "[AG]", "Y": "[CT]", "S": "[CG]", "W": "[AT]", "K": "[GT]",
    "M": "[AC]", "B": "[CGT]", "D": "[AGT]", "H": "[ACT]", "V": "[ACG]", "N": "[ACGT]",
}  # fmt: skip
_COMPLEMENT = str.maketrans("ACGTRYSWKMBDHVN", "TGCAYRSWMKVHDBN")
# the 16 dinucleotides fall into 10 classes of reverse complements: AA/TT, AC/GT, AG/CT, AT, CA/TG, CC/GG, ...
DINUCLEOTIDES = sorted({min((a, b), (3 - b, 3 - a)) for a in range(4) for b in range(4)})


def read_codes(genome, chromosomes):
    """Codes of whole chromosomes.

    Parameters
    ----------
    genome : akitaflow.genome.sequence.Genome
    chromosomes : iterable of str

    Returns
    -------
    dict of str to ndarray of uint8
    """
    return {chrom: genome.fetch(chrom, 0, genome.chromsizes[chrom]) for chrom in chromosomes}


def binned_share(flags, bin_size, known=None):
    """Fraction of the positions of each bin that are True.

    Parameters
    ----------
    flags : ndarray of bool, shape (length,)
    bin_size : int
        bp; the last bin may be shorter.
    known : ndarray of bool, shape (length,), optional
        Positions to use; all by default.

    Returns
    -------
    ndarray of float32, shape (ceil(length / bin_size),)
        NaN in bins without a known position.
    """
    starts = np.arange(0, len(flags), bin_size)
    known = np.ones(len(flags), bool) if known is None else known
    with np.errstate(invalid="ignore"):
        share = np.add.reduceat(flags & known, starts, dtype=np.int64) / np.add.reduceat(known, starts, dtype=np.int64)
    return share.astype(np.float32)


def gc_track(codes, bin_size):
    """Fraction of G and C among the known bases of each bin; ndarray of float32, shape (bins,)."""
    return binned_share((codes == 1) | (codes == 2), bin_size, codes != UNKNOWN)


def site_positions(codes, recognition):
    """Start positions of the sites of restriction enzymes on both strands.

    Parameters
    ----------
    codes : ndarray of uint8
        One chromosome.
    recognition : str
        Recognition sequences in IUPAC letters, separated by commas, for example ``GATC,GANTC``.

    Returns
    -------
    ndarray of int64
        Sorted and unique, 0-based.
    """
    sequence = decode(codes)
    positions = set()
    for motif in recognition.split(","):
        for strand in {motif, motif.translate(_COMPLEMENT)[::-1]}:
            pattern = "".join(IUPAC[letter] for letter in strand)
            positions.update(match.start() for match in re.finditer(f"(?={pattern})", sequence))
    return np.array(sorted(positions), np.int64)


def site_track(codes, recognition, bin_size):
    """Number of restriction sites that start in each bin; ndarray of float32, shape (bins,)."""
    n_bins = -(-len(codes) // bin_size)
    return np.bincount(site_positions(codes, recognition) // bin_size, minlength=n_bins).astype(np.float32)


def content_track(codes, bin_size, parts):
    """Base content of the parts of each bin.

    Parameters
    ----------
    codes : ndarray of uint8
    bin_size : int
        bp.
    parts : int
        Number of parts of a bin; their borders are rounded to bases.

    Returns
    -------
    ndarray of float32, shape (bins, parts, 11)
        Fraction of G + C, then of the ten classes of dinucleotides that start in the part (each with its reverse
        complement). NaN where a part has no known base.
    """
    n_bins = -(-len(codes) // bin_size)
    padded = np.full(n_bins * bin_size, UNKNOWN, np.uint8)
    padded[: len(codes)] = codes
    following = np.append(padded[1:], UNKNOWN).astype(np.uint8)
    bins, nexts = padded.reshape(n_bins, bin_size), following.reshape(n_bins, bin_size)
    known = bins != UNKNOWN
    paired = known & (nexts != UNKNOWN)
    borders = np.round(np.linspace(0, bin_size, parts + 1)).astype(int)[:-1]

    def shares(flags, among):
        with np.errstate(invalid="ignore"):
            return np.add.reduceat(flags & among, borders, 1, np.int64) / np.add.reduceat(among, borders, 1, np.int64)

    contents = [shares((bins == 1) | (bins == 2), known)]
    for a, b in DINUCLEOTIDES:
        contents.append(shares(((bins == a) & (nexts == b)) | ((bins == 3 - b) & (nexts == 3 - a)), paired))
    return np.stack(contents, -1).astype(np.float32)


def unique_kmers(codes, k):
    """Find the k-mers that occur once in a genome, counting both strands.

    Parameters
    ----------
    codes : dict of str to ndarray of uint8
        Whole chromosomes.
    k : int
        bp, at most 64.

    Returns
    -------
    dict of str to ndarray of bool, shape (length,)
        True at the first base of a k-mer that occurs nowhere else on either strand; False where it contains an N or
        extends over the end.

    Raises
    ------
    InputError
        If ``k`` is larger than 64.

    Notes
    -----
    The result is exact. Up to 32 bases fit into a 64-bit code. For longer k-mers the first and the last 32 bases are
    replaced by their ranks among all 32-mers of both strands, and the two ranks are combined to one 64-bit code. The
    smaller code of a k-mer and its reverse complement is used; sorting the codes shows which occur once.
    """
    if k > LARGEST_KMER:
        raise InputError(f"evaluation.kmer: found {k}; write {LARGEST_KMER} or less, about the length of a read")
    # an N between chromosomes, so that no k-mer spans two of them
    joined = np.concatenate([np.append(sequence, np.uint8(UNKNOWN)) for sequence in codes.values()])
    if len(joined) < k:
        return {chrom: np.zeros(len(sequence), bool) for chrom, sequence in codes.items()}
    unknown = np.concatenate([[0], np.cumsum(joined == UNKNOWN)])
    valid = np.flatnonzero(unknown[k:] == unknown[:-k])
    m = min(k, 32)
    forward = _codes_of_kmers(joined, m)
    backward = _codes_of_kmers(reverse_complement(joined), m)[::-1]  # at i: reverse complement of the m-mer at i
    if k == m:
        canonical = np.minimum(forward[valid], backward[valid])
    else:
        ranks = np.unique(np.concatenate([forward, backward]), return_inverse=True)[1].astype(np.uint64)
        forward, backward = ranks[: len(forward)], ranks[len(forward) :]
        last = valid + k - m
        shift = np.uint64(32)
        canonical = np.minimum(forward[valid] << shift | forward[last], backward[last] << shift | backward[valid])
    order = np.argsort(canonical, kind="stable")
    ordered = canonical[order]
    differs = ordered[1:] != ordered[:-1]
    once = np.append(True, differs) & np.append(differs, True)
    unique = np.zeros(len(joined), bool)
    unique[valid[order[once]]] = True
    result, position = {}, 0
    for chrom, sequence in codes.items():
        result[chrom] = unique[position : position + len(sequence)]
        position += len(sequence) + 1
    return result


def _codes_of_kmers(codes, k):
    """64-bit codes, two bits per base, of the k-mer at each position (k <= 32); arbitrary where N."""
    bits = (codes & 3).astype(np.uint64)
    result, length = None, 0
    power, size = bits, 1
    while size <= k:  # the code of 2n bases is the code of n bases, then that of the next n
        if k & size:
            if result is None:
                result = power
            else:
                n = len(power) - length
                result = result[:n] << np.uint64(2 * size) | power[length:]
            length += size
        if 2 * size > k:
            break
        power = power[: len(power) - size] << np.uint64(2 * size) | power[size:]
        size *= 2
    return result


def mappability_track(codes, bin_size, k):
    """Fraction of each bin's k-mers that occur once in the genome (:func:`unique_kmers`).

    A k-mer belongs to the bin of its middle base, so that both strands give the same track.

    Parameters
    ----------
    codes : dict of str to ndarray of uint8
        Whole chromosomes.
    bin_size : int
        bp.
    k : int
        bp, at most 64.

    Returns
    -------
    dict of str to ndarray of float32, shape (bins,)
    """
    result = {}
    for chrom, unique in unique_kmers(codes, k).items():
        centred = np.zeros(len(unique), bool)
        centred[k // 2 :] = unique[: len(unique) - k // 2]
        result[chrom] = binned_share(centred, bin_size)
    return result


def centromere_track(bed, chromsizes, bin_size, genome_sizes=None):
    """Distance of each bin's middle to the nearest centromere of its chromosome.

    Parameters
    ----------
    bed : str
        BED of centromeres, plain or gzipped, or a table of UCSC that has them among other intervals (``cytoBand``,
        ``gap``), of which the rows ``acen`` and ``centromere`` are used.
    chromsizes : dict of str to int
        Chromosomes of the track and their lengths in bp.
    bin_size : int
        bp.
    genome_sizes : dict of str to int, optional
        All chromosomes of the genome, with which the file is compared; by default those of the track.

    Returns
    -------
    dict of str to ndarray of float32, shape (bins,)
        In bins; 0 inside a centromere, NaN on chromosomes without one in the file.
    """
    regions = read_intervals(bed, genome_sizes or chromsizes, "centromeres of the genome")
    marked = regions.iloc[:, len(COLUMNS) :].isin(["acen", "centromere"]).any(axis=1)
    regions = regions[marked] if marked.any() else regions
    result = {}
    for chrom, size in chromsizes.items():
        middle = (np.arange(-(-size // bin_size)) + 0.5) * bin_size
        distance = np.full(len(middle), np.inf)
        for start, end in regions.loc[regions["chrom"] == chrom, ["start", "end"]].to_numpy():
            distance = np.minimum(distance, np.maximum(np.maximum(start - middle, middle - end), 0))
        result[chrom] = np.where(np.isfinite(distance), distance / bin_size, np.nan).astype(np.float32)
    return result
