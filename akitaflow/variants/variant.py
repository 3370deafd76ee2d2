"""DNA variants: an allele of a record with its effect on the genome, or the reason why it cannot be scored.

Coordinates are 0-based and half-open, in bp, except ``pos``, which is the 1-based position that the input gives.
"""

from dataclasses import dataclass, replace

from akitaflow.genome.sequence import decode, encode, reverse_complement
from akitaflow.prediction.perturb import Delete, Insert, Invert, Substitute

OK = "ok"

# Values of the column status of a table of scores; the column reason has the details.
STATUSES = {
    OK: "scored",
    "reference_mismatch": "REF is not what the genome has there",
    "swapped_alleles": "REF is not what the genome has there, but ALT is: the two alleles are swapped",
    "unknown_base": "REF, ALT or the genome has N or another letter than A, C, G, T there",
    "unknown_sequence": "too much of the window is N",
    "off_end": "the variant lies before the first or behind the last base of its chromosome",
    "outside_map": "the variant lies so near an end of its chromosome that no map shows it",
    "short_chromosome": "the chromosome is shorter than the window that the model reads",
    "too_long": "the variant or its alternative is longer than the map",
    "unsupported_allele": "the record does not say which sequence the allele has",
    "same_allele": "ALT is equal to REF",
    "unknown_chromosome": "the genome has no such chromosome",
    "invalid_record": "the record contradicts itself or has a value that is none",
    "not_lifted": "the variant has no place in the genome's assembly",
    "unphased": "the sample's genotype is not phased (haplotypes only)",
    "not_carried": "the sample does not carry the allele (haplotypes only)",
    "overlapping": "alleles of one haplotype overlap (haplotypes only)",
}

KINDS = ("snv", "mnv", "insertion", "deletion", "delins", "duplication", "inversion", "breakend")


@dataclass(frozen=True, slots=True)
class Junction:
    """A breakend that joins a variant's chromosome to another place.

    Attributes
    ----------
    chrom : str
    pos : int
        1-based position of the base that the kept part is joined to.
    keeps_left : bool
        Whether the kept part is the one left of the breakpoint.
    reverse : bool
        Whether the other part is joined as its reverse complement.
    """

    chrom: str
    pos: int
    keeps_left: bool
    reverse: bool


@dataclass(frozen=True, slots=True)
class Variant:
    """One allele of one record.

    Attributes
    ----------
    record : int
        Number of the record in the input, from 1.
    chrom, pos, id, ref, alt : str, int, str, str, str
        As in the input; of a BED line ``pos`` is the first base.
    allele : int
        Number of the allele in its record, from 1.
    kind : str
        One of ``KINDS``; empty if the record does not determine it.
    genome_chrom : str
        Name of the chromosome in the genome.
    start, end : int
        The reference bases that are replaced, removed, copied or inverted; equal for an insertion or a breakend.
    sequence : str
        Bases that replace them, that are inserted at the breakpoint of a breakend, or that precede each copy of a
        duplication.
    copies : int
        Additional tandem copies of a duplication.
    ref_start : int
        Start of ``checked``, the bases that the genome must have.
    checked : str
        In upper case, on the forward strand of the genome; empty if nothing is to be checked.
    junction : Junction or None
        Of a breakend.
    phase : tuple of int
        Haplotypes of the chosen sample that carry the allele, from 1.
    phase_set : str
        Alleles with the same phase set are phased to each other.
    status, reason : str
        A key of ``STATUSES``, and details.
    """

    record: int
    chrom: str
    pos: int
    id: str
    ref: str
    alt: str
    allele: int = 1
    kind: str = ""
    genome_chrom: str = ""
    start: int = -1
    end: int = -1
    sequence: str = ""
    copies: int = 0
    ref_start: int = -1
    checked: str = ""
    junction: Junction | None = None
    phase: tuple = ()
    phase_set: str = ""
    status: str = OK
    reason: str = ""

    @property
    def middle(self):
        """The base on which the window is centred."""
        return (self.start + self.end) // 2

    @property
    def length(self):
        """Length of the allele in the genome or of its alternative, whichever is longer, bp."""
        reference = self.end - self.start
        return max(reference, len(self.sequence) if self.kind != "duplication" else self.duplicated)

    @property
    def duplicated(self):
        """Length of a duplication with all copies, bp."""
        reference = self.end - self.start
        return reference + (reference + len(self.sequence)) * self.copies

    @property
    def size(self):
        """Number of bases that are changed, copied, removed or inserted; if bases replace others, the larger number."""
        return max(self.end - self.start, len(self.sequence))

    def failed(self, status, reason=""):
        """The variant with another status."""
        return replace(self, status=status, reason=reason or STATUSES[status])

    def edits(self, genome):
        """The perturbations of :mod:`akitaflow.prediction.perturb` that make the allele; not for a breakend."""
        if self.kind in ("snv", "mnv"):
            return (Substitute(self.start, self.end, self.sequence),)
        if self.kind == "inversion":
            return (Invert(self.start, self.end),)
        if self.kind == "duplication":
            copied = decode(genome.fetch(self.genome_chrom, self.start, self.end))
            return (Insert(self.end, (self.sequence + copied) * self.copies),)
        edits = (Insert(self.start, self.sequence),) if self.sequence else ()
        return edits + ((Delete(self.start, self.end),) if self.end > self.start else ())


def reverse_complement_text(sequence):
    """The reverse complement of a string of bases, upper case; letters other than A, C, G, T become N."""
    return decode(reverse_complement(encode(sequence)))
