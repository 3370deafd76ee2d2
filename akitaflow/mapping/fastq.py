"""Checks of FASTQ files before they are mapped."""

import subprocess
from contextlib import contextmanager
from hashlib import blake2b

import pandas as pd

from akitaflow.errors import InputError
from akitaflow.genome.fasta import is_gzipped
from akitaflow.mapping.statistics import _count

BLOCK = 1 << 23  # bytes of FASTQ looked at together
LINES = 4  # of a FASTQ record: name, bases, +, qualities


def as_argument(path):
    """A path as an argument of a program that has no ``--``, such as bwa.

    Parameters
    ----------
    path : str

    Returns
    -------
    str
        The path, with ``./`` before it where it begins with another character than a letter, a digit and ``/._``: bwa
        takes ``-`` there for an option, and runs what follows ``<`` as a command.
    """
    return path if path[0].isalnum() or path[0] in "/._" else f"./{path}"


@contextmanager
def _opened(path):
    """The bytes of a FASTQ as a stream; a gzip that does not decompress to its end is an error when the block ends."""
    if not is_gzipped(path):
        with open(path, "rb") as stream:
            yield stream
        return
    with subprocess.Popen(["gzip", "-cd", "--", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            yield process.stdout
        except BaseException:
            process.kill()
            raise
        message = process.stderr.read().decode().strip()
        if process.wait():
            raise InputError(f"{path} is damaged or cut short ({message}): get the file again.")


def _records(path, digest):
    """Lines of whole FASTQ records, in blocks; every record is checked, every byte goes into the digest."""
    done, rest, lines = 0, b"", []
    with _opened(path) as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
            *whole, rest = (rest + block).split(b"\n")
            lines += whole
            ready = len(lines) // LINES * LINES
            yield _checked(lines[:ready], done, path)
            done += ready // LINES
            lines = lines[ready:]
    if rest:
        lines.append(rest)  # the last line has no line feed
    if len(lines) == LINES:
        yield _checked(lines, done, path)
    elif lines:
        raise InputError(
            f"{path}: the last record (number {done + 1}) has {len(lines)} of {LINES} lines: the file is cut short; "
            "get it again."
        )


def _checked(lines, done, path):
    """The lines, if each record is @name, bases, +, and as many qualities as bases."""
    names, bases, plus, qualities = (lines[i::LINES] for i in range(LINES))
    good = [
        name[:1] == b"@" and mark[:1] == b"+" and len(base) == len(quality)
        for name, base, mark, quality in zip(names, bases, plus, qualities, strict=True)
    ]
    if not all(good):
        record = good.index(False)
        raise InputError(
            f"{path}: record {done + record + 1} ({names[record][:60].decode(errors='replace')}) is not FASTQ of four "
            "lines (@name, bases, +, as many qualities as bases)."
        )
    return lines


def _name(line):
    """The name of a read: up to the first space, without /1 or /2."""
    name = line.split(None, 1)[0]
    return name[:-2] if name[-2:] in (b"/1", b"/2") else name


def _compare_names(first, second, done, paths):
    if first == second:
        return
    for index, (one, two) in enumerate(zip(first, second, strict=True)):
        if one != two and _name(one) != _name(two):
            raise InputError(
                f"the mates do not belong together: record {done + index + 1} is {one.decode(errors='replace')} in "
                f"{paths[0]} and {two.decode(errors='replace')} in {paths[1]}. Give files of one run, in one order."
            )


def check_fastq(fastq_1, fastq_2):
    """Read both mates of a run to their ends and check that they are whole and belong together.

    bwa maps as many pairs as the shorter file holds and only warns, so this comes before mapping.

    Parameters
    ----------
    fastq_1, fastq_2 : str
        FASTQ of first and second mates, gzipped or plain.

    Returns
    -------
    DataFrame
        One row per mate: mate, reads, bases, shortest, longest (bp), file, digest (of the text, however compressed).

    Raises
    ------
    InputError
        For a damaged gzip, a record that is not FASTQ of four lines, reads of unequal number, names that differ
        (``/1`` and ``/2`` and what follows a space are ignored), or a file without reads.
    """
    paths = (fastq_1, fastq_2)
    digests = [blake2b(digest_size=16) for _ in paths]
    streams = [_records(path, digest) for path, digest in zip(paths, digests, strict=True)]
    rows = [
        {"mate": mate, "reads": 0, "bases": 0, "shortest": 0, "longest": 0, "file": path}
        for mate, path in enumerate(paths, start=1)
    ]
    waiting = [[], []]  # names read of one mate and not yet of the other
    compared = 0
    active = [0, 1]
    while active:
        # read on where fewer reads have been seen, so that neither list of waiting names grows
        mate = min(active, key=lambda index: rows[index]["reads"])
        lines = next(streams[mate], None)
        if lines is None:
            active.remove(mate)
            continue
        _count(rows[mate], lines[1::LINES])
        if len(active) == 2 or waiting[1 - mate]:
            waiting[mate] += lines[::LINES]
        both = min(map(len, waiting))
        _compare_names(waiting[0][:both], waiting[1][:both], compared, paths)
        compared += both
        waiting = [names[both:] for names in waiting]
    table = pd.DataFrame(rows).assign(digest=[digest.hexdigest() for digest in digests])
    first, second = table["reads"]
    if first != second:
        raise InputError(
            f"the mates have different numbers of reads: {first} in {fastq_1}, {second} in {fastq_2}. One of the files "
            "is incomplete; get both again."
        )
    if first == 0:
        raise InputError(f"{fastq_1} and {fastq_2} hold no reads.")
    return table
