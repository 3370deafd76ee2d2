"""Checks of coolers of other tools against a genome, without reading their pixels."""

import re
from dataclasses import dataclass

import cooler
import h5py
import numpy as np

from akitaflow.errors import InputError
from akitaflow.genome.fasta import check_assembly
from akitaflow.genome.intervals import some_names
from akitaflow.mapping.chromosome_names import old_and_new, rename_sizes
from akitaflow.mapping.coolers import WEIGHT, read_chromosomes, readable
from akitaflow.mapping.file_kinds import describe

LEVEL = re.compile(r"/resolutions/[^/]+|/[0-9]+")  # groups of an mcool; numbers alone are those of old files
OTHER_WEIGHTS = re.compile(r"KR|VC|VC_SQRT|SCALE|GW_\w+|INTER_\w+|ICE|\w*weight\w*", re.I)  # of bins, by other tools


def resolve(path, bin_size):
    """URI of the cooler with a bin size in a ``.cool`` or ``.mcool`` file.

    Parameters
    ----------
    path : str
        The file, or ``file::/group`` for a cooler in it.
    bin_size : int
        bp.

    Returns
    -------
    str
        URI to give to ``cooler.Cooler``.

    Raises
    ------
    InputError
        If the file is not a cooler or lacks the bin size.
    """
    file, _, group = path.partition("::")
    if "::" in group:
        raise InputError(f"{path} has '::' twice: write FILE::resolutions/{bin_size}.")
    group = group.strip("/")
    path = f"{file}::/{group}" if group else file
    try:
        cells = cooler.fileops.is_scool_file(file)
        groups = cooler.fileops.list_coolers(file)
    except (OSError, KeyError, AttributeError, RuntimeError) as error:
        raise _unreadable(file, error) from error
    levels = [name for name in groups if LEVEL.fullmatch(name)]
    if path == file and levels and "/" not in groups:
        return _level(file, levels, bin_size)
    if not groups or (group or "/") not in [name.strip("/") or "/" for name in groups]:
        kind = (
            "a file of single cells (.scool)"
            if cells
            else f"not a cooler (it holds {some_names(groups) or 'no cooler'})"
        )
        advice = (
            f"write one of them as 'path' of the dataset, {file}::{groups[0]}"
            if groups
            else "correct 'path' of the dataset"
        )
        raise InputError(f"{path} is {kind}: {advice}.")
    try:
        size = cooler.Cooler(path).binsize
    except (KeyError, RuntimeError, OSError) as error:
        raise InputError(
            f"{path} cannot be read as a cooler, because parts are missing ({error}): get it again."
        ) from error
    if size != bin_size:
        bins = f"bins of {size} bp" if size else "bins of varying size"
        raise _other_bins(f"{path} has {bins}, not of {bin_size} bp (geometry.bin_size)", bin_size)
    return path


def _level(file, levels, bin_size):
    """URI of the level with a bin size. Other levels may be damaged, or unfinished as those of a stopped zoomify."""
    names_of_size, damaged = {}, []
    for name in levels:
        try:
            with readable(name):
                size = cooler.Cooler(f"{file}::{name}").binsize
            names_of_size.setdefault(size and int(size), []).append(name)
        except (InputError, ValueError):
            damaged.append(name)
    names = names_of_size.pop(bin_size, [])
    if len(names) > 1:
        raise InputError(
            f"{file} has several maps of {bin_size}-bp bins ({', '.join(names)}): write one of them as 'path' of the "
            f"dataset, {file}::{names[0]}."
        )
    if names:
        return f"{file}::{names[0]}"
    unread = f" ({', '.join(damaged)} cannot be read: the file is damaged or unfinished)" if damaged else ""
    sizes = ", ".join(str(size) for size in sorted(size for size in names_of_size if size)) or "none"
    raise _other_bins(f"{file} has no level of {bin_size}-bp bins; it has {sizes}{unread}", bin_size)


