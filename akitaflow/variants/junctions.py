"""Windows of breakends, which join two places of the genome.

The window of a breakend is that of its own record (:mod:`akitaflow.variants.windows`). The alternative keeps the part
on one side of the breakpoint. The part on the other side, after inserted bases if there are any, is the sequence at the
mate. The kept part is compared with the map of the record's window. The joined part is compared with the map of the
mate's window, in which the mate's sequence has the same position; it is reverse-complemented if it is joined so. Pixels
across the breakpoint have no reference and are left out, as in SuPreMo: scores measure the change on each side.
"""

from dataclasses import dataclass

import numpy as np

from akitaflow.genome.intervals import Window
from akitaflow.genome.sequence import decode, reverse_complement
from akitaflow.prediction.perturb import Substitute


@dataclass(frozen=True)
class JoinedWindow:
    """The two windows of a breakend.

    Attributes
    ----------
    window, mate : Window
        Of the record, and of the sequence that is joined.
    reverse : bool
        Whether the mate's window is reverse-complemented.
    edges : (int, int)
        Start and end of the inserted bases, bp from the start of the window.
    keeps_left : bool
        Whether the part to the left of the breakpoint is kept.
    """

    window: Window
    mate: Window
    reverse: bool
    edges: tuple
    keeps_left: bool

    @classmethod
    def of(cls, variant, window):
        """The windows of a breakend, from that of its record."""
        junction, length = variant.junction, window.end - window.start
        place, inserted, mate = variant.start - window.start, len(variant.sequence), junction.pos - 1
        # the first base of the joined part, counted away from the breakpoint, is ``mate``
        if junction.keeps_left:
            edges, joined = (place, place + inserted), place + inserted
        else:
            edges, joined = (place - inserted, place), place - inserted - 1
        start = mate + 1 - length + joined if junction.reverse else mate - joined
        return cls(window, Window(junction.chrom, start, start + length), junction.reverse, edges, junction.keeps_left)

    def alternatives(self, genome, inserted):
        """The alternatives to predict: the junction, and the mate's window in the orientation in which it is joined."""
        codes = genome.fetch(*self.mate)
        joined = decode(reverse_complement(codes) if self.reverse else codes)
        low, high = self.edges
        start, end = self.window.start, self.window.end
        if self.keeps_left:
            junction = Substitute(start + low, end, inserted + joined[high:])
        else:
            junction = Substitute(start, start + high, joined[:low] + inserted)
        return (junction,), (Substitute(start, end, joined),)

    def sides(self, model):
        """The bins of the map that are kept and those that are joined.

        Returns
        -------
        (kept, joined) : tuple of ndarray of bool, shape (map_bins,)
            Bins with the breakpoint or inserted bases are in neither.
        """
        starts = model.geometry.crop + model.bin_size * np.arange(model.map_bins)
        left, right = starts + model.bin_size <= self.edges[0], starts >= self.edges[1]
        return (left, right) if self.keeps_left else (right, left)

    def reference(self, model, own, mate):
        """The values with which the alternative is compared; NaN for pixels without a reference.

        Parameters
        ----------
        own, mate : ndarray, shape (n_values, outputs)
            Maps of the two windows; that of the mate in the orientation in which it is joined.
        """
        rows, columns = model.geometry.pixels
        values = np.full(np.shape(own), np.nan, np.float32)
        for side, source in zip(self.sides(model), (own, mate), strict=True):
            inside = side[rows] & side[columns]
            values[inside] = source[inside]
        return values

    def place_of_bin(self, model, index):
        """(chrom, start) in the genome of a bin of the map."""
        offset = model.geometry.crop + int(index) * model.bin_size
        kept, _ = self.sides(model)
        if kept[index]:
            return self.window.chrom, self.window.start + offset
        if self.reverse:
            return self.mate.chrom, self.mate.end - offset - model.bin_size
        return self.mate.chrom, self.mate.start + offset
