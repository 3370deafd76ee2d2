"""Preparation of a genome: plain indexed FASTA, the chromosomes in use, and the gaps of the assembly."""

import gzip
import re
import zlib

import numpy as np
import pandas as pd
import pyfaidx

from akitaflow.errors import InputError
from akitaflow.files import is_gzipped, require_text, whole
from akitaflow.genome.intervals import COLUMNS, read_intervals
from akitaflow.genome.sequence import IUPAC, UNKNOWN, Genome, first_mismatch

BLOCK = 1 << 24  # bytes of FASTA read at once
DNA = IUPAC + b"\n"  # of sequence lines
_HEADERS = re.compile(rb"(?m)^>.*$")
_NAMELESS = re.compile(rb"(?m)^>(\s|$)")


#: UCSC's name of an assembly by its names, in lower case.
ASSEMBLIES = {
    "hg18": "hg18", "hg19": "hg19", "grch37": "hg19", "hs37d5": "hg19", "b37": "hg19", "hg38": "hg38", "grch38": "hg38",
    "mm9": "mm9", "mm10": "mm10", "grcm38": "mm10", "mm39": "mm39", "grcm39": "mm39",
}  # fmt: skip


def check_assembly(assembly, genome, source):
    """Check that the assembly that a file names is that of its genome.

    Parameters
    ----------
    assembly : str or None
        Assembly that the file names.
    genome : str
        Name of the genome in the config. Names that are not in :data:`ASSEMBLIES` are not compared, and patches of an
        assembly count as the same one.
    source : str
        The file, for the message.

    Raises
    ------
    InputError
        If both names are known and stand for different assemblies.
    """
    first, second = (ASSEMBLIES.get(str(name or "").lower().split(".")[0].split("_")[0]) for name in (assembly, genome))
    if first and second and first != second:
        raise InputError(
            f"{source} says that it is of {assembly}, but its dataset belongs to genome {genome}: correct 'genome' of "
            "the dataset, or give a file of that assembly."
        )


def copy_fasta(source, target):
    """Copy a FASTA, decompress it if it is gzipped, and index it.

    Parameters
    ----------
    source : str
        FASTA, plain or gzipped.
    target : str
        Plain FASTA to write. It and its index, ``{target}.fai``, get their names only when complete.

    Raises
    ------
    InputError
        If the source is not FASTA of DNA, is damaged, or has two chromosomes of one name, an empty one, letters of RNA
        or protein, blanks in sequences, or carriage returns as line ends. The message has the line.
    """
    opener = gzip.open if is_gzipped(source) else open
    require_text(source, "FASTA, plain or gzipped")
    with whole(target) as temporary, whole(f"{target}.fai") as index:
        try:
            with opener(source, "rb") as reader, open(temporary, "wb") as writer:
                n_lines = 0
                while block := reader.read(BLOCK):
                    if not n_lines and block[:1] != b">":
                        raise InputError(f"{source} is not FASTA: it must start with '>', not with {block[:1]!r}.")
                    if b"\n" not in block and b"\r" in block:
                        raise InputError(f"{source}: its lines end with carriage returns alone; write line feeds.")
                    block += reader.readline()
                    _check_letters(block, n_lines, source)
                    n_lines += block.count(b"\n")
                    writer.write(block)
            if not n_lines:
                raise InputError(f"{source} is not FASTA: it has no line.")
        except (EOFError, OSError, zlib.error) as error:
            raise InputError(f"{source} cannot be read to its end ({error}): get the file again.") from error
        try:
            with pyfaidx.Fasta(str(temporary), indexname=str(index), as_raw=True) as fasta:
                uneven = first_mismatch(temporary, fasta)
        except (pyfaidx.FastaIndexingError, pyfaidx.UnsupportedCompressionFormat, ValueError) as error:
            raise InputError(f"{source} cannot be indexed: {error}") from error
        except RuntimeError as error:  # pyfaidx, for lines that it does not expect
            raise InputError(f"{source} cannot be indexed: delete empty lines, also at its end") from error
        if uneven is not None:
            raise InputError(
                f"{source}: the lines of the record {uneven!r} have different lengths, which no index describes; write "
                "lines of one length, the last may be shorter"
            )
        empty = [name for name, length in read_sizes(index).items() if not length]
        if empty:
            raise InputError(f"{source}: the record {empty[0]!r} has no bases; delete it, or give its sequence.")


