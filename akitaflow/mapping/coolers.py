"""Contact maps as coolers: import onto the bins of a genome, merging and balancing, and summaries."""

import multiprocessing
import os
import re
import shutil
import tempfile
from dataclasses import dataclass

import cooler
import h5py
import numpy as np
import pandas as pd

from akitaflow.errors import InputError
from akitaflow.files import whole
from akitaflow.genome.fasta import check_assembly
from akitaflow.mapping.file_kinds import describe
from akitaflow.mapping.map_checks import MapCheck, place_bins

PIXELS = 10_000_000  # pixels in memory at a time
LEFT_OUT = "-"  # in a renaming table: a chromosome that is not imported
WEIGHT = "weight"
OTHER_WEIGHTS = re.compile(r"KR|VC|VC_SQRT|SCALE|GW_\w+|INTER_\w+|ICE|\w*weight\w*", re.I)  # of bins, by other tools


def read_rename(path):
    """Read a renaming table of two columns without a header: name in the file and name in the genome.

    Parameters
    ----------
    path : str

    Returns
    -------
    dict of str to str
        Name in the file -> name in the genome, or ``-`` for a chromosome to leave out.

    Raises
    ------
    InputError
        If a row does not have two columns, or a name is twice in the first column.
    """
    try:
        table = pd.read_csv(path, sep="\t", header=None, dtype=str, comment="#", keep_default_na=False, quoting=3)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(
            f"{path} cannot be read ({error}); write two tab-separated columns: name in the file, name in the genome."
        ) from None
    if table.shape[1] != 2 or (table.isna() | (table == "")).any(axis=None):
        raise InputError(f"{path} must have two tab-separated columns: name in the file, name in the genome.")
    duplicates = table[0][table[0].duplicated()]
    if len(duplicates):
        raise InputError(f"{path} names {duplicates.iloc[0]} twice in its first column: keep one of the rows.")
    return dict(zip(table[0], table[1], strict=True))


def rename_sizes(sizes, rename, genome_sizes, source, in_use=None):
    """Names of a file's chromosomes in the genome.

    Parameters
    ----------
    sizes : dict of str to int
        Chromosomes of the file and their lengths in bp.
    rename : dict of str to str
        See :func:`read_rename`; other names stay.
    genome_sizes : dict of str to int
        All chromosomes of the FASTA, also those not in use.
    source : str
        The file, for messages.
    in_use : collection of str, optional
        Chromosomes that the config chooses. If the file has all of them, chromosomes that the FASTA lacks are left out;
        by default they are refused.

    Returns
    -------
    dict of str to str
        Name in the file -> name in the genome, without chromosomes that are left out.

    Raises
    ------
    InputError
        If the FASTA lacks a chromosome of the file, or two chromosomes of the file get one name.
    """
    names = {name: rename.get(name, name) for name in sizes}
    names = {name: new for name, new in names.items() if new != LEFT_OUT}
    unknown = [_called(name, new) for name, new in names.items() if new not in genome_sizes]
    if unknown and in_use and set(in_use) <= set(names.values()):
        print(f"{source}: left out, because the FASTA lacks them: {some(unknown)}")
        names = {name: new for name, new in names.items() if new in genome_sizes}
    elif unknown:
        raise InputError(
            f"{source} has chromosomes that the FASTA lacks: {some(unknown)}; the FASTA has {some(genome_sizes)}. "
            "Give a table of two columns (name in the file, name in the genome, or - to leave a chromosome out) as "
            "'rename' of this dataset."
        )
    name_of = {}
    for name, new in names.items():
        if new in name_of:
            raise InputError(f"{source}: {name_of[new]} and {name} are both renamed {new}: correct the renaming table.")
        name_of[new] = name
    return names


def _called(name, new):
    return name if name == new else f"{name} (renamed {new})"


