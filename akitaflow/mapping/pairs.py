"""Contacts in the pairs format (``.pairs.gz``): checks of the header, selection by MAPQ, and binning."""

import gzip
import os
import subprocess
import zlib
from dataclasses import dataclass

import cooler
import pandas as pd

from akitaflow.errors import InputError
from akitaflow.files import is_gzipped, scratch_folder, whole
from akitaflow.genome.fasta import check_assembly
from akitaflow.genome.intervals import some_names
from akitaflow.mapping.coolers import empty_cooler
from akitaflow.mapping.file_kinds import describe

BLOCK = 1 << 20
BLOCK_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")  # of a complete bgzip file
# of sed: line ends, tabs of the header, and the names of columns of 4D Nucleome
REWRITE = r"""-e 's/\r$//' -e '/^#/s/\t/ /g' -e '/^#columns:/{s/ chr1 / chrom1 /; s/ chr2 / chrom2 /}'"""
ALIASES = {"chr1": "chrom1", "chr2": "chrom2"}  # names of columns in the files of 4D Nucleome
POSITIONS = ("chrom1", "pos1", "chrom2", "pos2")
STANDARD = ["readID", "chrom1", "pos1", "chrom2", "pos2", "strand1", "strand2"]  # columns if the header names none


@dataclass(frozen=True)
class Header:
    """Header of a pairs file.

    Attributes
    ----------
    columns : list of str
    sizes : dict of str to int
        Lengths of chromosomes in bp; empty if the header has none.
    assembly : str
        Empty if the header has none.
    """

    columns: list
    sizes: dict
    assembly: str = ""


def read_header(path):
    """Read the header of a pairs file.

    Parameters
    ----------
    path : str
        Plain or gzipped.

    Returns
    -------
    Header

    Raises
    ------
    InputError
        If the file does not begin with ``## pairs format`` or cannot be read.
    """
    columns, sizes, assembly = list(STANDARD), {}, ""
    try:
        check_end(path)
        opener = gzip.open if is_gzipped(path) else open
        with opener(path, "rt") as file:
            for number, line in enumerate(file, start=1):
                if number == 1 and not line.startswith("## pairs"):
                    kind = describe(path)
                    raise InputError(
                        f"{path} is not a pairs file"
                        + (f", but {kind}." if kind else ": its first line must begin with '## pairs format'.")
                    )
                if not line.startswith("#"):
                    break
                key, _, value = line.strip().partition(":")
                if key == "#columns":
                    columns = [ALIASES.get(name, name) for name in value.split()]
                elif key == "#chromsize":
                    fields = value.split()
                    if len(fields) < 2 or not fields[1].isdigit():
                        raise InputError(
                            f"{path}, line {number}: {line.strip()!r} must be '#chromsize: NAME LENGTH' (bp)."
                        )
                    sizes[fields[0]] = int(fields[1])
                elif key == "#genome_assembly":
                    assembly = value.strip()
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not a pairs file, but {describe(path) or 'binary'}.") from error
    except (EOFError, OSError, zlib.error) as error:
        raise InputError(f"{path} cannot be read ({error}): get the file again.") from error
    return Header(columns, sizes, assembly)


def check_end(path):
    """Check that a bgzipped file ends with the empty last block of bgzip.

    A bgzipped file that was cut between two blocks decompresses without an error. Files of gzip and plain files have no
    such block and are not checked.

    Parameters
    ----------
    path : str

    Raises
    ------
    InputError
        If the last block is missing.
    """
    with open(path, "rb") as file:
        start = file.read(16)
        if not (start[:4] == b"\x1f\x8b\x08\x04" and start[12:14] == b"BC"):
            return
        file.seek(0, os.SEEK_END)
        file.seek(max(file.tell() - len(BLOCK_END), 0))
        end = file.read()
    if end != BLOCK_END:
        raise InputError(f"{path} is cut short: the last block of bgzip is missing. Get the file again.")


