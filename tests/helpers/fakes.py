"""A model without learning that obeys the interface of a folding model, a genome in memory, and its windows."""

import numpy as np
import pandas as pd

from akitaflow.genome.sequence import UNKNOWN
from akitaflow.geometry import Geometry


class FakeModel:
    """Predicts products of the G+C content of two bins; equivariant under reverse complement.

    ``asymmetric`` breaks that: then bins count G only, so that both strands differ.
    """

    def __init__(self, bin_size=16, window_bins=12, crop=2, offset=2, asymmetric=False):
        self.geometry = Geometry.from_bins(bin_size, window_bins, crop, offset)
        self.bin_size, self.length = bin_size, bin_size * window_bins
        self.map_bins, self.diagonal_offset = self.geometry.map_bins, offset
        self.crop, self.asymmetric = crop, asymmetric
        self.outputs = ["A", "B"]
        self.n_values = self.geometry.n_values
        self.calls = []

    def predict_codes(self, codes):
        assert codes.dtype == np.uint8 and codes.shape[1] == self.length
        self.calls.append(codes.copy())
        counted = codes == 2 if self.asymmetric else (codes == 1) | (codes == 2)
        bins = counted.reshape(len(codes), -1, self.bin_size).mean(-1)[:, self.crop : self.crop + self.map_bins]
        rows, columns = self.geometry.pixels
        values = bins[:, rows] * bins[:, columns]
        return np.stack([values, -2 * values], -1).astype(np.float32)

    @property
    def sequences(self):
        """All sequences predicted so far."""
        return np.concatenate(self.calls) if self.calls else np.zeros((0, self.length), np.uint8)


class FakeGenome:
    """The genome interface on arrays of codes; counts what is fetched."""

    def __init__(self, chromosomes):
        self.chromosomes = chromosomes
        self.chromsizes = {name: len(codes) for name, codes in chromosomes.items()}
        self.fetched = []

    def fetch(self, chrom, start, end):
        self.fetched.append((chrom, start, end))
        codes = np.full(end - start, UNKNOWN, np.uint8)
        low, high = max(start, 0), min(end, self.chromsizes[chrom])
        if low < high:
            codes[low - start : high - start] = self.chromosomes[chrom][low:high]
        return codes


def random_genome(seed=0, **lengths):
    random = np.random.default_rng(seed)
    return FakeGenome({name: random.integers(4, size=length, dtype=np.uint8) for name, length in lengths.items()})


def table_of_windows(n=12, length=192, per_contig=3):
    start = np.arange(n) * 100
    table = pd.DataFrame({"chrom": "c", "start": start, "end": start + length, "fold": "test"})
    return table.assign(contig=np.arange(n) // per_contig, kept=True, reason="")
