"""What several checks ask for: a name that the study has, a region, a file that is there."""

import difflib
import re
from pathlib import Path

from akitaflow.errors import InputError
from akitaflow.genome.intervals import EmptyRegion, parse_region

MADE_HERE = "results/"  # files under it are made by the workflow itself
_BRACES = re.compile(r"\{.*\}")  # Snakemake takes them for a wildcard


def require_known(name, known, place, kind):
    """A name is one of those that the study has.

    Parameters
    ----------
    name : str
    known : iterable of str
    place : str
        File and key, or file, row and column, with which the message begins.
    kind : str
        What the name should be one of, as ``"genome"``.

    Raises
    ------
    InputError
        With the known name that is most like it, or with all.
    """
    known = list(known)
    if name in known:
        return
    close = difflib.get_close_matches(str(name), known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"write one of: {', '.join(known) or '(none is defined)'}"
    raise InputError(f"{place}: {name!r} is no {kind} of this study; {hint}")


def require_region(text, chromosomes, place):
    """A text is a region, of one of the chromosomes if these are known.

    Parameters
    ----------
    text : str
        As for :func:`akitaflow.genome.intervals.parse_region`.
    chromosomes : list of str or None
    place : str
        File and key, for the message.

    Returns
    -------
    akitaflow.genome.intervals.Window

    Raises
    ------
    InputError
    """
    try:
        region = parse_region(text)
    except EmptyRegion:
        raise InputError(f"{place}: {text} ends before it starts; write start < end (0-based, half-open)") from None
    except InputError:
        raise InputError(f"{place}: found {text!r}; write a region as chr11:33900000-34100000") from None
    if chromosomes is not None:
        require_known(region.chrom, chromosomes, place, "chromosome")
    return region


def require_file(study, path, place):
    """A local file that the workflow does not make itself is there; an empty path asks for none.

    Parameters
    ----------
    study : akitaflow.study.study.Study
    path : str or None
        As the config or a table has it. Of a path in a cooler, ``file::group``, the file is looked for.
    place : str
        File and key, or file, row and column, for the message.

    Raises
    ------
    InputError
    """
    if not path:
        return
    located = study.locate(path)
    require_no_wildcard(located, place)
    if "://" in located or located.startswith(MADE_HERE):
        return
    file = Path(located.split("::")[0])
    if not file.is_file():
        what = "is a folder, not a file" if file.is_dir() else "no such file"
        written = "" if located == path else f" (written {path})"
        raise InputError(f"{place}: {what}: {located}{written}; put the file there or write its path or URL")


def require_no_wildcard(located, place):
    """A local path has no pair of braces, which Snakemake would take for a wildcard.

    Parameters
    ----------
    located : str
        As :meth:`akitaflow.study.study.Study.locate` gives it. URLs may have braces.
    place : str
        File and key, or file, row and column, for the message.

    Raises
    ------
    InputError
    """
    if "://" not in located and _BRACES.search(located):
        raise InputError(f"{place}: {located} has braces, {{ and }}, which name wildcards; rename the file or folder")