def check_pairs(header, path, chromosomes, min_mapq=0, rename=None, dataset="", genome=""):
    """Check the header of a pairs file against a genome and a MAPQ filter.

    Other chromosomes of the file are not checked, because their pairs are dropped.

    Parameters
    ----------
    header : Header
    path : str
        The file, for messages.
    chromosomes : dict of str to int
        Chromosomes in use and their lengths in bp.
    min_mapq : int
        0 for no filter.
    rename : dict of str to str, optional
        Name in the file -> name in the genome, if they differ.
    dataset : str
        For messages.
    genome : str
        Name of the genome in the config; see :func:`akitaflow.genome.fasta.check_assembly`.

    Returns
    -------
    dict of str to str
        Name of each chromosome in use -> its name in the file.

    Raises
    ------
    InputError
        If MAPQ columns are needed and missing, the file is of another assembly, or the header lacks a chromosome in use
        or has it with another length. A header without lengths is accepted.
    """
    check_assembly(header.assembly, genome, path)
    missing = [name for name in POSITIONS if name not in header.columns]
    if missing:
        raise InputError(
            f"{path}: the line #columns does not name {', '.join(missing)}; it names {' '.join(header.columns)}."
        )
    if sorted(POSITIONS, key=header.columns.index) != list(POSITIONS):
        raise InputError(
            f"{path}: its columns are {' '.join(header.columns)}, but chrom1, pos1, chrom2 and pos2 must be in this "
            "order: write the columns in the order of #columns: readID chrom1 pos1 chrom2 pos2 strand1 strand2."
        )
    if min_mapq > 0 and not {"mapq1", "mapq2"} <= set(header.columns):
        raise InputError(
            f"{path} has no columns mapq1 and mapq2 (it has {' '.join(header.columns)}), so pairs cannot be selected "
            f"by MAPQ: set min_mapq to 0 for dataset {dataset}, or make the pairs with pairtools parse --add-columns "
            "mapq."
        )
    names = {}
    for old, new in (rename or {}).items():
        if new in names:
            raise InputError(
                f"'rename' of dataset {dataset} calls both {names[new]} and {old} of {path} {new}: write one "
                "row for each chromosome of the genome."
            )
        names[new] = old
    names = {chrom: names.get(chrom, chrom) for chrom in chromosomes}
    if not header.sizes:
        return names
    absent = [chrom for chrom, name in names.items() if name not in header.sizes]
    if absent:
        raise InputError(
            f"{path} has no chromosome {some_names(absent)}; its header names {some_names(header.sizes)}. Give a "
            "table of two columns (name in the file, name in the genome) as 'rename' of this dataset, or list the "
            "chromosomes to use under 'chromosomes' of the genome."
        )
    wrong = [
        f"{name} has {header.sizes[name]} bp in its header and {chromosomes[chrom]} bp in the FASTA"
        for chrom, name in names.items()
        if header.sizes[name] != chromosomes[chrom]
    ]
    if wrong:
        raise InputError(
            f"{path}: {'; '.join(wrong)}. The pairs are of another assembly: give the FASTA they were mapped to."
        )
    return names


def selection(columns, min_mapq=0, drop_duplicates=False):
    """Condition for ``pairtools select``.

    Parameters
    ----------
    columns : list of str
        Columns of the file.
    min_mapq : int
        Least MAPQ of both ends; 0 for no filter.
    drop_duplicates : bool
        Whether to leave out pairs of type DD, and those with an unmapped end (chromosome ``!``).

    Returns
    -------
    str or None
        None if all pairs are selected.
    """
    conditions = []
    if min_mapq > 0:
        conditions.append(f"(mapq1>={min_mapq}) and (mapq2>={min_mapq})")
    if drop_duplicates:
        conditions.append('(chrom1!="!") and (chrom2!="!")')
    if drop_duplicates and "pair_type" in columns:
        conditions.append('(pair_type!="DD")')
    return " and ".join(conditions) or None


