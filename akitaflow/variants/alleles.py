"""Interpretation of the alleles of VCF: which bases of the genome they change.

Bases that an allele shares with REF are removed, first at its end, then at its beginning, so that an indel is as far
left as its record allows. A symbolic allele begins after POS, the base before the event, and ends with END (VCF 4.2 and
later). SVLEN is used if END is missing, and must agree with END otherwise.

============================  ==========================================================================================
ALT                           effect
============================  ==========================================================================================
bases                         substitution, insertion, deletion or both
``<DEL>``, ``<DEL:...>``      deletion of [POS, END), 0-based
``<DUP>``, ``<DUP:TANDEM>``   tandem duplication of [POS, END); the copy follows the original
``<INV>``                     reverse complement of [POS, END)
``<INS>``                     insertion after POS of INFO's SVINSSEQ, INSSEQ or SEQ; without these it is not supported
``<CNn>``, ``<CNV>``          n copies of [POS, END) on this allele (of ``<CNV>``: INFO's CN): deletion or tandem copies
breakends                     see below
============================  ==========================================================================================

Bases that a caller found at the breakpoint (``SVINSSEQ``) replace those of ``<DEL>``, and precede each copy of
``<DUP>``.

A breakend ``t[p[`` or ``]p]t`` whose mate is on the same chromosome is a deletion if it skips bases, and a tandem
duplication if it repeats bases. All others remain breakends: the part of the chromosome on one side of the breakpoint
is kept and the other part is replaced by the sequence at the mate. The two records of a pair are separate alleles.
"""

import re
from dataclasses import replace

from akitaflow.variants.variant import Junction

_SYMBOLIC = re.compile(r"<([^<>]+)>")
_BREAKEND = re.compile(r"([A-Za-z.]*)([\[\]])(.+):(\d+)([\[\]])([A-Za-z.]*)")
_COPIES = re.compile(r"CN(\d+)")
_INSERTED = ("SVINSSEQ", "INSSEQ", "SEQ")  # of the specification, of others, of Sniffles


def interpret(variant, info=None):
    """Interpret the allele of a variant.

    Parameters
    ----------
    variant : Variant
        With chrom, pos, ref and alt of the input.
    info : dict of str to str, optional
        INFO of the record, values of this allele.

    Returns
    -------
    Variant
        With kind, start, end, sequence and further attributes of the kind; or with a status that says why the allele
        cannot be interpreted.
    """
    info, alt = info or {}, variant.alt
    if variant.pos < 1:
        return variant.failed("off_end", f"POS is {variant.pos}; the first base of a chromosome is 1")
    if not re.fullmatch("[A-Za-z]+", variant.ref):
        return variant.failed("invalid_record", f"REF is {_short(variant.ref)}; it must be bases")
    if alt in ("", "."):
        return variant.failed("unsupported_allele", "there is no alternative allele")
    if alt == "*":
        return variant.failed("unsupported_allele", "* stands for a deletion that another record gives")
    symbolic = _SYMBOLIC.fullmatch(alt)
    if symbolic:
        return _symbolic(variant, symbolic[1], info)
    if "[" in alt or "]" in alt:
        return _breakend(variant)
    if "." in alt:
        return variant.failed("unsupported_allele", "a single breakend does not say what it is joined to")
    if not re.fullmatch("[A-Za-z]+", alt):
        return variant.failed("invalid_record", f"ALT is {_short(alt)}; it must be bases, <...> or a breakend")
    return _literal(variant)


def _literal(variant):
    ref, alt = variant.ref.upper(), variant.alt.upper()
    if ref == alt:
        return variant.failed("same_allele")
    for name, bases in (("REF", ref), ("ALT", alt)):
        if set(bases) - set("ACGT"):
            return variant.failed("unknown_base", f"{name} is {_short(bases)}; only A, C, G, T can be scored")
    start, end = variant.pos - 1, variant.pos - 1 + len(ref)
    checked, ref_start = ref, start
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt, end = ref[:-1], alt[:-1], end - 1
    while ref and alt and ref[0] == alt[0]:
        ref, alt, start = ref[1:], alt[1:], start + 1
    if not ref:
        kind = "insertion"
    elif not alt:
        kind = "deletion"
    elif len(ref) == len(alt):
        kind = "snv" if len(ref) == 1 else "mnv"
    else:
        kind = "delins"
    return replace(variant, kind=kind, start=start, end=end, sequence=alt, ref_start=ref_start, checked=checked)


