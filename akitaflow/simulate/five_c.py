"""Simulation of 5C experiments at the locus of a simulated genome, with and without its boundary.

Fragments have unequal lengths, and primers unequal efficiencies; some primers fail. As in published data, the labels of
the fragments have coordinates of an older assembly, which must be lifted over.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from akitaflow import seeds
from akitaflow.genome.intervals import bases_in_bins
from akitaflow.simulate.formats import write_rows

ASSEMBLY = "sim1"  # assembly of the labels
REGION = 70  # bins with primers on both sides of the middle of the deletion
#: (bins from the middle, bp): at this position, the older assembly has that many bases more (or fewer, if negative)
EDITS = ((-80, 1000), (-20, 37), (22, -21))
SHORTEST = 0.35  # shortest fragment, as a share of the mean length, which is that of a bin
PRIMER = 20  # bp at the end of a fragment to which its primer binds
EFFICIENCY = 0.2  # standard deviation of the logarithm of the primers' efficiencies
FAILED = 0.05  # share of primers that fail
READS = 400_000
RANDOM = 0.02  # share of reads that join random fragments


@dataclass(frozen=True)
class Locus:
    """Locus of the experiment, in bp of the genome without deletion."""

    chrom: str
    length: int
    start: int  # of the deletion
    end: int
    bin_size: int

    @classmethod
    def of_tables(cls, locus, chromsizes, bin_size):
        """Locus from the truth table ``locus`` of a genome."""
        row = locus[locus["name"] == "deletion"].iloc[0]
        return cls(row["chrom"], chromsizes[row["chrom"]], int(row["start"]), int(row["end"]), bin_size)

    @property
    def middle(self):
        return (self.start + self.end) // 2 // self.bin_size * self.bin_size

    def edits(self):
        """Positions in bp and sizes of :data:`EDITS`; positions are middles of bins."""
        return [(self.middle + bins * self.bin_size + self.bin_size // 2, size) for bins, size in EDITS]

    def to_older(self, position):
        """Convert positions of the genome to positions of the older assembly, bp."""
        position = np.asarray(position)
        result = position.copy()
        for edit, size in self.edits():
            # bases that only the newer assembly has map to the first base after them
            shift = size if size > 0 else -np.clip(position - edit, 0, -size)
            result = result + np.where(position >= edit, shift, 0)
        return result


def cut(locus, seed):
    """Draw adjacent fragments that cover the region.

    Parameters
    ----------
    locus : Locus
    seed : int

    Returns
    -------
    DataFrame
        start, end in bp of the genome without deletion; 0-based, half-open.
    """
    rng = seeds.generator(seed, "simulation", "5c", "fragments")
    first, last = (locus.middle + side * REGION * locus.bin_size for side in (-1, 1))
    lengths = locus.bin_size * (SHORTEST + rng.exponential(1 - SHORTEST, 4 * REGION))
    edges = first + np.concatenate([[0], np.cumsum(lengths)]).astype(int)
    edges = edges[edges < last - SHORTEST * locus.bin_size]
    return pd.DataFrame({"start": edges, "end": [*edges[1:], last]})


def counts(locus, fragments, band, decay, seed, name, deleted):
    """Draw the counts of all pairs of fragments.

    Parameters
    ----------
    locus : Locus
    fragments : DataFrame
        From :func:`cut`.
    band : ndarray, shape (bins, distances)
        Enrichment of the chromosome in the genome of the experiment.
    decay : ndarray, shape (at least 2 REGION + 2,)
        Contact at each distance in bins.
    seed : int
    name : str
        Name of the experiment, which the random numbers depend on.
    deleted : bool
        Whether the genome of the experiment has the deletion.

    Returns
    -------
    ndarray of float, shape (fragments, fragments)
        Symmetric; NaN on the diagonal and for failed primers, 0 for deleted fragments.
    """
    positions = fragments.to_numpy(float)
    present = np.ones(len(fragments), bool)
    if deleted:
        present = (positions[:, 1] <= locus.start) | (positions[:, 1] - PRIMER >= locus.end)
        positions -= np.clip(positions - locus.start, 0, locus.end - locus.start)
    first = int(positions.min()) // locus.bin_size
    n_bins = int(np.ceil(positions.max() / locus.bin_size)) - first
    edges = (first + np.arange(n_bins + 1)) * locus.bin_size
    overlap = bases_in_bins(*positions.T, edges)
    low, distance = np.arange(n_bins), np.abs(np.subtract.outer(np.arange(n_bins), np.arange(n_bins)))
    low = first + np.minimum(low[:, None], low)
    near = distance < band.shape[1]
    contact = np.where(near, band[low, np.where(near, distance, 0)], 1.0) * decay[distance]
    primers = seeds.generator(seed, "simulation", "5c", "primers")  # equal in both experiments
    efficiency = np.exp(primers.normal(0, EFFICIENCY, len(fragments)))
    failed = primers.random(len(fragments)) < FAILED
    rate = overlap @ contact @ overlap.T * np.outer(efficiency, efficiency)
    rate[~present] = rate[:, ~present] = 0
    upper = np.triu_indices(len(fragments), 1)
    rates = rate[upper] / rate[upper].sum() * (1 - RANDOM)
    efficiencies = np.outer(efficiency * present, efficiency * present)[upper]
    rates += efficiencies / efficiencies.sum() * RANDOM
    drawn = seeds.generator(seed, "simulation", "5c", "counts", name).poisson(READS * rates)
    matrix = np.zeros_like(rate)
    matrix[upper] = drawn
    matrix += matrix.T
    np.fill_diagonal(matrix, np.nan)
    matrix[failed] = matrix[:, failed] = np.nan
    return matrix


def labels(locus, fragments):
    """Labels of fragments in the format of my5C: alternating primers and 1-based positions of the older assembly.

    Parameters
    ----------
    locus : Locus
    fragments : DataFrame
        From :func:`cut`.

    Returns
    -------
    list of str
    """
    older = locus.to_older(fragments.to_numpy())
    return [
        f"5C_1_LOCUS_{('FOR', 'REV')[i % 2]}_{i + 1}|{ASSEMBLY}|{locus.chrom}:{start + 1}-{end}"
        for i, (start, end) in enumerate(older.tolist())
    ]


def write_matrix(path, names, matrix, title):
    """Write a matrix in the format of my5C, gzipped.

    Parameters
    ----------
    path : str
    names : list of str
        From :func:`labels`.
    matrix : ndarray, shape (fragments, fragments)
        From :func:`counts`.
    title : str
        First comment line.
    """
    header = [f"# {title}", f"# {len(names)} fragments, all against all", "\t".join(["", *names])]
    rows = (
        [name, *("nan" if np.isnan(value) else f"{value:.0f}" for value in row)]
        for name, row in zip(names, matrix, strict=True)
    )
    write_rows(path, rows, header)


def write_chain(path, locus, chromsizes):
    """Write the chain file that lifts the older assembly over to the genome, gzipped.

    Parameters
    ----------
    path : str
    locus : Locus
    chromsizes : dict of str to int
        Lengths in bp.
    """
    header = []
    for number, (chrom, size) in enumerate(chromsizes.items(), start=1):
        blocks, position = [], 0
        for edit, size_of_edit in locus.edits() if chrom == locus.chrom else ():
            blocks.append(f"{edit - position}\t{max(size_of_edit, 0)}\t{max(-size_of_edit, 0)}")
            position = edit + max(-size_of_edit, 0)
        older = int(locus.to_older(size)) if chrom == locus.chrom else size
        ends = f"{chrom} {older} + 0 {older} {chrom} {size} + 0 {size}"
        header += [f"chain {size * 100} {ends} {number}", *blocks, f"{size - position}", ""]
    write_rows(path, [], header)
