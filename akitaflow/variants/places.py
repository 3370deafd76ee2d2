"""Places of variants in the genome: names of chromosomes, lift-over from another assembly, and check of REF."""

from dataclasses import replace

from akitaflow.errors import InputError
from akitaflow.genome.chains import chain_sizes, check_target, open_chain
from akitaflow.genome.sequence import UNKNOWN, decode
from akitaflow.variants.variant import OK, Junction, reverse_complement_text

MITOCHONDRIA = ("chrM", "MT", "M", "chrMT")


def other_names(name):
    """Other names of a chromosome in common use: ``chr1`` and ``1``, ``chrM`` and ``MT``."""
    bare = name[3:] if name.lower().startswith("chr") else name
    names = [bare, f"chr{bare}"]
    if bare in ("M", "MT"):
        names = list(MITOCHONDRIA)
    return [other for other in names if other != name]


class Names:
    """Finds the name of a chromosome in a genome or a chain file.

    Parameters
    ----------
    known : iterable of str

    Attributes
    ----------
    renamed : dict of str to str
        Names found so far that differ in the genome: name -> name in the genome.
    left_out : set of str
        Names that are not looked for, because their chromosomes have other lengths.
    """

    def __init__(self, known):
        self.known, self.renamed, self.left_out = set(known), {}, set()

    def __call__(self, name):
        """The known name of a chromosome, preferably the same; None if there is none."""
        if name in self.known:
            return name
        if name in self.left_out:
            return None
        if name not in self.renamed:
            synonym = next((other for other in other_names(name) if other in self.known), None)
            if synonym is None:
                return None
            self.renamed[name] = synonym
        return self.renamed[name]

    def __str__(self):
        return ", ".join(f"{name} is read as {known}" for name, known in self.renamed.items())


class Lift:
    """Lifts variants over to another assembly with a chain file of UCSC.

    Parameters
    ----------
    chain : str or Path
        From the assembly of the variants to that of the genome; plain or gzipped.

    Attributes
    ----------
    sizes : dict of str to int
        Lengths in bp of the chromosomes of the variants' assembly.
    names : Names
        Of these chromosomes.

    Raises
    ------
    InputError
        If the file is not a chain file.
    """

    def __init__(self, chain):
        self._path, self._liftover = chain, open_chain(chain)
        self.sizes, self._targets = chain_sizes(chain)
        self.names = Names(self.sizes)
        if not self.sizes:
            raise InputError(f"{chain} has no chain of UCSC in it.")

    def check_target(self, chromsizes):
        """Check that the file leads to the assembly of a genome, whose names may differ as in :func:`other_names`."""
        names = Names(chromsizes)
        sizes = {name: chromsizes[names(name)] for name in self._targets if names(name)}
        for name in MITOCHONDRIA:  # UCSC's hg19 has another one than GRCh37
            if name in names.renamed:
                del sizes[name]
        check_target(self._path, sizes or chromsizes)

    def __call__(self, variant):
        """The variant in the other assembly.

        The first and the last base of REF and of the changed interval must be lifted to the same strand of one
        chromosome, at an unchanged distance. Alleles that are lifted to the reverse strand are reverse-complemented.
        """
        if variant.status != OK:
            return variant
        ends = [variant.start, max(variant.end - 1, variant.start)]
        if variant.checked:
            ends += [variant.ref_start, variant.ref_start + len(variant.checked) - 1]
        low, high = min(ends), max(ends)
        place = self._stretch(variant.chrom, low, high)
        if isinstance(place, str):
            return variant.failed("not_lifted", place)
        chrom, start, strand = place
        if strand == "+":
            moved = replace(
                variant,
                genome_chrom=chrom,
                start=variant.start + start - low,
                end=variant.end + start - low,
                ref_start=variant.ref_start + start - low if variant.checked else -1,
            )
        else:
            if variant.junction or variant.kind == "breakend":
                return variant.failed("not_lifted", "a breakend on a reversed stretch")
            mirror = start + high + 1  # base x is lifted to mirror - 1 - x
            moved = replace(
                variant,
                genome_chrom=chrom,
                start=mirror - variant.end,
                end=mirror - variant.start,
                sequence=reverse_complement_text(variant.sequence),
                checked=reverse_complement_text(variant.checked),
                ref_start=mirror - variant.ref_start - len(variant.checked) if variant.checked else -1,
            )
        if moved.junction:
            mate = self._stretch(variant.junction.chrom, variant.junction.pos - 1, variant.junction.pos - 1)
            if isinstance(mate, str) or mate[2] == "-":
                return variant.failed("not_lifted", "the mate of the breakend has no place on the forward strand")
            junction = Junction(mate[0], mate[1] + 1, variant.junction.keeps_left, variant.junction.reverse)
            moved = replace(moved, junction=junction)
        return moved

    def _stretch(self, chrom, low, high):
        """(chrom, start, strand) of the lifted bases low to high, both included; or why there is none (str)."""
        name = self.names(chrom)
        if name is None:
            return f"the chain has no {chrom}"
        hits = [self._liftover.convert_coordinate(name, position) for position in (low, high)]
        if not all(hits):
            return f"{chrom}:{low}-{high + 1} has no place in the genome's assembly"
        (chrom_low, first, strand_low), (chrom_high, last, strand_high) = (hit[0][:3] for hit in hits)
        if (chrom_low, strand_low) != (chrom_high, strand_high):
            return f"{chrom}:{low}-{high + 1} is split over {chrom_low}{strand_low} and {chrom_high}{strand_high}"
        if abs(last - first) != high - low:
            return f"{high - low + 1} bases become {abs(last - first) + 1}"
        return chrom_low, min(first, last), strand_low


