"""The window in which a variant is scored.

The window has the model's length and begins on the grid of bins of the genome, so that its map has the bins of contact
maps and variants of one bin share a window. The middle of the variant's reference interval, (start + end) // 2, lies in
bin ``n // 2`` of the window's n bins; near an end of the chromosome the window is moved by whole bins until
it is inside. Coordinates are 0-based and half-open, in bp.
"""

from akitaflow.genome.intervals import Window
from akitaflow.genome.sequence import UNKNOWN
from akitaflow.variants.variant import OK

MAX_UNKNOWN = 0.5  # share of N of a window that is still scored


def centred_window(chrom, middle, size, length, bin_size):
    """The window around a base.

    Parameters
    ----------
    chrom : str
    middle : int
    size : int
        Of the chromosome; at least ``length``.
    length, bin_size : int
        Of the model's window, a whole number of bins.

    Returns
    -------
    akitaflow.genome.intervals.Window
    """
    start = max(min(_first(middle, length, bin_size), (size - length) // bin_size * bin_size), 0)
    return Window(chrom, start, start + length)


def _first(middle, length, bin_size):
    """Start of the window, if it is not limited by the ends of the chromosome."""
    return (middle // bin_size - length // bin_size // 2) * bin_size


def map_interval(window, model):
    """(start, end) of the part of a window that is in the model's map."""
    crop = model.geometry.crop
    return window.start + crop, window.end - crop


class Windows:
    """Finds the windows of variants in a genome.

    Parameters
    ----------
    model : akitaflow.model.folding_model.FoldingModel
    genome : akitaflow.genome.sequence.Genome
    max_unknown : float
        Share of N above which a window is not scored.
    """

    def __init__(self, model, genome, max_unknown=MAX_UNKNOWN):
        self.model, self.genome, self.max_unknown = model, genome, max_unknown
        self._last = (None, None)

    def __call__(self, variant):
        """The window of a variant.

        Returns
        -------
        (Variant, Window or None)
            If the variant cannot be scored, it has the status too_long, short_chromosome, outside_map or
            unknown_sequence, and there is no window.
        """
        if variant.status != OK:
            return variant, None
        model, chrom = self.model, variant.genome_chrom
        size, limit = self.genome.chromsizes[chrom], model.map_bins * model.bin_size
        if variant.length > limit:
            return variant.failed("too_long", f"{variant.length} bases; the map shows {limit}"), None
        if size < model.length:
            reason = f"{chrom} has {size} bases, the model reads {model.length}"
            return variant.failed("short_chromosome", reason), None
        window = centred_window(chrom, variant.middle, size, model.length, model.bin_size)
        low, high = map_interval(window, model)
        if variant.start < low or variant.end > high or variant.start >= high:
            reason = f"the nearest map shows {chrom}:{low}-{high}"
            moved = window.start != _first(variant.middle, model.length, model.bin_size)
            return variant.failed("outside_map" if moved else "too_long", reason), None
        share = self.unknown(window)
        if share > self.max_unknown:
            return variant.failed("unknown_sequence", f"{share:.0%} of {window} is N"), None
        return variant, window

    def unknown(self, window):
        """Share of N of a window; that of the last window is cached."""
        if self._last[0] != window:
            self._last = window, float((self.genome.fetch(*window) == UNKNOWN).mean())
        return self._last[1]
