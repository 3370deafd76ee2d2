"""The published split: the contigs and windows on which Akita was trained, validated and tested.

The functions reproduce the authors' script, including an error of it: the contig that ends the halving is lost. The
policy ``balanced`` (:mod:`akitaflow.dataset.split`) is recommended for new studies.
"""

import heapq
import random

import numpy as np
import pandas as pd

from akitaflow.genome.intervals import subtract

SEED = 44
ABSTAIN = 0.2  # longest contig of a fold, as a share of the bases that it still lacks
FOLDS = ("train", "valid", "test")


def published_contigs(chromsizes, gaps, min_length, max_length):
    """Contigs of the published split, in the order of the authors' file.

    Parameters
    ----------
    chromsizes : mapping of str to int
        Lengths in bp.
    gaps : pandas.DataFrame
        chrom, start, end: assembly gaps and runs of filtered bins.
    min_length : int
        Length of a window, bp; shorter contigs are left out.
    max_length : int
        Length to which contigs are halved, bp.

    Returns
    -------
    pandas.DataFrame
        chrom, start, end; 0-based, half-open.
    """
    sizes = {chrom: chromsizes[chrom] for chrom in sorted(chromsizes)}
    contigs = subtract(sizes, gaps)
    contigs = contigs[contigs["end"] - contigs["start"] >= min_length]
    # pushed one by one: heapify gives another order, and the order of the heap is that of the result
    heap = []
    for chrom, start, end in contigs.itertuples(index=False):
        heapq.heappush(heap, (-(end - start), (chrom, start, end)))
    while heap:
        negative, (chrom, start, end) = heapq.heappop(heap)
        if -negative <= max_length:
            break  # this contig is lost, as in the authors' script
        middle = start + -negative // 2
        heapq.heappush(heap, (start - middle, (chrom, start, middle)))
        heapq.heappush(heap, (middle - end, (chrom, middle, end)))
    return pd.DataFrame([contig for _, contig in heap], columns=["chrom", "start", "end"])


def published_folds(contigs, fractions, seed=SEED):
    """Assign contigs to folds, from the longest to the shortest.

    Parameters
    ----------
    contigs : pandas.DataFrame
        chrom, start, end.
    fractions : mapping of str to float
        Share of the bases of ``valid`` and ``test``; ``train`` gets the rest.
    seed : int

    Returns
    -------
    pandas.DataFrame
        chrom, start, end, fold, in the order of assignment.
    """
    stream = np.random.RandomState(seed)
    ordered = [(end - start, (chrom, start, end)) for chrom, start, end in contigs.itertuples(index=False)]
    ordered.sort(reverse=True)
    total = sum(length for length, _ in ordered)
    targets = np.array([0.0, fractions["valid"] * total, fractions["test"] * total])
    targets[0] = total - targets[1] - targets[2]
    assigned = np.zeros(3)
    rows = []
    for length, contig in ordered:
        lacking = np.maximum(targets - assigned, [1, 0, 0])
        lacking[1:][length > ABSTAIN * lacking[1:]] = 0
        choice = stream.choice(range(3), 1, p=lacking / lacking.sum())[0]
        assigned[choice] += length
        rows.append((*contig, FOLDS[choice]))
    return pd.DataFrame(rows, columns=["chrom", "start", "end", "fold"])


def published_windows(contigs, bin_size, window_bins, stride_bins, seed=SEED):
    """Windows of the published split, in the order of the authors' file.

    Parameters
    ----------
    contigs : pandas.DataFrame
        chrom, start, end, fold in the order of :func:`published_folds`.
    bin_size : int
        bp.
    window_bins : int
    stride_bins : mapping of str to int
        Stride of each fold.
    seed : int

    Returns
    -------
    pandas.DataFrame
        chrom, start, end, fold, contig; 0-based, half-open. ``contig`` is the number of the rejoined contig.
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
            # the authors' script leaves out a window that ends at the end of its contig
            windows += [(chrom, s, s + length, fold, contig_number) for s in range(first, end - length, stride)]
            contig_number += 1
        stream.shuffle(windows)
        rows += windows
    return pd.DataFrame(rows, columns=["chrom", "start", "end", "fold", "contig"])


def _rejoin(contigs):
    """Join adjacent contigs; chromosomes are in the order of their first contig."""
    joined = []
    for _, group in contigs.groupby("chrom", sort=False):
        for chrom, start, end in group.sort_values("start")[["chrom", "start", "end"]].itertuples(index=False):
            if joined and joined[-1][0] == chrom and joined[-1][2] == start:
                joined[-1] = (chrom, joined[-1][1], end)
            else:
                joined.append((chrom, start, end))
    return joined
