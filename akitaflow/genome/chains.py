"""Chain files of UCSC, which lift coordinates over to another assembly."""

import gzip
import zlib

from akitaflow.errors import InputError
from akitaflow.files import is_gzipped, require_text
from akitaflow.genome.intervals import some_names

WANTED = "a chain file of UCSC, plain or gzipped"


def open_chain(path, chromsizes=None):
    """Open a chain file.

    Parameters
    ----------
    path : str or Path
        Plain or gzipped.
    chromsizes : dict of str to int, optional
        Lengths in bp of the chromosomes to which it must lead.

    Returns
    -------
    pyliftover.LiftOver

    Raises
    ------
    InputError
        If the file is not a chain file, is damaged, or leads to another assembly.
    """
    from pyliftover import LiftOver

    require_text(path, WANTED)
    if chromsizes is not None:
        check_target(path, chromsizes)
    try:
        return LiftOver(str(path), use_gzip=is_gzipped(path))
    except Exception as error:  # of the package: plain Exceptions, and whatever a damaged line leads to
        raise InputError(f"{path} cannot be read as a chain file of UCSC ({error}).") from error


def chain_sizes(path):
    """Lengths of the chromosomes of both assemblies of a chain file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    (sources, targets) : tuple of dict of str to int
        Lengths in bp of the chromosomes from which and to which the file leads.
    """
    try:
        with (gzip.open if is_gzipped(path) else open)(path, "rt") as file:
            headers = [line.split() for line in file if line.startswith("chain")]
        # chain score tName tSize tStrand tStart tEnd qName qSize ...
        return tuple(
            {header[place]: int(header[place + 1]) for header in headers if len(header) > 8} for place in (2, 7)
        )
    except (EOFError, OSError, ValueError, zlib.error) as error:
        raise InputError(f"{path} cannot be read as a chain file of UCSC ({error}).") from None


def check_target(path, chromsizes):
    """Compare the lengths of chromosomes to which a chain file leads with those of the genome.

    Parameters
    ----------
    path : str or Path
    chromsizes : dict of str to int
        Lengths in bp.

    Raises
    ------
    InputError
        If no chromosome has a name of the genome, or one has another length.
    """
    _, lengths = chain_sizes(path)
    shared = [chrom for chrom in lengths if chrom in chromsizes]
    if lengths and not shared:
        raise InputError(
            f"{path}: it leads to {some_names(lengths)}, the genome has {some_names(chromsizes)}; give the chain file "
            "to this genome."
        )
    for chrom in shared:
        if lengths[chrom] != chromsizes[chrom]:
            raise InputError(
                f"{path}: it leads to an assembly whose {chrom} has {lengths[chrom]} bp, that of the genome has "
                f"{chromsizes[chrom]} bp; give the chain file to this genome."
            )