def bin_pairs(
    path, target, chromosomes, bin_size, *, condition=None, columns=None, names=None, assembly=None, scratch=None
):
    """Select pairs and bin them with ``cooler cload pairs``.

    Parameters
    ----------
    path : str
        ``.pairs.gz``.
    target : str
        Cooler to write; it gets its name only when complete.
    chromosomes : dict of str to int
        Chromosomes in use and their lengths in bp, in order; other pairs are dropped.
    bin_size : int
        bp.
    condition : str, optional
        See :func:`selection`.
    columns : list of str, optional
        Column names of the file; by default the standard ones.
    names : dict of str to str, optional
        Name in the genome -> name in the file, if they differ.
    assembly : str, optional
        Name of the genome, stored in the cooler.
    scratch : str, optional
        Folder for temporary files.

    Returns
    -------
    int
        Number of selected pairs, on all chromosomes.

    Raises
    ------
    RuntimeError
        If one of the programs fails; its output is in the log.
    """
    columns = list(columns or STANDARD)
    names = {chrom: (names or {}).get(chrom, chrom) for chrom in chromosomes}
    fields = [str(columns.index(name) + 1) for name in POSITIONS]
    with whole(target) as temporary_path, scratch_folder(scratch) as folder:
        temporary = str(temporary_path)
        sizes = os.path.join(folder, "sizes")
        table = pd.DataFrame({"name": names.values(), "size": chromosomes.values()})
        table.to_csv(sizes, sep="\t", header=False, index=False)
        select = ["pairtools", "select", condition, path] if condition else ["gzip", "-cdf", "--", path]
        if _needs_rewriting(path):
            script = f'gzip -cdf -- "$1" | sed -E {REWRITE}' + (' | pairtools select "$2" -' if condition else "")
            select = ["bash", "-o", "pipefail", "-c", script, "select", path, condition or ""]
        load = ["cooler", "cload", "pairs", "-c1", fields[0], "-p1", fields[1], "-c2", fields[2], "-p2", fields[3]]
        load += ["--assembly", assembly] if assembly else []
        load += ["--temp-dir", folder, f"{sizes}:{bin_size}", "-", temporary]
        selected = _pipe(select, load)
        if not selected:
            empty_cooler(temporary, chromosomes, bin_size, assembly)
        elif list(names.values()) != list(names):
            cooler.rename_chroms(cooler.Cooler(temporary), {name: chrom for chrom, name in names.items()})
    return selected


def _needs_rewriting(path):
    """Whether a header has tabs, Windows line ends or column names of 4D Nucleome, which pairtools cannot read."""
    opener = gzip.open if is_gzipped(path) else open
    with opener(path, "rb") as file:
        for line in file:
            if not line.startswith(b"#"):
                return False
            names = line.split() if line.startswith(b"#columns:") else []
            if b"\t" in line or line.endswith(b"\r\n") or {b"chr1", b"chr2"} & set(names):
                return True
    return False


def _pipe(source, sink):
    """Run ``source | sink`` and count the lines that are not comments; without any, the sink is not started."""
    with subprocess.Popen(source, stdout=subprocess.PIPE) as reader:
        line = reader.stdout.readline()
        while line.startswith(b"#"):
            line = reader.stdout.readline()
        n_lines = 0
        if line:
            with subprocess.Popen(sink, stdin=subprocess.PIPE) as writer:
                try:
                    block = line
                    while block:
                        n_lines += block.count(b"\n")
                        writer.stdin.write(block)
                        block = reader.stdout.read(BLOCK)
                    writer.stdin.close()
                except BrokenPipeError:  # the sink has ended; its status is reported below
                    reader.kill()
                    writer.stdin = None  # else the end of the block flushes into the broken pipe
            if writer.returncode:
                raise RuntimeError(f"{' '.join(sink)} failed (status {writer.returncode})")
    if reader.returncode:
        raise RuntimeError(f"{' '.join(source)} failed (status {reader.returncode})")
    return n_lines
