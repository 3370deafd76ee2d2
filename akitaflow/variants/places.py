"""Where variants lie in the genome: names of chromosomes, lift-over from another assembly, and a check of REF."""

from dataclasses import replace

from akitaflow.errors import InputError
from akitaflow.files import is_gzipped
from akitaflow.genome.sequence import UNKNOWN, decode
from akitaflow.variants.variant import OK, Junction, reverse_complement_text


def other_names(name):
    """The names that a chromosome may have elsewhere: ``chr1`` and ``1``, ``chrM`` and ``MT``."""
    bare = name[3:] if name.lower().startswith("chr") else name
    names = [bare, f"chr{bare}"]
    if bare in ("M", "MT"):
        names = ["chrM", "MT", "M", "chrMT"]
    return [other for other in names if other != name]


class Names:
    """Finds chromosomes under the names that a genome or a chain gives them.

    Parameters
    ----------
    known : iterable of str

    Attributes
    ----------
    renamed : dict of str to str
        Names that were found under another one so far.
    """

    def __init__(self, known):
        self.known, self.renamed = set(known), {}

    def __call__(self, name):
        """The known name of a chromosome, None if there is none; the same name goes before another one."""
        if name in self.known:
            return name
        if name not in self.renamed:
            found = next((other for other in other_names(name) if other in self.known), None)
            if found is None:
                return None
            self.renamed[name] = found
        return self.renamed[name]

    def __str__(self):
        return ", ".join(f"{name} is read as {found}" for name, found in self.renamed.items())


class Lift:
    """Moves variants to another assembly with a chain file of UCSC.

    Parameters
    ----------
    chain : str or Path
        Gzipped or not, from the assembly of the variants to that of the genome.

    Raises
    ------
    InputError
        If the file is no chain.
    """

    def __init__(self, chain):
        from pyliftover import LiftOver

        try:
            self._liftover = LiftOver(str(chain), use_gzip=is_gzipped(chain))
        except Exception as error:  # of the package: plain Exceptions, and whatever a damaged line leads to
            raise InputError(f"{chain} cannot be read as a chain file of UCSC ({error}).") from error
        self._names = Names(self._liftover.chain_file.chain_index)
        if not self._names.known:
            raise InputError(f"{chain} has no chain of UCSC in it.")

    def __call__(self, variant):
        """The variant in the other assembly.

        The first and the last base of the record's REF and of the changed stretch must go to one strand of one
        chromosome, as far apart as before. Alleles on a reversed stretch become their reverse complements.
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
            turned = start + high + 1  # base x becomes turned - 1 - x
            moved = replace(
                variant,
                genome_chrom=chrom,
                start=turned - variant.end,
                end=turned - variant.start,
                sequence=reverse_complement_text(variant.sequence),
                checked=reverse_complement_text(variant.checked),
                ref_start=turned - variant.ref_start - len(variant.checked) if variant.checked else -1,
            )
        if moved.junction:
            mate = self._stretch(variant.junction.chrom, variant.junction.pos - 1, variant.junction.pos - 1)
            if isinstance(mate, str) or mate[2] == "-":
                return variant.failed("not_lifted", "the mate of the breakend has no place on the forward strand")
            junction = Junction(mate[0], mate[1] + 1, variant.junction.keeps_left, variant.junction.reverse)
            moved = replace(moved, junction=junction)
        return moved

    def _stretch(self, chrom, low, high):
        """(chrom, start, strand) of bases low to high, both included; or why there is none."""
        name = self._names(chrom)
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
    """Give a variant its chromosome of the genome.

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
        found = names(variant.chrom) if lift is None else None
        return replace(variant, genome_chrom=found or "")
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
        As it was; or with the status off_end, reference_mismatch, swapped_alleles or unknown_base.
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
    found = decode(genome.fetch(chrom, variant.ref_start, variant.ref_start + len(variant.checked)))
    if found == variant.checked:
        return variant
    if decode([UNKNOWN]) in found:
        return variant.failed("unknown_base", f"the genome has {_short(found)} where REF is {_short(variant.checked)}")
    message = f"the genome has {_short(found)} where REF is {_short(variant.checked)}"
    alt = variant.alt.upper()
    if alt.isalpha() and set(alt) <= set("ACGT"):
        if reverse_strand(variant):
            alt = reverse_complement_text(alt)
        there = decode(genome.fetch(chrom, variant.ref_start, variant.ref_start + len(alt)))
        if there == alt and not _also_ref(alt, variant.checked):
            return variant.failed("swapped_alleles", f"{message}, which is ALT: swap the alleles")
        message += "; nor is it ALT"
    return variant.failed("reference_mismatch", message)


def reverse_strand(variant):
    """Whether the alleles of the record are those of the genome's reverse strand: after a lift-over."""
    ref = variant.ref.upper()
    return bool(variant.checked) and variant.checked != ref and variant.checked == reverse_complement_text(ref)


def _also_ref(alt, ref):
    """Whether ALT is only the beginning of REF: that the genome has it then says nothing."""
    return len(alt) < len(ref) and ref.startswith(alt)


def _short(text, most=20):
    return text if len(text) <= most else f"{text[:most]}... ({len(text)} bases)"