def some(names, limit=8):
    """First names of a list as text for a message, and the number of the others."""
    names = list(names)
    return ", ".join(names[:limit]) + (f" and {len(names) - limit} more" if len(names) > limit else "")


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
        multires = path == file and cooler.fileops.is_multires_file(file)
        groups = cooler.fileops.list_coolers(file)
    except (OSError, KeyError, AttributeError, RuntimeError) as error:
        raise _unreadable(file, error) from error
    if multires:
        uri_of_size = {cooler.Cooler(f"{file}::{group}").binsize: f"{file}::{group}" for group in groups}
        if bin_size in uri_of_size:
            return uri_of_size[bin_size]
        levels = ", ".join(str(size) for size in sorted(size for size in uri_of_size if size))
        raise _other_bins(f"{file} has no level of {bin_size}-bp bins; it has {levels}", bin_size)
    if not groups or (group or "/") not in [name.strip("/") or "/" for name in groups]:
        kind = "a file of single cells (.scool)" if cells else f"not a cooler (it holds {some(groups) or 'no cooler'})"
        advice = (
            f"write one of them as 'path' of the dataset, {file}::{groups[0]}"
            if groups
            else "correct 'path' of the dataset"
        )
        raise InputError(f"{path} is {kind}: {advice}.")
    try:
        size = cooler.Cooler(path).binsize
    except (KeyError, RuntimeError) as error:
        raise InputError(
            f"{path} cannot be read as a cooler, because parts are missing ({error}): get it again."
        ) from error
    if size != bin_size:
        bins = f"bins of {size} bp" if size else "bins of varying size"
        raise _other_bins(f"{path} has {bins}, not of {bin_size} bp (geometry.bin_size)", bin_size)
    return path


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


def _other_bins(found_bins, bin_size):
    return InputError(
        f"{found_bins}. Either let the dataset enter as pairs (entry: pairs, path: its .pairs.gz), which are then "
        f"binned at {bin_size} bp; or set geometry.bin_size to a size that the file has, with geometry.pools that "
        "multiply to it (2000-bp bins: pools [2, 2, 2, 2, 5, 5, 5], window 1024000, crop 64000). Bins cannot be cut "
        "anew: contacts of 1000-bp bins do not add up to those of 2048 bp."
    )


