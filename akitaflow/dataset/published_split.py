"""The published split, line by line: the contigs and windows that Akita was trained, validated and tested on.

The recipe keeps what the authors' script did, its accident included: the contig that ends the halving is lost. A study
of its own is better served by the policy ``balanced`` (:mod:`akitaflow.genome.intervals`).
"""

import heapq
import random

import numpy as np
import pandas as pd

from akitaflow.genome.intervals import subtract

SEED = 44
ABSTAIN = 0.2  # a fold takes no contig longer than this share of what it lacks
FOLDS = ("train", "valid", "test")


def published_contigs(chromsizes, gaps, min_length, max_length):
    """The authors' contigs in the order of their file.

    Parameters
    ----------
    chromsizes : mapping of str to int
        bp.
    gaps : pandas.DataFrame
        chrom, start, end: assembly gaps and runs of filtered bins.
    min_length : int
        Contigs shorter than this, a window's length in bp, are left out.
    max_length : int
        Contigs are halved until none is longer, bp.

    Returns
    -------
    pandas.DataFrame
        chrom, start, end.
    """
    sizes = {chrom: chromsizes[chrom] for chrom in sorted(chromsizes)}
    contigs = subtract(sizes, gaps)
    contigs = contigs[contigs["end"] - contigs["start"] >= min_length]
    # successive pushes: heapify orders the same heap otherwise, and the heap's own order is the result
    heap = []
    for chrom, start, end in contigs.itertuples(index=False):
        heapq.heappush(heap, (-(end - start), (chrom, start, end)))
    while heap:
        negative, (chrom, start, end) = heapq.heappop(heap)
        if -negative <= max_length:
            break  # this contig is lost, as it was in the authors' run
        middle = start + -negative // 2
        heapq.heappush(heap, (start - middle, (chrom, start, middle)))
        heapq.heappush(heap, (middle - end, (chrom, middle, end)))
    return pd.DataFrame([contig for _, contig in heap], columns=["chrom", "start", "end"])


def published_folds(contigs, fractions, seed=SEED):
    """Folds of the contigs, in the order in which they were assigned: from the longest to the shortest.

    Parameters
    ----------
    contigs : pandas.DataFrame
        chrom, start, end.
    fractions : mapping of str to float
        Share of the bases of ``valid`` and ``test``; ``train`` has the rest.
    seed : int

    Returns
    -------
    pandas.DataFrame
        chrom, start, end, fold.
    """
    stream = np.random.RandomState(seed)
    ordered = [(end - start, (chrom, start, end)) for chrom, start, end in contigs.itertuples(index=False)]
    ordered.sort(reverse=True)
    total = sum(length for length, _ in ordered)
    aims = np.array([0.0, fractions["valid"] * total, fractions["test"] * total])
    aims[0] = total - aims[1] - aims[2]
    taken = np.zeros(3)
    rows = []
    for length, contig in ordered:
        lacks = np.maximum(aims - taken, [1, 0, 0])
        lacks[1:][length > ABSTAIN * lacks[1:]] = 0
        choice = stream.choice(range(3), 1, p=lacks / lacks.sum())[0]
        taken[choice] += length
        rows.append((*contig, FOLDS[choice]))
    return pd.DataFrame(rows, columns=["chrom", "start", "end", "fold"])


def published_windows(contigs, bin_size, window_bins, stride_bins, seed=SEED):
    """Windows of the authors' folds in the order of their file.

    Parameters
    ----------
    contigs : pandas.DataFrame
        chrom, start, end, fold in the order of :func:`published_folds`.
    bin_size : int
        bp.
    window_bins : int
    stride_bins : mapping of str to int
        Of each fold.
    seed : int

    Returns
    -------
    pandas.DataFrame
        chrom, start, end, fold, contig; ``contig`` numbers the rejoined contigs.
    """
    stream = random.Random(seed)
    length = window_bins * bin_size
    rows = []
    contig_number = 0
    for fold in FOLDS:
        windows = []
        for chrom, start, end in _rejoin(contigs[contigs["fold"] == fold]):
            stride = stride_bins[fold] * bin_size
            first = -(-start // bin_size) * bin_size
            # a window that ends where its contig ends was left out
            windows += [(chrom, s, s + length, fold, contig_number) for s in range(first, end - length, stride)]
            contig_number += 1
        stream.shuffle(windows)
        rows += windows
    return pd.DataFrame(rows, columns=["chrom", "start", "end", "fold", "contig"])


def _rejoin(contigs):
    """Join contigs that touch, chromosomes in the order of their first appearance."""
    joined = []
    for _, group in contigs.groupby("chrom", sort=False):
        for chrom, start, end in group.sort_values("start")[["chrom", "start", "end"]].itertuples(index=False):
            if joined and joined[-1][0] == chrom and joined[-1][2] == start:
                joined[-1] = (chrom, joined[-1][1], end)
            else:
                joined.append((chrom, start, end))
    return joined
