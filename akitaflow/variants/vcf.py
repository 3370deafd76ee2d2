"""Variants from VCF and BCF, read by pysam record by record."""

import gzip
import shutil
import sys
import tempfile
import zlib
from contextlib import contextmanager
from pathlib import Path

from akitaflow.errors import InputError
from akitaflow.files import GZIP_MAGIC
from akitaflow.variants.alleles import interpret
from akitaflow.variants.variant import Variant


@contextmanager
def local_copy(path):
    """Path of a file that can be read twice: for ``-``, standard input, that of a temporary copy."""
    if str(path) != "-":
        if not Path(path).is_file():
            raise InputError(f"{path}: no such file")
        yield str(path)
        return
    with tempfile.NamedTemporaryFile(prefix="akitaflow.") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        yield copy.name


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
                for number, record in enumerate(file, start=1):
                    yield from _alleles(record, number, sample)
    except InputError:
        raise
    except (OSError, ValueError, EOFError, zlib.error) as error:
        where = f"cannot be read after record {number}" if number else "cannot be read as VCF"
        raise InputError(
            f"{path} {where} ({error}); is it damaged, cut off, or separated by spaces instead of tabs?"
        ) from error
    finally:
        pysam.set_verbosity(level)


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


def _alleles(record, number, sample):
    alts = record.alts or (".",)
    columns = None
    for allele, alt in enumerate(alts, start=1):
        info = {}
        if alt[:1] == "<":
            columns = columns or str(record).rstrip("\r\n").split("\t")
            info = _info(columns[7], allele, len(alts))
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
            variant = variant.failed("not_carried")
        yield interpret(variant, info) if variant.status == "ok" else variant


UNPHASED = (0,)


def _info(text, allele, n_alleles):
    """INFO of the text, because pysam hides an END below POS; of lists with a value per allele, that of this allele."""
    info = {}
    for entry in text.split(";"):
        key, _, value = entry.partition("=")
        values = value.split(",")
        info[key] = values[allele - 1] if len(values) == n_alleles else value
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