def _unreadable(file, error):
    """Error of a file that HDF5 does not open: locked, of another format, or damaged."""
    if isinstance(error, BlockingIOError) or "unable to lock" in str(error):
        return InputError(
            f"{file} is locked: another program is writing to it, or its file system has no locks. Wait for the "
            f"program to end, or set HDF5_USE_FILE_LOCKING=FALSE ({error})."
        )
    kind = "" if h5py.is_hdf5(file) else describe(file)
    if kind:
        return InputError(f"{file} cannot be read as a cooler, because it is {kind}.")
    return InputError(f"{file} cannot be read as a cooler ({error}): get the file again.")


def _other_bins(message, bin_size):
    """Error of a map with other bins than the study; ``message`` names the file and its bins."""
    return InputError(
        f"{message}. Either let the dataset enter as pairs (entry: pairs, path: its .pairs.gz), which are then "
        f"binned at {bin_size} bp; or set geometry.bin_size to a size that the file has, with geometry.pools that "
        "multiply to it (2000-bp bins: pools [2, 2, 2, 2, 5, 5, 5], window 1024000, crop 64000). Bins cannot be cut "
        "anew: contacts of 1000-bp bins do not add up to those of 2048 bp."
    )


@dataclass(frozen=True)
class CheckedCooler:
    """A cooler that passed the checks of :func:`check_cooler`.

    Attributes
    ----------
    uri : str
        Path and group.
    names : dict of str to str
        Name of each chromosome in the file -> its name in the genome.
    weight : str
        Column of the bins with the factors of balancing.
    divides : bool
        Whether these factors divide counts instead of multiplying them.
    named : bool
        Whether the table of datasets names the column.
    """

    uri: str
    names: dict
    weight: str = WEIGHT
    divides: bool = False
    named: bool = False


