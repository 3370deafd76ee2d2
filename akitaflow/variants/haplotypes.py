"""Phased alleles of a sample; the alternative of an allele is the haplotype that carries it."""

from bisect import bisect_left
from collections import defaultdict

from akitaflow.variants.variant import OK


class Haplotypes:
    """The alleles that each haplotype of a sample carries.

    Parameters
    ----------
    variants : iterable of Variant
        Located and checked, in any order; those that cannot be scored and breakends are left out.
    """

    def __init__(self, variants):
        self._alleles = defaultdict(list)
        for variant in variants:
            if variant.status == OK and variant.kind != "breakend":
                for haplotype in variant.phase:
                    self._alleles[variant.genome_chrom, haplotype, variant.phase_set].append(variant)
        for alleles in self._alleles.values():
            alleles.sort(key=lambda variant: (variant.start, variant.end))
        self._starts = {key: [each.start for each in alleles] for key, alleles in self._alleles.items()}

    def alleles(self, variant, haplotype, window):
        """The alleles of a variant's haplotype and phase set that are in a window, without repetitions.

        Returns
        -------
        list of Variant
            Sorted by start.
        """
        key = variant.genome_chrom, haplotype, variant.phase_set
        starts = self._starts[key]
        nearby = self._alleles[key][bisect_left(starts, window.start) : bisect_left(starts, window.end)]
        inside = (each for each in nearby if each.end <= window.end)
        return list({(each.kind, each.start, each.end, each.sequence): each for each in inside}.values())


def overlap(alleles):
    """Whether any two alleles, sorted by start, share a base or are insertions at the same position."""
    pairs = zip(alleles, alleles[1:], strict=False)
    return any(
        after.start < before.end or (after.start, after.end) == (before.start, before.end) for before, after in pairs
    )
