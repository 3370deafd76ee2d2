"""Annotations of a simulated genome in the file formats of public databases.

These are bigWigs of CTCF and of open chromatin, UCSC's tables of repeats and of gaps, and JASPAR's track of a matrix.
They are read by the same functions as the files of real genomes.
"""

import numpy as np
import pandas as pd

from akitaflow import seeds
from akitaflow.files import whole_gzip
from akitaflow.genome.bigwig import write_bigwig
from akitaflow.genome.fasta import unknown_runs
from akitaflow.genome.motifs import scan_codes

STEP = 8  # bp per value of a track
PEAK = 20.0  # standard deviation of a peak, bp; its width at half height is about 50 bp
REACH = 80  # bp from the middle of a peak to its end
BACKGROUND = 0.2  # median of the track outside peaks
BACKGROUND_SPREAD = 0.5  # standard deviation of the logarithm of the background
HEIGHT_SPREAD = 0.3  # standard deviation of the logarithm of the heights of peaks
HEIGHT = 10.0  # height of a peak over a site of occupancy 1
OPEN_DECOYS = 0.1  # share of decoys in open chromatin
OPEN_HEIGHT = 6.0  # height of their peaks

# RepeatMasker's repName, repClass and repFamily of the simulated repeats
B2_NAMES = ("B2_Mm1a", "B2_Mm1t", "B2_Mm2", "B3", "B3A")
REPEAT_NAMES = {
    "human": {"long": ("L1PA7", "LINE", "L1"), "short": ("AluY", "SINE", "Alu")},
    "mouse": {"long": ("L1Md_T", "LINE", "L1"), "short": ("B1_Mm", "SINE", "Alu")},
}

_SCORE_STEP = 0.01  # bits; width of the classes of scores for p values