@dataclass(frozen=True)
class Import:
    """Cooler that agrees with a genome.

    Attributes
    ----------
    uri : str
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
        See :func:`read_rename`.
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
        Chromosomes that the config chooses; see :func:`rename_sizes`.

    Returns
    -------
    Import

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
            f"{_called(name, new)} has {size} bp in the map and {length} bp in {fasta}"
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
    return Import(uri, names, column, operation == "divide" if weight else divisive, bool(weight))


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
    for key in ("nnz", "sum"):
        if key in clr.info and not isinstance(clr.info[key], int | float | np.number):
            raise InputError(f"{clr.uri}: its attribute {key} is {clr.info[key]!r}, no number; get it again.")


def _unbalanced(uri, column, columns, dataset):
    others = [name for name in columns if name != column and OTHER_WEIGHTS.fullmatch(name)]
    advice = f"Run: cooler balance {uri}"
    if others:
        advice += (
            f"; or choose one of its columns {', '.join(others)}: write multiply:{others[0]} or, for factors that "
            f"divide, as those of Juicer, divide:{others[0]} as 'weight' of dataset {dataset}"
        )
    return f"{uri} is not balanced (it has no column '{column}'). {advice}"


def read_chromosomes(clr):
    """Chromosomes of a cooler and their lengths.

    Parameters
    ----------
    clr : cooler.Cooler
        Names may be stored as fixed-length or variable-length text or bytes.

    Returns
    -------
    dict of str to int
        Length in bp, in the order of the file.
    """
    with clr.open("r") as file:
        names, sizes = file["chroms/name"][:], file["chroms/length"][:].tolist()
    names = [name.decode() if isinstance(name, bytes) else str(name) for name in names]
    return dict(zip(names, sizes, strict=True))


def import_cooler(checked, target, chromosomes, bin_size, assembly=None, scratch=None):
    """Rewrite a checked cooler and its weights onto the bins of a genome.

    Chromosomes are in the order of the genome. Bins that the file lacks have no contacts and no weight (NaN). All
    pixels, bins and weights of the file are checked as they are read, see
    :class:`akitaflow.mapping.map_checks.MapCheck`.

    Parameters
    ----------
    checked : Import
        From :func:`check_cooler`.
    target : str
        Cooler to write; it gets its name only when complete.
    chromosomes : dict of str to int
        Chromosomes in use and their lengths in bp, in order.
    bin_size : int
        bp.
    assembly : str, optional
        Name of the genome, stored in the cooler.
    scratch : str, optional
        Folder for temporary files.

    Returns
    -------
    list of str
        Warnings, one sentence each: chromosomes in use that the file lacks or on which no bin has a weight, balancing
        that did not converge.

    Raises
    ------
    InputError
        If the file has none of the chromosomes in use, or a check of its pixels, bins or weights fails.
    """
    clr = cooler.Cooler(checked.uri)
    bins = cooler.binnify(pd.Series(chromosomes), bin_size)
    first = {chrom: int(rows.index[0]) for chrom, rows in bins.groupby("chrom", observed=True)}
    sizes = read_chromosomes(clr)
    chroms, number, weights, attributes = _read_bins(clr, checked, sizes, bin_size)
    new_bin = np.full(len(chroms), -1, np.int64)  # number in the genome of each bin of the file; -1: not in use
    for code, name in enumerate(sizes):
        new = checked.names.get(name)
        if new in first:
            here = chroms == code
            new_bin[here] = first[new] + number[here]
    used = new_bin >= 0
    if not used.any():
        raise InputError(f"{checked.uri} has none of the chromosomes in use ({some(chromosomes)}).")
    bins[WEIGHT] = np.nan
    bins.loc[new_bin[used], WEIGHT] = weights[used]
    kept = new_bin[used]
    converged = attributes.get("converged")
    ignored = attributes.get("ignore_diags")
    check = MapCheck(
        checked.uri,
        chroms,
        weights,
        {key: clr.info[key] for key in ("nnz", "sum") if key in clr.info},
        column=checked.weight,
        named=checked.named,
        converged=converged is None or bool(np.all(converged)),
        ignore_diags=int(ignored) if isinstance(ignored, (int, np.integer)) else 0,
    )
    if scratch:
        os.makedirs(scratch, exist_ok=True)
    with whole(target) as temporary:
        cooler.create_cooler(
            str(temporary),
            bins,
            _moved_pixels(clr, new_bin, check),
            columns=["count"],
            dtypes={"count": clr.pixels().dtypes["count"]},
            ordered=bool((np.diff(kept) > 0).all()),  # if False, pixels are sorted with temporary files
            assembly=assembly,
            temp_dir=scratch,
            mergebuf=PIXELS,
        )
        check.finish()
        with cooler.Cooler(str(temporary)).open("r+") as file:
            # the options and the result of balancing
            file[f"bins/{WEIGHT}"].attrs.update(attributes)
            if checked.divides:
                file[f"bins/{WEIGHT}"].attrs["divisive_weights"] = False
    return _warnings(checked, chromosomes, bins, check)


def _read_bins(clr, checked, sizes, bin_size):
    """Chromosome, number in the chromosome, multiplying weight of each bin, and the attributes of the weights."""
    with clr.open("r") as file:
        starts, ends, chroms = (file[f"bins/{name}"][:] for name in ("start", "end", "chrom"))
        weights = file[f"bins/{checked.weight}"][:].astype(float)
        attributes = dict(file[f"bins/{checked.weight}"].attrs)
        lengths = {len(file[f"pixels/{name}"]) for name in ("bin1_id", "bin2_id", "count")}
    if lengths != {int(clr.info.get("nnz", max(lengths)))}:
        counted = ", ".join(str(length) for length in sorted(lengths))
        raise InputError(
            f"{checked.uri} says that it has {clr.info.get('nnz')} pixels (nnz), but it has {counted}: it was cut "
            "short or edited; get it again."
        )
    if chroms.dtype.kind not in "iu":
        code = {name: number for number, name in enumerate(sizes)}
        names = [name.decode() if isinstance(name, bytes) else str(name) for name in chroms]
        chroms = np.array([code.get(name, -1) for name in names], np.int64)
    number = place_bins(starts, ends, chroms, list(sizes), list(sizes.values()), bin_size, checked.uri)
    if checked.divides:
        with np.errstate(divide="ignore"):
            weights = 1 / weights
        weights[np.isinf(weights)] = np.nan
    return chroms.astype(np.int64), number, weights, attributes


def _warnings(checked, chromosomes, bins, check):
    """What a user must know of an imported map though it is accepted."""
    absent = [chrom for chrom in chromosomes if chrom not in set(checked.names.values())]
    weighted = bins["chrom"][bins[WEIGHT].notna()].unique()
    bare = [chrom for chrom in chromosomes if chrom not in absent and chrom not in weighted]
    warnings = []
    if absent:
        warnings.append(f"{checked.uri} has no bins of {some(absent)}: they are missing in the map")
    if bare:
        warnings.append(f"{checked.uri} has no weight on any bin of {some(bare)}: they are missing in the balanced map")
    if not check.converged:
        warnings.append(
            f"balancing of {checked.uri} did not converge: the balanced sums of rows differ by up to "
            f"{check.spread('balanced'):.0%} from their median"
        )
    return warnings


def _moved_pixels(clr, new_bin, check):
    """Yield chunks of pixels with the genome's bin numbers: upper triangle, sorted within a chunk, bins in use only."""
    for low in range(0, clr.info["nnz"], PIXELS):
        with clr.open("r") as file:
            pixels = pd.DataFrame(
                {name: file[f"pixels/{name}"][low : low + PIXELS] for name in ("bin1_id", "bin2_id", "count")}
            )
        check.add(*(pixels[name].to_numpy() for name in pixels))
        bin1, bin2 = new_bin[pixels["bin1_id"]], new_bin[pixels["bin2_id"]]
        inside = (bin1 >= 0) & (bin2 >= 0)
        pixels = pixels.assign(bin1_id=np.minimum(bin1, bin2), bin2_id=np.maximum(bin1, bin2))[inside]
        yield pixels.sort_values(["bin1_id", "bin2_id"], ignore_index=True)


