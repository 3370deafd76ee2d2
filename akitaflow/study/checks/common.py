"""Checks of single values that other checks use: a known name, a region, a file that exists."""

import difflib
import re
from pathlib import Path

from akitaflow.errors import InputError
from akitaflow.genome.intervals import EmptyRegion, parse_region

MADE_HERE = "results/"  # the workflow makes the files in this folder
_BRACES = re.compile(r"\{.*\}")  # a wildcard for Snakemake


def require_known(name, known, place, kind):
    """Check that a name is defined in the study.

    Parameters
    ----------
    name : str
    known : iterable of str
    place : str
        File and key, or file, row and column, for the message.
    kind : str
        Kind of name for the message, for example ``"genome"``.

    Raises
    ------
    InputError
        If the name is unknown. The message suggests the most similar known name, or lists all.
    """
    known = list(known)
    if name in known:
        return
    close = difflib.get_close_matches(str(name), known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"write one of: {', '.join(known) or '(none is defined)'}"
    raise InputError(f"{place}: {name!r} is no {kind} of this study; {hint}")


def require_fold(study, split, fold, consequence):
    """Check that a fold of a split can have windows.

    Parameters
    ----------
    study : akitaflow.study.study.Study
    split, fold : str
    consequence : str
        What cannot be done without windows, for the message.

    Raises
    ------
    InputError
        If no share, chromosome or region of the split is given to the fold, or no files of given records.
    """
    settings = study.config["splits"][split]
    place = f"{study.source}, splits.{split}"
    if settings["records"] is not None:
        files = settings["records"]["files"]
        if files is not None and not files[fold]:
            raise InputError(
                f"{place}.records.files.{fold}: 0, so the fold {fold} has no window and {consequence}; write how many "
                "files it has"
            )
        return
    held_out = {region["fold"] for region in settings["holdout"]}
    if settings["cross_validation"] is None and not (
        settings["fractions"][fold] or settings["chromosomes"][fold] or fold in held_out
    ):
        raise InputError(
            f"{place}.fractions.{fold}: 0, so the fold {fold} has no window and {consequence}; write a share above 0, "
            f"for example 0.1, or chromosomes.{fold}"
        )


def require_region(text, chromosomes, place):
    """Parse a region and check its chromosome.

    Parameters
    ----------
    text : str
        As for :func:`akitaflow.genome.intervals.parse_region`.
    chromosomes : list of str or None
        Chromosomes of the genome; None if they are not known.
    place : str
        File and key, for the message.

    Returns
    -------
    akitaflow.genome.intervals.Window

    Raises
    ------
    InputError
        If the text is not a region, or its chromosome is unknown.
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


def require_window(text, chromosomes, geometry, place):
    """Parse a window: a region of the length of the model's input that begins at a bin.

    Parameters
    ----------
    text, chromosomes, place
        As for :func:`require_region`.
    geometry : dict
        ``geometry`` of the config.

    Returns
    -------
    akitaflow.genome.intervals.Window

    Raises
    ------
    InputError
        As of :func:`require_region`, or if the region has another length or begins within a bin.
    """
    region = require_region(text, chromosomes, place)
    size, length = geometry["bin_size"], geometry["window"]
    start = region.start // size * size
    if region.end - region.start != length or region.start != start:
        raise InputError(
            f"{place}: {text} has {region.end - region.start} bp from {region.start} on, but the model reads {length} "
            f"from a bin of {size} bp on; write {region.chrom}:{start}-{start + length}"
        )
    return region


def require_file(study, path, place):
    """Check that a local file exists, unless the workflow makes it.

    Parameters
    ----------
    study : akitaflow.study.study.Study
    path : str or None
        As written in the config or a table. Empty paths and URLs are not checked; of ``file::group`` (a cooler) the
        file is.
    place : str
        File and key, or file, row and column, for the message.

    Raises
    ------
    InputError
        If the file does not exist.
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
    """Check that a local path has no braces, which are wildcards for Snakemake.

    Parameters
    ----------
    located : str
        Of :meth:`akitaflow.study.study.Study.locate`. URLs may have braces.
    place : str
        File and key, or file, row and column, for the message.

    Raises
    ------
    InputError
        If it has.
    """
    if "://" not in located and _BRACES.search(located):
        raise InputError(f"{place}: {located} has braces, {{ and }}, which name wildcards; rename the file or folder")
