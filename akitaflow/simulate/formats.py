"""What public databases would hold of a simulated genome, in their own file formats.

bigWigs of CTCF and of open chromatin, UCSC's tables of repeats and of gaps, and JASPAR's track of a matrix. The same
readers read them and the real ones.
"""

import numpy as np
import pandas as pd

from akitaflow import seeds
from akitaflow.files import whole_gzip
from akitaflow.genome.bigwig import write_bigwig
from akitaflow.genome.fasta import unknown_runs
from akitaflow.genome.motifs import scan_codes

STEP = 8  # bp with one value in a track
PEAK = 20.0  # bp, standard deviation: peaks are about 50 bp wide at half their height
REACH = 80  # bp from a peak's middle to where it ends
BACKGROUND = 0.2  # median of the track where nothing is
BACKGROUND_SPREAD = 0.5  # standard deviations of logarithms: of the background and of the heights of peaks
HEIGHT_SPREAD = 0.3
HEIGHT = 10.0  # of a peak over a site that is always occupied
OPEN_DECOYS = 0.1  # share of decoys in open chromatin that folds nothing, and the height of their peaks
OPEN_HEIGHT = 6.0

# names that RepeatMasker gives to what stands in for them: repName, repClass, repFamily
B2_NAMES = ("B2_Mm1a", "B2_Mm1t", "B2_Mm2", "B3", "B3A")
REPEAT_NAMES = {
    "human": {"long": ("L1PA7", "LINE", "L1"), "short": ("AluY", "SINE", "Alu")},
    "mouse": {"long": ("L1Md_T", "LINE", "L1"), "short": ("B1_Mm", "SINE", "Alu")},
}

_SCORE_STEP = 0.01  # bits, of the scores whose p values are counted


