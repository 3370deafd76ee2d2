"""Variants from VCF and BCF, read by pysam record by record."""

import gzip
import re
import shutil
import sys
import tempfile
import zlib
from contextlib import ExitStack, contextmanager
from pathlib import Path

from akitaflow.errors import InputError
from akitaflow.files import GZIP_MAGIC, is_gzipped
from akitaflow.variants.alleles import interpret
from akitaflow.variants.variant import Variant


@contextmanager
def local_copy(path):
    """Path of a file that can be read twice: for a pipe, or ``-``, standard input, that of a temporary copy."""
    piped = str(path) == "-" or Path(path).is_fifo()
    if not piped:
        if not Path(path).is_file():
            raise InputError(f"{path}: {'is a folder, not a file' if Path(path).is_dir() else 'no such file'}")
        yield str(path)
        return
    with ExitStack() as stack:
        copy = stack.enter_context(tempfile.NamedTemporaryFile(prefix="akitaflow."))
        shutil.copyfileobj(sys.stdin.buffer if str(path) == "-" else stack.enter_context(open(path, "rb")), copy)
        copy.flush()
        try:
            yield copy.name
        except InputError as error:
            name = "standard input" if str(path) == "-" else str(path)
            raise InputError(str(error).replace(copy.name, name)) from None


def read_vcf(path, sample=None):
    """The alleles of a VCF, plain, gzipped or bgzipped, or of a BCF.

    Header lines for contigs, INFO and FORMAT may be missing, records may be in any order, and lines may end with CR LF.

    Parameters
    ----------
    path : str or Path
    sample : str, optional
        Sample whose genotypes determine ``phase``.

    Yields
    ------
    Variant
        One for each record and allele, in the order of the file; its status is ``ok`` if the allele can be
        interpreted.

    Raises
    ------
    InputError
        If the file is not a VCF, is truncated, or has a record that cannot be parsed, or if it lacks the sample.
    """
    import pysam

    level = pysam.set_verbosity(0)  # without its messages about missing header lines
    number = 0
    try:
        with _plain_or_bgzipped(path) as source:
            with pysam.VariantFile(source) as file:
                if sample is not None and sample not in file.header.samples:
                    some = ", ".join(list(file.header.samples)[:8]) or "no sample"
                    raise InputError(f"{path}: there is no sample {sample!r}; it has {some}")
                infos = _info_texts(source) if file.format == "VCF" else None
                for number, record in enumerate(file, start=1):
                    yield from _alleles(record, number, sample, infos)
    except InputError:
        raise
    except (OSError, ValueError, EOFError, zlib.error) as error:
        problem = _problem(path, number)
        if problem:
            raise InputError(f"{path}, {problem}") from None
        where = f"cannot be read after record {number}" if number else "cannot be read as VCF"
        raise InputError(
            f"{path} {where} ({error}); is it damaged, cut off, or separated by spaces instead of tabs?"
        ) from error
    finally:
        pysam.set_verbosity(level)


def contig_lengths(path):
    """Lengths of contigs that the header of a VCF or BCF states.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    dict of str to int
        bp; empty if the header has none or the file cannot be read.
    """
    import pysam

    level = pysam.set_verbosity(0)
    try:
        with _plain_or_bgzipped(path) as source, pysam.VariantFile(source) as file:
            return {name: contig.length for name, contig in file.header.contigs.items() if contig.length}
    except (InputError, OSError, ValueError, EOFError, zlib.error):
        return {}  # read_vcf says why
    finally:
        pysam.set_verbosity(level)


def _problem(path, n_read):
    """The line after the records that were read, and what is wrong with it; empty if that cannot be said."""
    opener = gzip.open if is_gzipped(path) else open
    samples, number, done = 0, 0, -1
    try:
        with opener(path, "rt", encoding="utf-8", errors="replace", newline="\n") as file:
            for number, line in enumerate(file, start=1):
                line = line.rstrip("\r\n")
                if done < 0 and line.startswith("##"):
                    continue
                if line.startswith("BCF") and number == 1:
                    return ""
                if done < 0:
                    found = _problem_of_header(line)
                    if found:
                        return f"line {number}: {found}"
                    samples, done = max(len(line.split("\t")) - 9, 0), 0
                elif done < n_read:
                    done += 1
                else:
                    found = _problem_of_record(line, samples)
                    return f"line {number}: {found}" if found else ""
    except (OSError, EOFError, zlib.error):
        return ""
    return f"line {number}: the line #CHROM with the names of the columns is missing" if done < 0 and number else ""