def signal_runs(chromosomes, peaks, rng):
    """Signal of a track: peaks on a noisy background, without values in gaps.

    Parameters
    ----------
    chromosomes : dict of str to ndarray of uint8
        Codes by chromosome.
    peaks : DataFrame with columns chrom, middle (bp), height
        Overlapping peaks are summed.
    rng : numpy.random.Generator

    Yields
    ------
    (chrom, start, end, value) : (str, int, int, float)
        0-based, half-open, in bp, as for :func:`akitaflow.genome.bigwig.write_bigwig`.
    """
    for chrom, codes in chromosomes.items():
        signal = np.zeros(-(-len(codes) // STEP))
        peaks_of_chrom = peaks[peaks["chrom"] == chrom]
        for middle, height in zip(peaks_of_chrom["middle"], peaks_of_chrom["height"], strict=True):
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
    """Peaks of the CTCF and DNase tracks of a cell type.

    Parameters
    ----------
    sites, decoys : DataFrame
        Truth tables of the genome.
    factors : list of str
        Factors of the dataset.
    main : str
        Factor of the track CTCF.
    seed : int
    genome, dataset : str
        Names that the random numbers depend on. Open decoys depend on the genome only, so that cell types share them.

    Returns
    -------
    dict of str to DataFrame
        ``CTCF`` and ``DNase``; columns chrom, middle, height.
    """
    occupied = sites[sites["factor"].isin(factors) & (sites["occupancy"] > 0)]
    is_open = seeds.generator(seed, "simulation", "tracks", "open decoys", genome).random(len(decoys)) < OPEN_DECOYS
    bound_peaks = _peaks(occupied, HEIGHT * occupied["occupancy"])
    open_peaks = _peaks(decoys[is_open], OPEN_HEIGHT)
    of_main = (occupied["factor"] == main).to_numpy()
    peaks = {"CTCF": bound_peaks[of_main], "DNase": pd.concat([bound_peaks, open_peaks], ignore_index=True)}
    for name, table in peaks.items():
        noise = seeds.generator(seed, "simulation", "tracks", "heights", name, dataset)
        peaks[name] = table.assign(height=table["height"] * np.exp(noise.normal(0, HEIGHT_SPREAD, len(table))))
    return peaks


def _peaks(table, height):
    middle = (table["start"] + table["end"]) // 2
    return table[["chrom"]].assign(middle=middle, height=height).reset_index(drop=True)


def write_tracks(paths, chromosomes, peaks, seed, dataset):
    """Write the bigWigs of a cell type.

    Parameters
    ----------
    paths : dict of str to str
        File of each track.
    chromosomes : dict of str to ndarray of uint8
        Codes by chromosome.
    peaks : dict of str to DataFrame
        From :func:`track_peaks`.
    seed : int
    dataset : str
        Name that the random numbers depend on.
    """
    chromsizes = {chrom: len(codes) for chrom, codes in chromosomes.items()}
    for name, table in peaks.items():
        rng = seeds.generator(seed, "simulation", "tracks", "background", name, dataset)
        write_bigwig(paths[name], chromsizes, signal_runs(chromosomes, table, rng))


def ucsc_bin(start, end):
    """Number of the smallest bin of UCSC's binning scheme that contains an interval (0-based, half-open, bp)."""
    first, last, offset = start >> 17, (end - 1) >> 17, 585
    for shift in (512, 64, 8, 1):
        if first == last:
            return offset + first
        first, last, offset = first >> 3, last >> 3, offset - shift
    return first  # 0, the bin of the whole chromosome


def rmsk_rows(tables, chromsizes, divergence, seed, genome):
    """Rows of UCSC's table ``rmsk`` of a genome.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Truth tables ``repeats`` and ``b2``.
    chromsizes : dict of str to int
        Lengths in bp.
    divergence : float
        Share of the bases of a B2 element that were drawn again, of which three in four differ.
    seed : int
    genome : str
        Name that the random numbers depend on.

    Returns
    -------
    list of tuple
        The 17 columns of UCSC, in the order of the genome.
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
    """Rows of UCSC's table ``gap``.

    Parameters
    ----------
    gaps : DataFrame
        chrom, start, end; 0-based, half-open.

    Returns
    -------
    list of tuple
        bin, chrom, chromStart, chromEnd, ix, n, size, type, bridge.
    """
    rows, number = [], {}
    for chrom, start, end in gaps[["chrom", "start", "end"]].itertuples(index=False):
        number[chrom] = number.get(chrom, 0) + 1
        rows.append((ucsc_bin(start, end), chrom, start, end, 2 * number[chrom], "N", end - start, "contig", "no"))
    return rows


def jaspar_rows(chromosomes, matrix, pvalue):
    """Rows of JASPAR's track of a matrix, on a uniform background.

    Parameters
    ----------
    chromosomes : dict of str to ndarray of uint8
        Codes by chromosome.
    matrix : akitaflow.genome.matrices.Matrix
    pvalue : float
        Largest p value of the sites.

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
        p_values = tail[np.clip(((site_scores - lowest) / _SCORE_STEP).astype(int), 0, len(tail) - 1)]
        p_scores = np.rint(-100 * np.log10(p_values)).astype(int)
        for start, strand, score, p in zip(starts.tolist(), strands, relative, p_scores, strict=True):
            sign = "+" if strand > 0 else "-"
            rows.append((chrom, start + 1, start + matrix.width, matrix.name, score, p, sign))
    return rows


def score_tail(scores):
    """Probability that the score of a random sequence exceeds the lowest score by at least i x 0.01 bits, for each i.

    Parameters
    ----------
    scores : ndarray of float, shape (4, width)
        Log-odds in bits.

    Returns
    -------
    ndarray of float, shape (steps,)
    """
    steps = np.rint((scores - scores.min(axis=0)) / _SCORE_STEP).astype(int)  # (4, width), 0 for the lowest score
    density = np.zeros(steps.max(axis=0).sum() + 1)
    density[0] = 1.0
    for column in steps.T:
        density = sum(0.25 * np.concatenate([np.zeros(step), density[: len(density) - step]]) for step in column)
    return np.cumsum(density[::-1])[::-1]


def write_rows(path, rows, header=()):
    """Write rows as gzipped tab-separated text; equal rows give equal bytes.

    Parameters
    ----------
    path : str
    rows : iterable of sequence
    header : iterable of str
        Lines before the rows.
    """
    with whole_gzip(path, level=6) as zipped:
        for line in header:
            zipped.write(f"{line}\n".encode())
        for row in rows:
            zipped.write(("\t".join(map(str, row)) + "\n").encode())
