"""Reading of variants from VCF, BED and tables, with recognition of the format."""

import gzip
import re
import zlib
from collections import Counter

import pandas as pd

from akitaflow.errors import InputError
from akitaflow.files import is_gzipped, require_text
from akitaflow.genome.intervals import is_bedpe
from akitaflow.variants.alleles import interpret
from akitaflow.variants.variant import Variant
from akitaflow.variants.vcf import read_vcf

BED_KINDS = {"DEL": "deletion", "INV": "inversion", "DUP": "duplication"}
FORMATS = ("vcf", "bed", "tsv")
REQUIRED = ["chrom", "pos", "ref", "alt"]
_COMMENTS = 1000  # lines that are read to recognise a format
_BOM = b"\xef\xbb\xbf"
_WHOLE = re.compile("[0-9]{1,15}")
_NUMBER = re.compile(r"[-+]?[0-9][0-9.,e+]*")  # of a BED; other than whole numbers are invalid records


def read_variants(path, *, format=None, bed_kind=None, sample=None):
    """The alleles of a file in its order.

    Parameters
    ----------
    path : str or Path
    format : {"vcf", "bed", "tsv"}, optional
        Format of the file; by default recognised by its first line.
    bed_kind : {"DEL", "DUP", "INV"}, optional
        Kind of the lines of a BED whose fourth column does not have it.
    sample : str, optional
        Of a VCF: see :func:`akitaflow.variants.vcf.read_vcf`.

    Yields
    ------
    Variant

    Raises
    ------
    InputError
        If the file cannot be read, or a kind is unknown.
    """
    format = format or guess_format(path)
    if format not in FORMATS:
        raise InputError(f"format {format!r} is unknown; write one of {', '.join(FORMATS)}")
    if sample is not None and format != "vcf":
        raise InputError(f"{path}: haplotypes need a VCF with genotypes")
    if bed_kind is not None and format != "bed":
        raise InputError(f"{path}: a kind ({bed_kind}) is given, which is for a BED, but the file is {format.upper()}")
    if format == "vcf":
        yield from read_vcf(path, sample)
    elif format == "bed":
        yield from read_bed(path, bed_kind)
    else:
        yield from read_tsv(path)


def guess_format(path):
    """``vcf``, ``tsv`` or ``bed`` by the first line that is no comment; BCF counts as VCF."""
    require_text(path, "a VCF, a BED, or a table of variants")
    opener = gzip.open if is_gzipped(path) else open
    try:
        with opener(path, "rb") as file:
            lines = [line for line, _ in zip(iter(lambda: file.readline(4096), b""), range(_COMMENTS), strict=False)]
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} cannot be read ({error}); is it damaged or cut off?") from error
    if not b"".join(lines).strip():
        raise InputError(f"{path} is empty; give a VCF, a BED, or a table with the columns {', '.join(REQUIRED)}")
    if lines[0].startswith((b"##fileformat", b"BCF")):
        return "vcf"
    if lines[0].removeprefix(_BOM).startswith(b"##fileformat"):
        raise InputError(f"{path} begins with a byte order mark, which no reader of VCF accepts; save it without")
    if any(line.startswith(b"##fileformat") for line in lines):
        raise InputError(f"{path}: the line ##fileformat is not the first; delete the lines before it")
    for line in lines:
        line = line.removeprefix(_BOM).decode("utf-8", "replace").rstrip("\r\n")
        names = [name.strip() for name in line.lstrip("#").lower().split("\t")]
        if set(REQUIRED) <= set(names):
            if line.startswith("#CHROM") and len(names) >= 8:
                raise InputError(f"{path} lacks the first line of a VCF; write ##fileformat=VCFv4.2 before the others")
            return "tsv"
        if not _is_comment(line):
            break
    else:
        return "bed"
    if len(names) >= 3 and all(_NUMBER.fullmatch(name) for name in names[1:3]):
        return "bed"
    raise InputError(
        f"{path}: neither a VCF, nor a BED, nor a table with the columns {', '.join(REQUIRED)}, separated by tabs; its "
        f"first line is {line[:60]!r}"
    )


def _is_comment(line):
    """Whether a line holds no data: it is empty or begins with #, or with track or browser and a blank."""
    return not line.strip() or line.startswith("#") or line.split(None, 1)[0] in ("track", "browser")


def _lines(path):
    """(number, columns) of the lines that are neither empty nor comments; comments before the header are left out."""
    opener = gzip.open if is_gzipped(path) else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline=None) as file:
            for number, line in enumerate(file, start=1):
                line = line.rstrip("\n")
                columns = [column.strip() for column in line.split("\t")]
                if not _is_comment(line) or set(REQUIRED) <= {name.lower().lstrip("#") for name in columns}:
                    yield number, columns
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error}); is it damaged or cut off?") from error