def _symbolic(variant, name, info):
    name = name.upper()
    kind = name.split(":")[0]
    if name in ("NON_REF", "*", "X"):
        return variant.failed("unsupported_allele", f"{variant.alt} stands for any allele that was not observed")
    variant = _with_anchor(variant)
    if kind == "INS":
        return _symbolic_insertion(variant, info)
    copies = _COPIES.fullmatch(name)
    if kind == "CNV" and re.fullmatch(r"\d+", info.get("CN", "")):
        copies = re.fullmatch(r"(\d+)", info["CN"])
    if kind == "DUP" and name not in ("DUP", "DUP:TANDEM"):
        return variant.failed("unsupported_allele", f"{variant.alt} does not say where the copy stands")
    if not copies and kind not in ("DEL", "DUP", "INV"):
        return variant.failed("unsupported_allele", f"{variant.alt} does not say which sequence the allele has")
    problem = _other_event(variant, kind, info)
    start, end, problem = (-1, -1, problem) if problem else _extent(variant.pos, info)
    if problem:
        return variant.failed("invalid_record", problem)
    inserted = info.get("SVINSSEQ", "").upper().strip(".")
    if set(inserted) - set("ACGT"):
        return variant.failed("unknown_base", f"the inserted sequence is {_short(inserted)}")
    variant = replace(variant, start=start, end=end, sequence=inserted)
    number = int(copies[1]) if copies else {"DEL": 0, "DUP": 2}.get(kind)
    if number is None and inserted:
        return variant.failed("unsupported_allele", "SVINSSEQ of an inversion does not say at which end it stands")
    if number is None:
        return replace(variant, kind="inversion")
    if number == 1:
        return variant.failed("same_allele", "one copy on this allele is what the genome has")
    if number == 0:
        return replace(variant, kind="delins" if inserted else "deletion")
    return replace(variant, kind="duplication", copies=number - 1)


def _symbolic_insertion(variant, info):
    sequence = next((info[key].upper() for key in _INSERTED if info.get(key, ".") not in (".", "")), "")
    if not sequence:
        return variant.failed("unsupported_allele", f"{variant.alt} without {', '.join(_INSERTED)} in INFO")
    if set(sequence) - set("ACGT"):
        return variant.failed("unknown_base", f"the inserted sequence is {_short(sequence)}")
    length = info.get("SVLEN", ".")
    if re.fullmatch(r"[+-]?\d+", length) and abs(int(length)) != len(sequence):
        return variant.failed("invalid_record", f"SVLEN is {length}, the inserted sequence has {len(sequence)} bases")
    return replace(variant, kind="insertion", start=variant.pos, end=variant.pos, sequence=sequence)


def _other_event(variant, kind, info):
    """What INFO says against the event of ALT; empty if nothing."""
    kinds = ("DEL", "DUP", "INV")
    other = info.get("SVTYPE", kind).upper()
    if kind in kinds and other in kinds and kind != other:
        return f"SVTYPE is {other}, ALT {variant.alt}"
    other = info.get("CHR2", ".").removeprefix("chr")
    if other not in (".", "", variant.chrom.removeprefix("chr")):
        return f"CHR2 is {info['CHR2']}: the other end is on another chromosome, which takes a breakend"
    return ""


