"""Contacts in the pairs format (``.pairs.gz``): checks of the header, selection by MAPQ, and binning."""

import gzip
import os
import re
import subprocess
import zlib
from dataclasses import dataclass

import cooler
import pandas as pd

from akitaflow.errors import InputError
from akitaflow.files import is_gzipped, require_bgzip_end, scratch_folder, whole
from akitaflow.genome.fasta import check_assembly
from akitaflow.genome.intervals import some_names
from akitaflow.mapping.coolers import empty_cooler
from akitaflow.mapping.file_kinds import describe
from akitaflow.mapping.pair_rows import UNPLACED, RowCheck

BLOCK = 1 << 22  # bytes of a pairs file that are checked at once
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
    named : bool
        Whether the header has a line of columns; if not, they are those of the standard.
    """

    columns: list
    sizes: dict
    assembly: str = ""
    named: bool = True


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
        If the file does not begin with ``## pairs format`` or cannot be read, or a line of the header is written in
        another way than ``#columns:`` or ``#chromsize:``.
    """
    columns, sizes, assembly = list(STANDARD), {}, ""
    named = number = 0  # line of #columns, number of lines
    try:
        require_bgzip_end(path)
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
                plain = re.sub(r"[^a-z]", "", key.lower())
                if plain in ("columns", "chromsize") and key != f"#{plain}":
                    raise InputError(f"{path}, line {number}: found {key!r}; write it as #{plain}:, without blanks.")
                if key == "#columns" and named:
                    raise InputError(
                        f"{path}, line {number}: the header names columns in line {named} already, so files were "
                        "joined as text; join them with pairtools merge."
                    )
                if key == "#columns":
                    named = number
                    columns = [ALIASES.get(name, name) for name in value.split()]
                elif key == "#chromsize":
                    fields = value.split()
                    if len(fields) < 2 or not fields[1].isdigit():
                        raise InputError(
                            f"{path}, line {number}: {line.strip()!r} must be '#chromsize: NAME LENGTH' (bp)."
                        )
                    if sizes.setdefault(fields[0], int(fields[1])) != int(fields[1]):
                        raise InputError(
                            f"{path}, line {number}: {fields[0]} has {fields[1]} bp, but {sizes[fields[0]]} bp in a "
                            "line before: the header is of two assemblies; get the file again."
                        )
                elif key == "#genome_assembly":
                    assembly = value.strip()
    except UnicodeDecodeError as error:
        kind = describe(path)
        if kind and kind.startswith("a pairs file"):
            raise InputError(f"{path} has text that is not UTF-8 ({error}): write it again in UTF-8.") from None
        raise InputError(f"{path} is not a pairs file, but {kind or 'binary'}.") from error
    except (EOFError, OSError, zlib.error) as error:
        raise InputError(f"{path} cannot be read ({error}): get the file again.") from error
    if not number:
        raise InputError(f"{path} is empty; give a file of pairs.")
    return Header(columns, sizes, assembly, bool(named))


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
    twice = [name for i, name in enumerate(header.columns) if name in header.columns[:i]]
    if twice:
        raise InputError(f"{path}: the line #columns names {twice[0]} twice; give each column another name.")
    if min_mapq > 0 and not header.named:
        raise InputError(
            f"{path} has no line #columns, so that columns mapq1 and mapq2 are not known and pairs cannot be selected "
            f"by MAPQ: write the line, or set min_mapq to 0 for dataset {dataset}."
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
        conditions.append(f'(chrom1!="{UNPLACED}") and (chrom2!="{UNPLACED}")')
    if drop_duplicates and "pair_type" in columns:
        conditions.append('(pair_type!="DD")')
    return " and ".join(conditions) or None


@dataclass(frozen=True)
class Binned:
    """Numbers of pairs of :func:`bin_pairs`.

    Attributes
    ----------
    rows : int
        All pairs of the file.
    selected : int
        Pairs that pass the filters, on all chromosomes.
    binned : int
        Selected pairs with both ends on chromosomes in use: the contacts of the cooler.
    """

    rows: int
    selected: int
    binned: int


def bin_pairs(
    path,
    target,
    chromosomes,
    bin_size,
    *,
    min_mapq=0,
    drop_duplicates=False,
    columns=None,
    names=None,
    known=(),
    assembly=None,
    scratch=None,
):
    """Check and select pairs and bin them with ``cooler cload pairs``.

    Parameters
    ----------
    path : str
        ``.pairs``, plain or gzipped.
    target : str
        Cooler to write; it gets its name only when complete.
    chromosomes : dict of str to int
        Chromosomes in use and their lengths in bp, in order; other pairs are dropped.
    bin_size : int
        bp.
    min_mapq, drop_duplicates
        See :func:`selection`.
    columns : list of str, optional
        Column names of the file; by default the standard ones.
    names : dict of str to str, optional
        Name in the genome -> name in the file, if they differ.
    known : collection of str
        Chromosomes of the header; a row with another one is refused. Empty if the header has none.
    assembly : str, optional
        Name of the genome, stored in the cooler.
    scratch : str, optional
        Folder for temporary files.

    Returns
    -------
    Binned

    Raises
    ------
    InputError
        If a row is wrong (:class:`akitaflow.mapping.pair_rows.RowCheck`), the file does not decompress to its end, or
        the cooler has another number of contacts than pairs were binned.
    RuntimeError
        If one of the programs fails; its output is in the log.
    """
    columns = list(columns or STANDARD)
    names = {chrom: (names or {}).get(chrom, chrom) for chrom in chromosomes}
    sizes_in_file = {name: chromosomes[chrom] for chrom, name in names.items()}
    fields = [str(columns.index(name) + 1) for name in POSITIONS]
    condition = selection(columns, min_mapq, drop_duplicates)
    check = RowCheck(path, columns, sizes_in_file, min_mapq, drop_duplicates, known=known)
    with whole(target) as temporary_path, scratch_folder(scratch) as folder:
        temporary = str(temporary_path)
        sizes = os.path.join(folder, "sizes")
        pd.DataFrame(sizes_in_file.items()).to_csv(sizes, sep="\t", header=False, index=False)
        load = ["cooler", "cload", "pairs", "-c1", fields[0], "-p1", fields[1], "-c2", fields[2], "-p2", fields[3]]
        load += ["--assembly", assembly] if assembly else []
        load += ["--temp-dir", folder, f"{sizes}:{bin_size}", "-", temporary]
        programs = [["pairtools", "select", condition, "-"], load] if condition else [load]
        _feed(path, check, programs, folder)
        if not check.binned:
            empty_cooler(temporary, chromosomes, bin_size, assembly)
        elif list(names.values()) != list(names):
            cooler.rename_chroms(cooler.Cooler(temporary), {name: chrom for chrom, name in names.items()})
        contacts = int(cooler.Cooler(temporary).info["sum"])
        if contacts != check.binned:
            raise InputError(
                f"{path} has {check.binned} selected pairs on the chromosomes in use, but {target} has {contacts} "
                "contacts: pairs were lost; run the job again, and report it if the numbers stay different."
            )
    return Binned(check.rows, check.selected, check.binned)


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


def _feed(path, check, programs, folder):
    """Decompress a file, check its rows, and give it to programs that are joined by pipes.

    The programs are started with the first block that has a pair to bin; blocks without one are left out.
    """
    command = ["gzip", "-cdf", "--", path]
    if _needs_rewriting(path):
        command = ["bash", "-o", "pipefail", "-c", f'gzip -cdf -- "$1" | sed -E {REWRITE}', "rewrite", path]
    running = []
    may_replace = not any('"' in name for name in check.sizes)  # other cells with one are not used
    messages = os.path.join(folder, "messages")
    with (
        open(messages, "wb") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as reader,
    ):
        try:
            header = []
            line = reader.stdout.readline()
            while line.startswith(b"#"):
                header.append(line)
                line = reader.stdout.readline()
            check.line = len(header) + 1
            block = line + reader.stdout.read(BLOCK)
            while block:
                block += reader.stdout.readline()  # to the end of a line
                n_binned = _checked(check, block, reader, path, messages)
                if n_binned and not running:
                    running = _start(programs)
                    running[0].stdin.write(b"".join(header))
                if n_binned:
                    # cooler reads a quotation mark at the beginning of a cell as that of a text of several cells
                    block = block.replace(b'"', b"'") if may_replace else block
                    running[0].stdin.write(block if block.endswith(b"\n") else block + b"\n")
                block = reader.stdout.read(BLOCK)
            reader.wait()
            _require_whole(reader, path, messages)
        except BrokenPipeError:
            pass  # a program has ended; its status is reported below
        finally:
            reader.kill()
            _close(running)
    for process in running:
        if process.returncode:
            raise RuntimeError(f"{' '.join(process.args)} failed (status {process.returncode})")


def _checked(check, block, reader, path, messages):
    """Number of pairs of a block to bin. A wrong row of a damaged file is reported as damage."""
    try:
        return check.add(block)
    except InputError:
        for _ in range(16):  # gzip reports damage at the end of a block of the compressed file
            if not reader.stdout.read(BLOCK):
                break
        else:
            raise
        reader.wait()
        _require_whole(reader, path, messages)
        raise


def _require_whole(reader, path, messages):
    if reader.returncode:
        with open(messages, errors="replace") as file:
            message = " ".join(file.read().split())
        raise InputError(f"{path} does not decompress to its end ({message}): get the file again.")


def _start(programs):
    """Start programs of which each reads the output of the one before."""
    running = []
    for number, program in enumerate(programs):
        last = number == len(programs) - 1
        source = running[-1].stdout if running else subprocess.PIPE
        running.append(subprocess.Popen(program, stdin=source, stdout=None if last else subprocess.PIPE))
        if number:
            source.close()  # so that the program before is told if this one ends
    return running


def _close(running):
    """Close the input of the first program and wait for all."""
    if running:
        try:
            running[0].stdin.close()
        except BrokenPipeError:  # the program has ended; its status is reported
            pass
    for process in running:
        process.wait()