def check_cooler(
    path,
    bin_size,
    genome_sizes,
    rename=None,
    tolerance=0,
    dataset="",
    fasta="the FASTA",
    genome="",
    weight="",
    in_use=None,
):
    """Check a cooler against a genome, without reading its pixels.

    Parameters
    ----------
    path : str
        ``.cool`` or ``.mcool``.
    bin_size : int
        bp.
    genome_sizes : dict of str to int
        All chromosomes of the FASTA and their lengths in bp.
    rename : dict of str to str, optional
        See :func:`akitaflow.mapping.chromosome_names.read_rename`.
    tolerance : int
        bp by which a chromosome of the file may be shorter than in the genome. Lengths rounded up or down to whole bins
        are always accepted.
    dataset, fasta : str
        For messages.
    genome : str
        Name of the genome in the config; see :func:`akitaflow.genome.fasta.check_assembly`.
    weight : str
        ``multiply:COLUMN`` or ``divide:COLUMN``; empty for the column ``weight``, which multiplies unless its attribute
        ``divisive_weights`` is true.
    in_use : collection of str, optional
        Chromosomes that the config chooses; see :func:`akitaflow.mapping.chromosome_names.rename_sizes`.

    Returns
    -------
    CheckedCooler

    Raises
    ------
    InputError
        If the map has another bin size or assembly, a chromosome that the FASTA lacks or has with another length, or no
        weights.
    """
    uri = resolve(path, bin_size)
    clr = cooler.Cooler(uri)
    _check_columns(clr)
    check_assembly(clr.info.get("genome-assembly"), genome, uri)
    if clr.storage_mode != "symmetric-upper":
        raise InputError(
            f"{uri} stores both halves of the map (storage-mode {clr.storage_mode}): make it anew with cooler load or "
            "cooler cload, without --no-symmetric-upper."
        )
    sizes = read_chromosomes(clr)
    names = rename_sizes(sizes, rename or {}, genome_sizes, uri, in_use)
    if not names:
        raise InputError(f"{uri}: no chromosome is left after renaming: correct 'rename' of dataset {dataset}.")
    shorter, different = [], []
    for name, new in names.items():
        size, length = sizes[name], genome_sizes[new]
        rounded = {length, length // bin_size * bin_size, -(-length // bin_size) * bin_size}
        if size not in rounded and not 0 < length - size <= tolerance:
            (shorter if size < length else different).append((name, new, size, length))
    if shorter or different:
        listed = "; ".join(
            f"{old_and_new(name, new)} has {size} bp in the map and {length} bp in {fasta}"
            for name, new, size, length in different + shorter
        )
        advice = (
            "The map is of another assembly, or 'rename' mixes chromosomes up: give the FASTA it was made with."
            if different
            else "If what is missing at their ends may be treated as missing bins, write tolerance "
            f"{max(length - size for *_, size, length in shorter)} for dataset {dataset} in the table of datasets; "
            "else give the FASTA that the map was made with."
        )
        raise InputError(f"{uri}: {listed}. {advice}")
    operation, _, column = weight.partition(":")
    column = column or WEIGHT
    with clr.open("r") as file:
        columns = list(file["bins"])
        if column not in columns:
            raise InputError(_unbalanced(uri, column, columns, dataset))
        with readable(uri):
            values = file[f"bins/{column}"][:]
        n_bins = len(file["bins/start"])
        if values.dtype.kind not in "iuf" or values.shape != (n_bins,):
            raise InputError(
                f"{uri}: column {column} has {values.dtype} values of shape {values.shape}, but one number is "
                f"needed for each of {n_bins} bins. Run: cooler balance --force {uri}"
            )
        divisive = bool(file[f"bins/{column}"].attrs.get("divisive_weights", False))
    if not np.isfinite(values).any():
        raise InputError(
            f"{uri} has no {column} on any bin: balancing kept none. It has {clr.info.get('sum', 'unknown')} contacts "
            f"in {len(values)} bins of {bin_size} bp. Run: cooler balance --force {uri} (with smaller --min-nnz and "
            "larger --mad-max if the map is sparse), or use larger bins"
        )
    return CheckedCooler(uri, names, column, operation == "divide" if weight else divisive, bool(weight))


def _check_columns(clr):
    """Check that a cooler has the columns of its format, with numbers where they belong."""
    wanted = {"chroms/length": "iu", "bins/start": "iu", "bins/end": "iu", "bins/chrom": "iuSO", "chroms/name": "SOU"}
    wanted |= {"pixels/bin1_id": "iu", "pixels/bin2_id": "iu", "pixels/count": "iuf"}
    with clr.open("r") as file:
        for name, kinds in wanted.items():
            if name not in file:
                raise InputError(f"{clr.uri} lacks the column {name} of a cooler: it was cut short; get it again.")
            if file[name].dtype.kind not in kinds or file[name].ndim != 1:
                raise InputError(
                    f"{clr.uri}: the column {name} has {file[name].dtype} values of shape {file[name].shape}, but "
                    "coolers have whole numbers there (counts may be decimals). Make it anew with cooler load."
                )
    if "nnz" not in clr.info:
        raise InputError(
            f"{clr.uri} lacks the attribute nnz, its number of pixels, which coolers must have. Make it anew with "
            "cooler load, or write the attribute."
        )
    for key in ("nnz", "sum"):
        if key in clr.info and not isinstance(clr.info[key], int | float | np.number):
            raise InputError(f"{clr.uri}: its attribute {key} is {clr.info[key]!r}, no number; get it again.")


def _unbalanced(uri, column, columns, dataset):
    """Text of the error if a map has no column of weights: how to balance it, or which columns it has."""
    other_columns = [name for name in columns if name != column and OTHER_WEIGHTS.fullmatch(name)]
    advice = f"Run: cooler balance {uri}"
    if other_columns:
        advice += (
            f"; or choose one of its columns {', '.join(other_columns)}: write multiply:{other_columns[0]} or, for "
            f"factors that divide, as those of Juicer, divide:{other_columns[0]} as 'weight' of dataset {dataset}"
        )
    return f"{uri} is not balanced (it has no column '{column}'). {advice}"