def _extent(pos, info):
    """(start, end, problem) of a symbolic allele: 0-based, half-open."""
    values = {}
    for key in ("END", "SVLEN"):
        text = info.get(key, ".")
        if text in (".", ""):
            continue
        if not re.fullmatch(r"[+-]?\d+", text):
            return -1, -1, f"{key} is {_short(text)}; it must be a whole number"
        values[key] = int(text)
    if not values:
        return -1, -1, "INFO has neither END nor SVLEN"
    end = values.get("END")
    if end is not None and end < pos:
        return -1, -1, f"END {end} lies before POS {pos}"
    length = abs(values["SVLEN"]) if "SVLEN" in values else end - pos
    if end is not None and end - pos != length:
        return -1, -1, f"SVLEN {values['SVLEN']} disagrees with POS {pos} and END {end}: {end - pos} bases"
    if not length:
        return -1, -1, f"END {pos} is POS: no base is changed"
    return pos, pos + length, ""


def _breakend(variant):
    match = _BREAKEND.fullmatch(variant.alt)
    if not match or match[2] != match[5] or bool(match[1]) == bool(match[6]):
        return variant.failed("invalid_record", f"ALT is {_short(variant.alt)}; it is not a breakend of VCF")
    before, bracket, chrom, pos, _, after = match.groups()
    chrom, pos, keeps_left = chrom.strip("<>"), int(pos), bool(before)
    bases = (before or after).upper()
    if "." in bases:
        return variant.failed("unsupported_allele", "a single breakend does not say what it is joined to")
    if len(variant.ref) != 1:
        return variant.failed("invalid_record", f"REF of a breakend is {_short(variant.ref)}; it must be one base")
    inserted = bases[1:] if keeps_left else bases[:-1]
    anchor = bases[0] if keeps_left else bases[-1]
    if set(inserted) - set("ACGT") or (set(anchor) - set("ACGTN")):
        return variant.failed("unknown_base", f"ALT is {_short(variant.alt)}; only A, C, G, T can be scored")
    if anchor not in (variant.ref.upper(), "N") and variant.ref.upper() != "N":
        # the base at the breakpoint is replaced too: it belongs to what is inserted
        return variant.failed("unsupported_allele", "the base at the breakpoint is not REF")
    variant = _with_anchor(variant)
    place = variant.pos if keeps_left else variant.pos - 1
    reverse = (bracket == "]") == keeps_left
    if chrom == variant.chrom and not reverse:
        return _joined_nearby(variant, place, pos if not keeps_left else pos - 1, keeps_left, inserted)
    junction = Junction(chrom, pos, keeps_left, reverse)
    return replace(variant, kind="breakend", start=place, end=place, sequence=inserted, junction=junction)


def _joined_nearby(variant, place, mate, keeps_left, inserted):
    """A breakend within a chromosome, not inverted: a deletion, a tandem duplication or an insertion."""
    start, end = (place, mate) if keeps_left else (mate, place)
    junction = Junction(variant.chrom, mate + keeps_left, keeps_left, False)
    if start < end:
        kind = "delins" if inserted else "deletion"
        return replace(variant, kind=kind, start=start, end=end, sequence=inserted, junction=junction)
    if start == end:
        if not inserted:
            return variant.failed("same_allele", "the breakend joins what is joined in the genome")
        return replace(variant, kind="insertion", start=start, end=end, sequence=inserted)
    if inserted:  # between the two copies: not a plain duplication
        return replace(variant, kind="breakend", start=place, end=place, sequence=inserted, junction=junction)
    return replace(variant, kind="duplication", start=end, end=start, copies=1, junction=junction)


def as_breakend(variant):
    """The breakend of a deletion or duplication that was given as one, for those longer than a map."""
    junction = variant.junction
    place = variant.pos if junction.keeps_left else variant.pos - 1
    return replace(variant, kind="breakend", start=place, end=place, copies=0)


def _with_anchor(variant):
    """Have REF of a symbolic allele or breakend checked, unless it is N, which many callers write."""
    ref = variant.ref.upper()
    if set(ref) - set("ACGT"):
        return variant
    return replace(variant, ref_start=variant.pos - 1, checked=ref)


def _short(text, most=20):
    return text if len(text) <= most else f"{text[:most]}... ({len(text)} letters)"