def read_bed(path, kind=None):
    """Deletions, inversions or tandem duplications of the intervals of a BED, 0-based and half-open.

    Parameters
    ----------
    path : str or Path
        Plain or gzipped; the fourth column is the kind (DEL, DUP, INV), or the name if ``kind`` is given.
    kind : {"DEL", "DUP", "INV"}, optional

    Yields
    ------
    Variant
        One for each line; ``ref`` is N, because a BED does not have it.
    """
    if kind is not None and kind not in BED_KINDS:
        raise InputError(f"kind {kind!r} of {path} is unknown; write one of {', '.join(BED_KINDS)}")
    record = 0
    for number, columns in _lines(path):
        record += 1
        if len(columns) < 3 or (kind is None and len(columns) < 4):
            needed = "three columns" if kind else "four columns, the fourth being DEL, DUP or INV,"
            raise InputError(f"{path}, line {number}: {needed} are needed, separated by tabs, not {columns!r}")
        chrom, start, end = columns[:3]
        name = columns[3] if len(columns) > 3 else "."
        which = (kind or name).upper()
        variant = Variant(record, chrom, 0, name if kind else ".", "N", f"<{which}>")
        if is_bedpe(columns):
            yield variant.failed("invalid_record", "two intervals in a line (BEDPE); write start and end of the event")
            continue
        if not (_WHOLE.fullmatch(start) and _WHOLE.fullmatch(end)):
            yield variant.failed("invalid_record", f"start {start} and end {end} must be whole numbers, 0 or more")
            continue
        start, end = int(start), int(end)
        variant = Variant(record, chrom, start + 1, name if kind else ".", "N", f"<{which}>")
        if which not in BED_KINDS:
            yield variant.failed("unsupported_allele", f"kind {name!r} is none of {', '.join(BED_KINDS)}")
        elif kind and name.upper() in BED_KINDS and name.upper() != which:
            yield variant.failed("invalid_record", f"the fourth column says {name}, the kind that is given {kind}")
        elif start >= end:
            yield variant.failed("invalid_record", f"start {start} is not below end {end}")
        else:
            copies = 1 if which == "DUP" else 0
            yield Variant(
                record, chrom, start + 1, variant.id, "N", variant.alt, 1, BED_KINDS[which], "", start, end, "", copies
            )


def read_tsv(path):
    """Variants of a tab-separated table with a header: see :func:`from_rows`."""
    header = None

    def rows():
        nonlocal header
        for number, columns in _lines(path):
            if header is None:
                header = [name.lower() for name in columns]
                header[0] = header[0].lstrip("#")
                twice = [name for i, name in enumerate(header) if name and name in header[:i]]
                if twice:
                    raise InputError(f"{path}, line {number}: the column {twice[0]} stands twice; keep one")
                missing = [name for name in REQUIRED if name not in header]
                if missing:
                    raise InputError(f"{path}: column {missing[0]} is missing; it has {', '.join(header)}")
            elif len(columns) != len(header):
                raise InputError(f"{path}, line {number}: {len(columns)} columns, the header has {len(header)}")
            else:
                yield dict(zip(header, columns, strict=True))

    yield from from_rows(rows())
    if header is None:
        raise InputError(f"{path} is empty; a header with {', '.join(REQUIRED)} is needed")


def from_frame(table):
    """Variants of a data frame: see :func:`from_rows`."""
    missing = [name for name in REQUIRED if name not in table.columns]
    if missing:
        raise InputError(f"column {missing[0]} is missing; variants need {', '.join(REQUIRED)}")
    names = [str(name) for name in table.columns]
    yield from from_rows(
        {name: _text(value) for name, value in zip(names, row, strict=True)}
        for row in table.itertuples(index=False, name=None)
    )


def _text(value):
    """A cell as text; whole numbers that pandas stores as float, because a cell is missing, have no decimals."""
    if pd.isna(value):
        return "."
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def from_rows(rows):
    """Variants of rows with the columns chrom, pos, ref and alt as in VCF, and optionally id, end and svlen.

    Parameters
    ----------
    rows : iterable of dict of str to str
        ``pos`` is 1-based; ``alt`` may list alleles with commas; ``end`` and ``svlen`` are for symbolic alleles.

    Yields
    ------
    Variant
        One for each row and allele.
    """
    for record, row in enumerate(rows, start=1):
        info = {key.upper(): row[key].strip() for key in ("end", "svlen") if key in row}
        pos, ref, name = row["pos"].strip(), row["ref"].strip(), row.get("id", ".").strip() or "."
        for allele, alt in enumerate(row["alt"].strip().split(","), start=1):
            whole = re.fullmatch("-?[0-9]{1,15}", pos)
            variant = Variant(record, row["chrom"].strip(), int(pos) if whole else 0, name, ref, alt, allele)
            if whole:
                yield interpret(variant, info)
            else:
                yield variant.failed("invalid_record", f"pos is {pos!r}; it must be a whole number")


def count(path, **options):
    """Number of alleles of a file: reads it to its end, so that a damaged file is found before any prediction."""
    return sum(1 for _ in read_variants(path, **options))


def count_kinds(path, **options):
    """Numbers of alleles of a file by kind and status, before they are compared with a genome.

    Parameters
    ----------
    path : str or Path
    **options
        Of :func:`read_variants`.

    Returns
    -------
    DataFrame
        kind (empty where the record does not tell), status, alleles, in the order in which they appear.

    Raises
    ------
    InputError
        As of :func:`read_variants`; the file is read to its end.
    """
    counts = Counter((variant.kind, variant.status) for variant in read_variants(path, **options))
    return pd.DataFrame([(*key, number) for key, number in counts.items()], columns=["kind", "status", "alleles"])