def signal_runs(chromosomes, peaks, rng):
    """A track: peaks on a noisy background, no values in gaps.

    Parameters
    ----------
    chromosomes : dict of str to ndarray of uint8
        Codes.
    peaks : DataFrame with columns chrom, middle (bp), height
        Peaks that overlap add up.
    rng : numpy.random.Generator

    Yields
    ------
    (chrom, start, end, value) : (str, int, int, float)
        For :func:`akitaflow.genome.bigwig.write_bigwig`.
    """
    for chrom, codes in chromosomes.items():
        signal = np.zeros(-(-len(codes) // STEP))
        here = peaks[peaks["chrom"] == chrom]
        for middle, height in zip(here["middle"], here["height"], strict=True):
            steps = np.arange(max(middle - REACH, 0) // STEP, min(middle + REACH, len(codes) - 1) // STEP + 1)
            signal[steps] += height * np.exp(-0.5 * (((steps + 0.5) * STEP - middle) / PEAK) ** 2)
        signal += BACKGROUND * np.exp(rng.normal(0, BACKGROUND_SPREAD, len(signal)))
        edges = np.concatenate([[0], unknown_runs(codes, 1).ravel(), [len(codes)]]).reshape(-1, 2)
        for first, last in edges.tolist():  # stretches without N
            for step in range(first // STEP, -(-last // STEP)):
                start, end = max(step * STEP, first), min((step + 1) * STEP, last)
                if start < end:
                    yield chrom, start, end, round(float(signal[step]), 2)


def track_peaks(sites, decoys, factors, main, seed, genome, dataset):
    """Where a cell type's CTCF track and its DNase track have peaks.

    Parameters
    ----------
    sites, decoys : DataFrame
        Truth tables of the genome.
    factors : list of str
        Those that act in the dataset.
    main : str
        The factor of which the track CTCF is.
    seed : int
    genome, dataset : str
        Name the random numbers. Which decoys are open depends on the genome only: cell types share them.

    Returns
    -------
    dict of str to DataFrame
        ``CTCF`` and ``DNase``; columns chrom, middle, height.
    """
    occupied = sites[sites["factor"].isin(factors) & (sites["occupancy"] > 0)]
    chosen = seeds.generator(seed, "simulation", "tracks", "open decoys", genome).random(len(decoys)) < OPEN_DECOYS
    bound = _peaks(occupied, HEIGHT * occupied["occupancy"])
    bare = _peaks(decoys[chosen], OPEN_HEIGHT)
    of_main = (occupied["factor"] == main).to_numpy()
    peaks = {"CTCF": bound[of_main], "DNase": pd.concat([bound, bare], ignore_index=True)}
    for name, table in peaks.items():
        noise = seeds.generator(seed, "simulation", "tracks", "heights", name, dataset)
        peaks[name] = table.assign(height=table["height"] * np.exp(noise.normal(0, HEIGHT_SPREAD, len(table))))
    return peaks


def _peaks(table, height):
    middle = (table["start"] + table["end"]) // 2
    return table[["chrom"]].assign(middle=middle, height=height).reset_index(drop=True)


def write_tracks(paths, chromosomes, peaks, seed, dataset):
    """Write the bigWigs of a cell type; ``paths`` and ``peaks`` by the names of the tracks."""
    chromsizes = {chrom: len(codes) for chrom, codes in chromosomes.items()}
    for name, table in peaks.items():
        rng = seeds.generator(seed, "simulation", "tracks", "background", name, dataset)
        write_bigwig(paths[name], chromsizes, signal_runs(chromosomes, table, rng))


def ucsc_bin(start, end):
    """Number of the smallest bin of UCSC's tables that holds [start, end), by their standard scheme."""
    first, last, offset = start >> 17, (end - 1) >> 17, 585
    for shift in (512, 64, 8, 1):
        if first == last:
            return offset + first
        first, last, offset = first >> 3, last >> 3, offset - shift
    return first  # the one bin of the whole chromosome, 0


def rmsk_rows(tables, chromsizes, divergence, seed, genome):
    """The rows of UCSC's table ``rmsk`` of a genome.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Truth tables; ``repeats`` and ``b2`` are used.
    chromsizes : dict of str to int
    divergence : float
        Share of bases redrawn in each B2 element: three in four of them changed.
    seed : int
    genome : str
        Names the random numbers.

    Returns
    -------
    list of tuple
        17 columns as UCSC has them, in the order of the genome.
    """
    rng = seeds.generator(seed, "simulation", "rmsk", genome)
    names = REPEAT_NAMES["mouse" if len(tables["b2"]) else "human"]
    elements = [
        (row.chrom, row.start, row.end, str(rng.choice(["+", "-"])), names.get(row.family, (row.family,) * 3), 0.0)
        for row in tables["repeats"].itertuples()
    ]
    elements += [
        (row.chrom, row.start, row.end, row.strand, (str(rng.choice(B2_NAMES)), "SINE", "B2"), 0.75 * divergence)
        for row in tables["b2"].itertuples()
    ]
    order = {chrom: i for i, chrom in enumerate(chromsizes)}
    elements.sort(key=_place_of(order))
    rows = []
    for number, (chrom, start, end, strand, name, changed) in enumerate(elements, start=1):
        milli = round(1000 * float(rng.binomial(end - start, changed)) / (end - start))
        consensus = (1, end - start, 0) if strand == "+" else (0, end - start, 1)  # start, end, left of the repeat
        score = (end - start) * 9 - 20 * milli * (end - start) // 1000
        left = end - chromsizes[chrom]
        rows.append(
            (
                ucsc_bin(start, end),
                score,
                milli,
                0,
                0,
                chrom,
                start,
                end,
                left,
                strand,
                *name,
                *consensus,
                number % 9 + 1,
            )
        )
    return rows


def _place_of(order):
    def key(element):
        return order[element[0]], element[1]

    return key


def gap_rows(gaps):
    """The rows of UCSC's table ``gap``: bin, chrom, chromStart, chromEnd, ix, n, size, type, bridge."""
    rows, number = [], {}
    for chrom, start, end in gaps[["chrom", "start", "end"]].itertuples(index=False):
        number[chrom] = number.get(chrom, 0) + 1
        rows.append((ucsc_bin(start, end), chrom, start, end, 2 * number[chrom], "N", end - start, "contig", "no"))
    return rows


def jaspar_rows(chromosomes, matrix, pvalue):
    """The rows of JASPAR's track of a matrix, on a uniform background.

    Returns
    -------
    list of tuple
        Chromosome, first base (1-based), last base, name, relative score x 1000, -log10 of the p value x 100, strand.
    """
    scores = matrix.log_odds()
    lowest, highest = scores.min(axis=0).sum(), scores.max(axis=0).sum()
    tail = score_tail(scores)
    rows = []
    for chrom, codes in chromosomes.items():
        starts, strands, site_scores = scan_codes(codes, matrix, pvalue)
        relative = np.rint(1000 * (site_scores - lowest) / (highest - lowest)).astype(int)
        likelihood = tail[np.clip(((site_scores - lowest) / _SCORE_STEP).astype(int), 0, len(tail) - 1)]
        surprise = np.rint(-100 * np.log10(likelihood)).astype(int)
        for start, strand, score, p in zip(starts.tolist(), strands, relative, surprise, strict=True):
            side = "+" if strand > 0 else "-"
            rows.append((chrom, start + 1, start + matrix.width, matrix.name, score, p, side))
    return rows


def score_tail(scores):
    """Probability that a random sequence scores the lowest possible score + i x 0.01 bits or more, for each i."""
    steps = np.rint((scores - scores.min(axis=0)) / _SCORE_STEP).astype(int)  # (4, width), 0 for the worst base
    density = np.zeros(steps.max(axis=0).sum() + 1)
    density[0] = 1.0
    for column in steps.T:
        density = sum(0.25 * np.concatenate([np.zeros(step), density[: len(density) - step]]) for step in column)
    return np.cumsum(density[::-1])[::-1]


def write_rows(path, rows, header=()):
    """Write rows as gzipped tab-separated text after some lines of header; the bytes depend on nothing else."""
    with whole_gzip(path, level=6) as zipped:
        for line in header:
            zipped.write(f"{line}\n".encode())
        for row in rows:
            zipped.write(("\t".join(map(str, row)) + "\n").encode())