def _problem_of_header(line):
    names = line.split("\t")
    if line[:6] == "#CHROM" and len(names) < 8 and len(line.split()) >= 8:
        return "columns must be separated by tabs, not blanks"
    if line[:6] != "#CHROM":
        return f"found {line[:60]!r}; the line #CHROM with the names of the columns is missing"
    samples = names[9:]
    twice = [name for i, name in enumerate(samples) if name in samples[:i]]
    return f"the sample {twice[0]!r} stands twice; give each sample another name" if twice else ""


def _problem_of_record(line, samples):
    columns = line.split("\t")
    if not line.strip():
        return "it is empty; delete the line"
    if line.startswith("#"):
        return f"found {line[:40]!r} among the records; delete the line (a header stands once, at the beginning)"
    needed = 9 + samples if samples else 8
    if len(columns) < needed:
        blanks = "; columns must be separated by tabs, not blanks" if len(line.split()) >= needed else ""
        return f"{len(columns)} columns, but {needed} are needed, so the file may be cut off{blanks}"
    if not re.fullmatch("[0-9]{1,18}", columns[1]):
        return f"POS is {columns[1]!r}; write a whole number of at least 1"
    keys = columns[8].split(":") if samples else []
    for call in columns[9:] if "GT" in keys else []:
        genotype = (call.split(":") + [""] * len(keys))[keys.index("GT")]
        if not re.fullmatch(r"([0-9]+|\.)([/|]([0-9]+|\.))*", genotype):
            return f"GT of a sample is {genotype!r}; write numbers of alleles, as 0|1"
    return ""


@contextmanager
def _plain_or_bgzipped(path):
    """Path of a plain or bgzipped file, which pysam reads; a gzipped file is decompressed to a temporary one."""
    with open(path, "rb") as file:
        start = file.read(18)
    if not start:
        raise InputError(f"{path} is empty")
    if start[:2] != GZIP_MAGIC or start[12:14] == b"BC":
        yield str(path)
        return
    with tempfile.NamedTemporaryFile(prefix="akitaflow.", suffix=".vcf") as plain, gzip.open(path) as packed:
        shutil.copyfileobj(packed, plain)
        plain.flush()
        yield plain.name


def _info_texts(path):
    """Number, from 1, and text of INFO of each record of a VCF.

    pysam reads ``SVLEN=1e+05`` as 1 and ``END=NA`` as missing. The file is read from the first symbolic allele on only.
    """
    opener = gzip.open if is_gzipped(path) else open
    with opener(path, "rt", encoding="utf-8", errors="replace", newline="\n") as file:
        records = (line for line in file if not line.startswith("#"))
        for number, line in enumerate(records, start=1):
            yield number, line.rstrip("\r\n").split("\t", 8)[7]


def _alleles(record, number, sample, infos):
    alts = record.alts or (".",)
    text = None
    for allele, alt in enumerate(alts, start=1):
        info = {}
        if alt[:1] == "<":
            if text is None:
                text = _info_of(record, number, infos)
            info = _info(text, allele, len(alts))
        phase, phase_set = _phase(record, sample, allele)
        variant = Variant(
            record=number,
            chrom=record.contig,
            pos=record.pos,
            id=record.id or ".",
            ref=record.ref or ".",
            alt=alt,
            allele=allele,
            phase=phase,
            phase_set=phase_set,
        )
        if phase == UNPHASED:
            variant = variant.failed("unphased")
        elif sample is not None and not phase:
            known = any(number is not None for number in record.samples[sample].get("GT") or ())
            variant = variant.failed("not_carried", "" if known else "the genotype is missing")
        yield interpret(variant, info) if variant.status == "ok" else variant


UNPHASED = (0,)


def _info_of(record, number, infos):
    """Text of INFO of a record: of a VCF as in the file, of a BCF, whose values have types, as pysam writes it."""
    text = next((text for place, text in infos or () if place == number), None)
    return str(record).rstrip("\n").split("\t")[7] if text is None else text


def _info(text, allele, n_alleles):
    """INFO of the text, because pysam hides an END below POS; of lists with a value per allele, that of this allele."""
    info = {}
    for entry in text.split(";"):
        key, _, value = entry.partition("=")
        values = value.strip().split(",")
        value = values[allele - 1] if len(values) == n_alleles else value.strip()
        # of a key that stands twice, with two values, neither is taken
        info[key] = value if info.get(key, value) == value else f"{info[key]} and {value}"
    return info


def _phase(record, sample, allele):
    """(haplotypes that carry an allele, phase set) of a sample; UNPHASED if they are unknown."""
    if sample is None:
        return (), ""
    call = record.samples[sample]
    genotype = call.get("GT") or ()
    carried = tuple(place for place, number in enumerate(genotype, start=1) if number == allele)
    if carried and len(carried) < len(genotype) and not call.phased:
        return UNPHASED, ""
    phase_set = call.get("PS")
    return carried, "" if phase_set in (None, ".") else str(phase_set)