def locate(variant, names, lift=None):
    """Find the chromosome of a variant in the genome, and its position if it is lifted over.

    Parameters
    ----------
    variant : Variant
    names : Names
        Of the genome.
    lift : Lift, optional

    Returns
    -------
    Variant
        With ``genome_chrom``, and start and end in the genome's assembly; or with a status.
    """
    if variant.status != OK:
        chrom = names(variant.chrom) if lift is None else None
        return replace(variant, genome_chrom=chrom or "")
    if lift is not None:
        variant = lift(variant)
        if variant.status != OK:
            return variant
    chrom = names(variant.genome_chrom or variant.chrom)
    if chrom is None:
        return variant.failed("unknown_chromosome", f"the genome has no {variant.genome_chrom or variant.chrom}")
    variant = replace(variant, genome_chrom=chrom)
    if variant.junction:
        mate = names(variant.junction.chrom)
        if mate is None:
            return variant.failed("unknown_chromosome", f"the genome has no {variant.junction.chrom}, the mate's")
        junction = variant.junction
        junction = Junction(mate, junction.pos, junction.keeps_left, junction.reverse)
        variant = replace(variant, junction=junction)
    return variant


def check_bases(variant, genome):
    """Compare a located variant with the genome.

    Returns
    -------
    Variant
        Unchanged, or with the status off_end, reference_mismatch, swapped_alleles or unknown_base.
    """
    if variant.status != OK:
        return variant
    chrom, size = variant.genome_chrom, genome.chromsizes[variant.genome_chrom]
    last = max(variant.end, variant.ref_start + len(variant.checked))
    if variant.start < 0 or last > size:
        return variant.failed("off_end", f"{chrom} has {size} bases")
    if variant.junction and not 1 <= variant.junction.pos <= genome.chromsizes[variant.junction.chrom]:
        return variant.failed("off_end", f"the mate {variant.junction.chrom}:{variant.junction.pos} does not exist")
    if not variant.checked:
        return variant
    genome_ref = decode(genome.fetch(chrom, variant.ref_start, variant.ref_start + len(variant.checked)))
    if genome_ref == variant.checked:
        return variant
    message = f"the genome has {_short(genome_ref)} where REF is {_short(variant.checked)}"
    if decode([UNKNOWN]) in genome_ref:
        return variant.failed("unknown_base", message)
    alt = variant.alt.upper()
    if alt.isalpha() and set(alt) <= set("ACGT"):
        if reverse_strand(variant):
            alt = reverse_complement_text(alt)
        genome_alt = decode(genome.fetch(chrom, variant.ref_start, variant.ref_start + len(alt)))
        if genome_alt == alt and not _also_ref(alt, variant.checked):
            return variant.failed("swapped_alleles", f"{message}, which is ALT: swap the alleles")
        message += "; nor is it ALT"
    return variant.failed("reference_mismatch", message)


def reverse_strand(variant):
    """Whether a lift-over moved the alleles of the record to the reverse strand of the genome."""
    ref = variant.ref.upper()
    return bool(variant.checked) and variant.checked != ref and variant.checked == reverse_complement_text(ref)


def _also_ref(alt, ref):
    """Whether REF begins with ALT, so that the genome has ALT wherever it has REF."""
    return len(alt) < len(ref) and ref.startswith(alt)


def _short(text, most=20):
    return text if len(text) <= most else f"{text[:most]}... ({len(text)} bases)"