def merge_and_balance(sources, target, options, processes=1):
    """Merge the coolers of a dataset's libraries and balance the map genome-wide.

    This is ``cooler merge`` and ``cooler balance``. If the filters leave no bin, all weights are NaN.

    Parameters
    ----------
    sources : list of str
        Coolers on the same bins.
    target : str
        Cooler to write; it gets its name only when complete.
    options : dict
        mad_max, min_nnz, min_count, ignore_diags, tol, max_iters of :func:`cooler.balance_cooler`.
    processes : int
        Number of processes; the result does not depend on it.

    Returns
    -------
    bool
        Whether balancing converged.
    """
    with whole(target) as temporary:
        if len(sources) == 1:
            shutil.copy(sources[0], temporary)
        else:
            cooler.merge_coolers(str(temporary), list(sources), mergebuf=2 * PIXELS)
        clr = cooler.Cooler(str(temporary))
        if not clr.info["nnz"]:
            weights, info = np.full(len(clr.bins()), np.nan), {"converged": False}
            _store_weights(str(temporary), weights, dict(options) | info)
        else:
            pool = _pool(clr, processes)
            try:
                weights, info = cooler.balance_cooler(
                    clr, **options, chunksize=PIXELS, cis_only=False, store=True, map=pool.map if pool else map
                )
            finally:
                if pool:
                    pool.close()
                    pool.join()
    return bool(np.all(info["converged"])) and bool(np.isfinite(weights).any())


def _pool(clr, processes):
    """Pool of processes for balancing; None if the pixels are a single chunk."""
    if processes < 2 or clr.info["nnz"] <= PIXELS:
        return None
    return multiprocessing.get_context("fork").Pool(processes)


def _store_weights(path, weights, attributes):
    with cooler.Cooler(path).open("r+") as file:
        data = file["bins"].create_dataset(WEIGHT, data=weights, compression="gzip", compression_opts=6)
        data.attrs.update(attributes)


def empty_cooler(target, chromosomes, bin_size, assembly=None):
    """Write a cooler without contacts.

    Parameters
    ----------
    target : str
    chromosomes : dict of str to int
        Lengths in bp.
    bin_size : int
        bp.
    assembly : str, optional
        Name of the genome, stored in the cooler.
    """
    pixels = pd.DataFrame({"bin1_id": np.array([], int), "bin2_id": np.array([], int), "count": np.array([], np.int32)})
    cooler.create_cooler(target, cooler.binnify(pd.Series(chromosomes), bin_size), pixels, assembly=assembly)


@dataclass(frozen=True)
class Contacts:
    """Raw contacts of a map, counted in one pass.

    Attributes
    ----------
    by_distance : ndarray of float64, shape (bins of the longest chromosome,)
        Contacts within chromosomes at each distance in bins.
    cis : ndarray of float64, shape (chromosomes,)
        Contacts within each chromosome.
    trans : ndarray of float64, shape (chromosomes,)
        Contacts of each chromosome with others; each contact counts for both chromosomes.
    """

    by_distance: np.ndarray
    cis: np.ndarray
    trans: np.ndarray

    @property
    def total(self):
        """Number of contacts of the map."""
        return float(self.cis.sum() + self.trans.sum() / 2)


