"""A 5C experiment on the locus of a simulated genome and on the genome without its boundary.

Fragments of unequal length; counts of all pairs of fragments; primers of unequal efficiency, some of which failed. The
files name the fragments by an older assembly of the same genome, so that they must be lifted as published ones are.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from akitaflow import seeds
from akitaflow.genome.intervals import bases_in_bins
from akitaflow.simulate.formats import write_rows

ASSEMBLY = "sim1"  # of the labels
REGION = 70  # bins on both sides of the middle of the deletion in which there are primers
# (bins from the middle, bp): before there, the older assembly has that many bases more (or fewer, if negative)
EDITS = ((-80, 1000), (-20, 37), (22, -21))
SHORTEST = 0.35  # of a mean fragment, which is as long as a bin
PRIMER = 20  # bp at the end of a fragment without which it is not seen
EFFICIENCY = 0.2  # standard deviation of the logarithm
FAILED = 0.05  # share of primers
READS = 400_000
RANDOM = 0.02  # share of reads that join random fragments


@dataclass(frozen=True)
class Locus:
    """Where the experiment is done, in bp of the undeleted genome."""

    chrom: str
    length: int
    start: int  # of the deletion
    end: int
    bin_size: int

    @classmethod
    def of_tables(cls, locus, chromsizes, bin_size):
        """The locus by its truth table."""
        row = locus[locus["name"] == "deletion"].iloc[0]
        return cls(row["chrom"], chromsizes[row["chrom"]], int(row["start"]), int(row["end"]), bin_size)

    @property
    def middle(self):
        return (self.start + self.end) // 2 // self.bin_size * self.bin_size

    def edits(self):
        """(position, bp) of :data:`EDITS`, in the middle of a bin."""
        return [(self.middle + bins * self.bin_size + self.bin_size // 2, size) for bins, size in EDITS]

    def to_older(self, position):
        """Positions of the genome in the older assembly."""
        position = np.asarray(position)
        result = position.copy()
        for place, size in self.edits():
            # bases that only the newer assembly has fall on the first base after them
            shift = size if size > 0 else -np.clip(position - place, 0, -size)
            result = result + np.where(position >= place, shift, 0)
        return result


def cut(locus, seed):
    """Fragments of the region, one after the other.

    Returns
    -------
    DataFrame
        start, end in bp of the undeleted genome.
    """
    rng = seeds.generator(seed, "simulation", "5c", "fragments")
    first, last = (locus.middle + side * REGION * locus.bin_size for side in (-1, 1))
    lengths = locus.bin_size * (SHORTEST + rng.exponential(1 - SHORTEST, 4 * REGION))
    edges = first + np.concatenate([[0], np.cumsum(lengths)]).astype(int)
    edges = edges[edges < last - SHORTEST * locus.bin_size]
    return pd.DataFrame({"start": edges, "end": [*edges[1:], last]})


def counts(locus, fragments, band, decay, seed, name, deleted):
    """Counts of all pairs of fragments.

    Parameters
    ----------
    locus : Locus
    fragments : DataFrame
        Of :func:`cut`.
    band : ndarray, shape (bins, distances)
        Enrichment of the chromosome, of the genome that was in the cells.
    decay : ndarray, shape (at least 2 REGION + 2,)
        Contact by distance.
    seed : int
    name : str
        Of the experiment.
    deleted : bool
        Whether the genome in the cells lacks the deletion.

    Returns
    -------
    ndarray of float, shape (fragments, fragments)
        Symmetric; NaN for a fragment with itself and where a primer failed, 0 where the fragment is not there.
    """
    places = fragments.to_numpy(float)
    seen = np.ones(len(fragments), bool)
    if deleted:
        seen = (places[:, 1] <= locus.start) | (places[:, 1] - PRIMER >= locus.end)
        places -= np.clip(places - locus.start, 0, locus.end - locus.start)
    first = int(places.min()) // locus.bin_size
    n_bins = int(np.ceil(places.max() / locus.bin_size)) - first
    edges = (first + np.arange(n_bins + 1)) * locus.bin_size
    overlap = bases_in_bins(*places.T, edges)
    low, distance = np.arange(n_bins), np.abs(np.subtract.outer(np.arange(n_bins), np.arange(n_bins)))
    low = first + np.minimum(low[:, None], low)
    near = distance < band.shape[1]
    contact = np.where(near, band[low, np.where(near, distance, 0)], 1.0) * decay[distance]
    primers = seeds.generator(seed, "simulation", "5c", "primers")  # the same in both experiments
    efficiency = np.exp(primers.normal(0, EFFICIENCY, len(fragments)))
    failed = primers.random(len(fragments)) < FAILED
    rate = overlap @ contact @ overlap.T * np.outer(efficiency, efficiency)
    rate[~seen] = rate[:, ~seen] = 0
    upper = np.triu_indices(len(fragments), 1)
    rates = rate[upper] / rate[upper].sum() * (1 - RANDOM)
    both = np.outer(efficiency * seen, efficiency * seen)[upper]
    rates += both / both.sum() * RANDOM
    drawn = seeds.generator(seed, "simulation", "5c", "counts", name).poisson(READS * rates)
    matrix = np.zeros_like(rate)
    matrix[upper] = drawn
    matrix += matrix.T
    np.fill_diagonal(matrix, np.nan)
    matrix[failed] = matrix[:, failed] = np.nan
    return matrix


def labels(locus, fragments):
    """Labels of my5C: primers that alternate, positions of the older assembly, the first base 1-based."""
    older = locus.to_older(fragments.to_numpy())
    return [
        f"5C_1_LOCUS_{('FOR', 'REV')[i % 2]}_{i + 1}|{ASSEMBLY}|{locus.chrom}:{start + 1}-{end}"
        for i, (start, end) in enumerate(older.tolist())
    ]


def write_matrix(path, names, matrix, title):
    """Write a matrix in the format of my5C."""
    header = [f"# {title}", f"# {len(names)} fragments, all against all", "\t".join(["", *names])]
    rows = (
        [name, *("nan" if np.isnan(value) else f"{value:.0f}" for value in row)]
        for name, row in zip(names, matrix, strict=True)
    )
    write_rows(path, rows, header)


def write_chain(path, locus, chromsizes):
    """Write the chain file that lifts the older assembly to the genome: blocks around the edits of the locus."""
    header = []
    for number, (chrom, size) in enumerate(chromsizes.items(), start=1):
        blocks, position = [], 0
        for place, more in locus.edits() if chrom == locus.chrom else ():
            blocks.append(f"{place - position}\t{max(more, 0)}\t{max(-more, 0)}")
            position = place + max(-more, 0)
        older = int(locus.to_older(size)) if chrom == locus.chrom else size
        ends = f"{chrom} {older} + 0 {older} {chrom} {size} + 0 {size}"
        header += [f"chain {size * 100} {ends} {number}", *blocks, f"{size - position}", ""]
    write_rows(path, [], header)
