"""A genome made ready for every rule: plain indexed FASTA, the chromosomes in use, and the gaps of the assembly."""

import gzip
import shutil
import zlib

import numpy as np
import pandas as pd
import pyfaidx

from akitaflow.errors import InputError
from akitaflow.files import whole
from akitaflow.genome.sequence import UNKNOWN, Genome

GZIP_MAGIC = b"\x1f\x8b"


ASSEMBLIES = {
    "hg18": "hg18", "hg19": "hg19", "grch37": "hg19", "hs37d5": "hg19", "b37": "hg19", "hg38": "hg38", "grch38": "hg38",
    "mm9": "mm9", "mm10": "mm10", "grcm38": "mm10", "mm39": "mm39", "grcm39": "mm39",
}  # fmt: skip


def check_assembly(found, genome, source):
    """Refuse a file that says it is of another assembly than the genome of its dataset is named after.

    Parameters
    ----------
    found : str or None
        Assembly that the file names.
    genome : str
        Name of the genome in the config. Of names that are no assembly's nothing is concluded, nor of versions of one.
    source : str
        The file, for the message.

    Raises
    ------
    InputError
        If both are known assemblies and not the same one under two names.
    """
    one, two = (ASSEMBLIES.get(str(name or "").lower().split(".")[0].split("_")[0]) for name in (found, genome))
    if one and two and one != two:
        raise InputError(
            f"{source} says that it is of {found}, but its dataset belongs to genome {genome}: correct 'genome' of the "
            "dataset, or give a file of that assembly."
        )


def is_gzipped(path):
    """Whether a file starts with the two bytes of gzip (bgzip's files do too)."""
    with open(path, "rb") as file:
        return file.read(2) == GZIP_MAGIC


def copy_fasta(source, target):
    """Copy a FASTA, decompressing it if need be, and index it (``target`` + ``.fai``).

    Parameters
    ----------
    source : str
        FASTA, plain or gzipped.
    target : str
        Appears, with its index, only when whole.

    Raises
    ------
    InputError
        If the source is not FASTA, is damaged, or names a chromosome twice.
    """
    opener = gzip.open if is_gzipped(source) else open
    with whole(target) as part, whole(f"{target}.fai") as index:
        try:
            with opener(source, "rb") as reader, open(part, "wb") as writer:
                first = reader.read(1)
                if first != b">":
                    raise InputError(f"{source} is not FASTA: it must start with '>', not with {first!r}.")
                writer.write(first)
                shutil.copyfileobj(reader, writer, 1 << 24)
        except (EOFError, OSError, zlib.error) as error:
            raise InputError(f"{source} cannot be read to its end ({error}): get the file again.") from error
        try:
            pyfaidx.Fasta(str(part), indexname=str(index), as_raw=True).close()
        except (pyfaidx.FastaIndexingError, pyfaidx.UnsupportedCompressionFormat, ValueError) as error:
            raise InputError(f"{source} cannot be indexed: {error}") from error


def read_sizes(path):
    """Chromosome lengths of a ``.fai`` index or a two-column ``chrom.sizes``.

    Returns
    -------
    dict of str to int
        Length in bp, in the order of the file.
    """
    table = pd.read_csv(path, sep="\t", header=None, usecols=[0, 1], names=["chrom", "length"], dtype={"chrom": str})
    return dict(zip(table["chrom"], table["length"].astype(int).tolist(), strict=True))


def choose_chromosomes(sizes, chromosomes, source):
    """The chromosomes to use, all of them if none are named, in the order given.

    Parameters
    ----------
    sizes : dict of str to int
        All chromosomes of the FASTA.
    chromosomes : list of str or None
        Those named in the config.
    source : str
        The FASTA, for the message.

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
    """Runs of N at least ``minimum`` long.

    Parameters
    ----------
    codes : ndarray of uint8, shape (length,)
        Codes of :mod:`akitaflow.genome.sequence`.
    minimum : int
        bp.

    Returns
    -------
    ndarray of int, shape (runs, 2)
        [start, end), 0-based.
    """
    unknown = np.zeros(len(codes) + 2, np.int8)
    unknown[1:-1] = codes == UNKNOWN
    runs = np.flatnonzero(np.diff(unknown)).reshape(-1, 2)
    return runs[runs[:, 1] - runs[:, 0] >= minimum]


def find_gaps(fasta, chromosomes, minimum):
    """Runs of N of a genome as a BED table (chrom, start, end)."""
    genome = Genome(fasta)
    gaps = [
        (chrom, start, end)
        for chrom, length in chromosomes.items()
        for start, end in unknown_runs(genome.fetch(chrom, 0, length), minimum).tolist()
    ]
    return pd.DataFrame(gaps, columns=["chrom", "start", "end"])


def read_gaps(path, chromosomes):
    """Assembly gaps from a BED or from UCSC's ``gap`` table (whose first column is a bin number); gzipped or not.

    Parameters
    ----------
    path : str
    chromosomes : dict of str to int
        Chromosomes in use and their lengths; gaps of others are left out.

    Returns
    -------
    DataFrame
        chrom, start, end; 0-based, half-open. Empty where the file has no line.

    Raises
    ------
    InputError
        If a gap ends beyond its chromosome, or no gap lies on any chromosome in use.
    """
    compression = "gzip" if is_gzipped(path) else None
    try:
        table = pd.read_csv(path, sep="\t", header=None, comment="#", compression=compression)
    except pd.errors.EmptyDataError:
        return pd.DataFrame({"chrom": pd.Series(dtype=str), "start": [], "end": []}).astype({"start": int, "end": int})
    first = 1 if pd.api.types.is_numeric_dtype(table[0]) and not pd.api.types.is_numeric_dtype(table[1]) else 0
    table = table[[first, first + 1, first + 2]].set_axis(["chrom", "start", "end"], axis=1)
    table["chrom"] = table["chrom"].astype(str)
    used = table[table["chrom"].isin(chromosomes)]
    if used.empty:
        raise InputError(
            f"no gap of {path} lies on a chromosome of the genome: the file names {table['chrom'].iloc[0]}, "
            f"the genome {next(iter(chromosomes))}. Correct 'gaps' of this genome in the config, or set it to null to "
            "take the runs of N."
        )
    beyond = used[used["end"] > used["chrom"].map(chromosomes)]
    if len(beyond):
        row = beyond.iloc[0]
        raise InputError(
            f"{path}: the gap {row.chrom}:{row.start}-{row.end} ends beyond the chromosome "
            f"({chromosomes[row.chrom]} bp): is it of another assembly?"
        )
    order = {name: index for index, name in enumerate(chromosomes)}
    return used.sort_values(["chrom", "start"], key=_ordered(order), ignore_index=True)


def _ordered(order):
    def key(column):
        return column.map(order) if column.name == "chrom" else column

    return key