def count_contacts(clr):
    """Count the raw contacts of a map by distance and by chromosome.

    Parameters
    ----------
    clr : cooler.Cooler

    Returns
    -------
    Contacts

    Raises
    ------
    InputError
        If the counts do not add up to the number of contacts that the file states.
    """
    chroms = clr.bins()["chrom"][:].cat.codes.to_numpy()
    n_chroms = len(clr.chromnames)
    by_distance = np.zeros(int(np.bincount(chroms).max()))
    cis, trans = np.zeros(n_chroms), np.zeros(n_chroms)
    for low in range(0, clr.info["nnz"], PIXELS):
        pixels = clr.pixels()[low : low + PIXELS]
        bin1, bin2, count = (pixels[name].to_numpy() for name in ("bin1_id", "bin2_id", "count"))
        first, second = chroms[bin1], chroms[bin2]
        same = first == second
        by_distance += np.bincount(bin2[same] - bin1[same], weights=count[same], minlength=len(by_distance))
        cis += np.bincount(first[same], weights=count[same], minlength=n_chroms)
        for ends in (first, second):
            trans += np.bincount(ends[~same], weights=count[~same], minlength=n_chroms)
    contacts = Contacts(by_distance, cis, trans)
    stated = clr.info.get("sum")
    if stated is not None and not np.isclose(float(stated), contacts.total, rtol=1e-9, atol=0):
        raise InputError(
            f"{clr.uri} says that it has {stated} contacts (sum), but its pixels add up to {contacts.total:.0f}: the "
            "file was damaged or edited; delete it, and it is made anew."
        )
    return contacts


def summarise(path):
    """Summary of a balanced map.

    Parameters
    ----------
    path : str
        Cooler.

    Returns
    -------
    summary : dict
        bin_size (bp), contacts, bins, filtered_bins (without a weight), balanced ("converged", "not converged", "no bin
        kept", or "as imported" if the file does not say), and shares of the contacts within chromosomes (cis_share,
        cis_1kb_share, ...). Distances are those of bin centres; a share that the bins cannot resolve is missing.
    by_distance : ndarray of float64, shape (bins of the longest chromosome,)
        Contacts within chromosomes at each distance in bins.
    chromosomes : DataFrame
        A row per chromosome, in the order of the map: chrom, length (bp), bins, filtered_bins, cis_contacts,
        trans_contacts (with other chromosomes).

    Raises
    ------
    InputError
        See :func:`count_contacts`.
    """
    clr = cooler.Cooler(path)
    contacts = count_contacts(clr)
    bins = clr.bins()[["chrom", WEIGHT]][:]
    weights, codes = bins[WEIGHT].to_numpy(), bins["chrom"].cat.codes.to_numpy()
    with clr.open("r") as file:
        converged = file[f"bins/{WEIGHT}"].attrs.get("converged")
    if not np.isfinite(weights).any():
        balanced = "no bin kept"
    elif converged is None:
        balanced = "as imported"
    else:
        balanced = "converged" if np.all(converged) else "not converged"
    total, by_distance = contacts.total, contacts.by_distance
    summary = {
        "bin_size": int(clr.binsize),
        "contacts": int(total),
        "bins": len(weights),
        "filtered_bins": int(np.isnan(weights).sum()),
        "balanced": balanced,
        "cis_share": by_distance.sum() / total if total else np.nan,
    }
    for kb in (1, 10, 20):
        least_distance = -(-kb * 1000 // clr.binsize)  # smallest distance in bins of at least this length
        resolved = total and clr.binsize <= kb * 1000
        summary[f"cis_{kb}kb_share"] = by_distance[least_distance:].sum() / total if resolved else np.nan
    n_chroms = len(clr.chromnames)
    chromosomes = pd.DataFrame(
        {
            "chrom": clr.chromnames,
            "length": clr.chromsizes.to_numpy(),
            "bins": np.bincount(codes, minlength=n_chroms),
            "filtered_bins": np.bincount(codes[np.isnan(weights)], minlength=n_chroms),
            "cis_contacts": contacts.cis.astype(np.int64),
            "trans_contacts": contacts.trans.astype(np.int64),
        }
    )
    return summary, by_distance, chromosomes


def scratch_folder(parent=None):
    """Temporary folder that is removed at the end of its ``with`` block.

    Parameters
    ----------
    parent : str, optional
        Folder in which it is created; by default ``$TMPDIR``.

    Returns
    -------
    tempfile.TemporaryDirectory
    """
    if parent:
        os.makedirs(parent, exist_ok=True)
    return tempfile.TemporaryDirectory(dir=parent)