def _check_letters(block, n_before, source):
    """Check the whole lines of a block: names of records, and IUPAC letters of DNA in sequences."""
    rest = _HEADERS.sub(b"", block.replace(b"\r\n", b"\n"))
    if not rest.translate(None, DNA) and not _NAMELESS.search(block):
        return
    for number, line in enumerate(block.split(b"\n"), start=n_before + 1):
        line = line.removesuffix(b"\r")
        place = f"{source}, line {number}"
        if line[:1] == b">":
            if not line[1:2].strip():
                raise InputError(f"{place}: a record without a name; write it right behind '>'.")
            continue
        wrong = line.translate(None, DNA)
        if not wrong:
            continue
        letter = wrong[:1].decode("ascii", "replace")
        if letter in "Uu":
            reason = "RNA; write T for U"
        elif letter.isspace():
            reason = "a blank; delete the blanks, and check that nothing else is lost"
        else:
            reason = "not DNA: sequences hold A, C, G, T, N and the other IUPAC letters of nucleotides"
        raise InputError(f"{place}: {letter!r} is {reason}.")


def read_sizes(path):
    """Chromosome lengths from a ``.fai`` index or a two-column ``chrom.sizes``.

    Parameters
    ----------
    path : str

    Returns
    -------
    dict of str to int
        Length in bp, in the order of the file.
    """
    table = pd.read_csv(path, sep="\t", header=None, usecols=[0, 1], dtype=str, keep_default_na=False, quoting=3)
    return dict(zip(table[0], table[1].astype(int).tolist(), strict=True))


def choose_chromosomes(sizes, chromosomes, source):
    """Chromosomes to use, in the order of ``chromosomes``, or all of them.

    Parameters
    ----------
    sizes : dict of str to int
        Lengths in bp of all chromosomes of the FASTA.
    chromosomes : list of str or None
        Chromosomes of the config; None for all.
    source : str
        The FASTA, for the message.

    Returns
    -------
    dict of str to int
        Length in bp.

    Raises
    ------
    InputError
        If the FASTA lacks one of them.
    """
    if chromosomes is None:
        return dict(sizes)
    missing = [str(name) for name in chromosomes if str(name) not in sizes]
    if missing:
        raise InputError(
            f"{source} has no chromosome {', '.join(missing)} (it has {', '.join(list(sizes)[:8])}, ...): "
            "correct 'chromosomes' of this genome in the config."
        )
    return {str(name): sizes[str(name)] for name in chromosomes}


def unknown_runs(codes, minimum):
    """Runs of at least ``minimum`` N.

    Parameters
    ----------
    codes : ndarray of uint8, shape (length,)
        Codes of :mod:`akitaflow.genome.sequence`.
    minimum : int
        bp.

    Returns
    -------
    ndarray of int, shape (runs, 2)
        Start and end, 0-based, half-open.
    """
    unknown = np.zeros(len(codes) + 2, np.int8)
    unknown[1:-1] = codes == UNKNOWN
    runs = np.flatnonzero(np.diff(unknown)).reshape(-1, 2)
    return runs[runs[:, 1] - runs[:, 0] >= minimum]


def find_gaps(fasta, chromosomes, minimum):
    """Runs of N of a genome.

    Parameters
    ----------
    fasta : str
        Indexed FASTA.
    chromosomes : dict of str to int
        Chromosomes in use and their lengths in bp.
    minimum : int
        Shortest run, bp.

    Returns
    -------
    DataFrame
        chrom, start, end; 0-based, half-open.
    """
    genome = Genome(fasta)
    gaps = [
        (chrom, start, end)
        for chrom, length in chromosomes.items()
        for start, end in unknown_runs(genome.fetch(chrom, 0, length), minimum).tolist()
    ]
    return pd.DataFrame(gaps, columns=["chrom", "start", "end"])


def read_gaps(path, chromosomes):
    """Assembly gaps from a BED file or from UCSC's ``gap`` table, whose first column is a bin number.

    Parameters
    ----------
    path : str
        Plain or gzipped.
    chromosomes : dict of str to int
        Chromosomes in use and their lengths in bp; gaps of other chromosomes are left out.

    Returns
    -------
    DataFrame
        chrom, start, end; 0-based, half-open. Empty if the file has no line.

    Raises
    ------
    InputError
        As for :func:`akitaflow.genome.intervals.read_intervals`.
    """
    table = read_intervals(path, chromosomes, "gaps of the genome; null takes the runs of N")[COLUMNS]
    order = {name: index for index, name in enumerate(chromosomes)}
    return table.sort_values(["chrom", "start"], key=_ordered(order), ignore_index=True)


def _ordered(order):
    def key(column):
        return column.map(order) if column.name == "chrom" else column

    return key
