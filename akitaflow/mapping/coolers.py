"""Contact maps on a genome's own bins: import of a cooler, merging and balancing, and what a map says of itself."""

import multiprocessing
import os
import shutil
import tempfile
from dataclasses import dataclass

import cooler
import numpy as np
import pandas as pd

from akitaflow.errors import InputError
from akitaflow.files import whole
from akitaflow.genome.fasta import check_assembly

PIXELS = 10_000_000  # pixels in memory at a time
LEFT_OUT = "-"  # in a renaming table: a chromosome that is not taken over
WEIGHT = "weight"


def read_rename(path):
    """A renaming table: two columns without a header, name in the file and name in the genome (``-``: leave out).

    Returns
    -------
    dict of str to str

    Raises
    ------
    InputError
        If a row has not two columns or a name stands twice in the first.
    """
    table = pd.read_csv(path, sep="\t", header=None, dtype=str, comment="#")
    if table.shape[1] != 2 or table.isna().any(axis=None):
        raise InputError(f"{path} must have two tab-separated columns: name in the file, name in the genome.")
    twice = table[0][table[0].duplicated()]
    if len(twice):
        raise InputError(f"{path} names {twice.iloc[0]} twice in its first column: keep one of the rows.")
    return dict(zip(table[0], table[1], strict=True))


def rename_sizes(sizes, rename, genome_sizes, source):
    """Names in the genome of a file's chromosomes.

    Parameters
    ----------
    sizes : dict of str to int
        The file's chromosomes.
    rename : dict of str to str
        See :func:`read_rename`; a name that it lacks stays.
    genome_sizes : dict of str to int
        All chromosomes of the FASTA, in use or not.
    source : str
        The file, for messages.

    Returns
    -------
    dict of str to str
        Name in the file -> name in the genome; those left out are missing.

    Raises
    ------
    InputError
        If the FASTA lacks a chromosome of the file, or two of the file's become one.
    """
    names = {name: rename.get(name, name) for name in sizes}
    names = {name: new for name, new in names.items() if new != LEFT_OUT}
    unknown = [_called(name, new) for name, new in names.items() if new not in genome_sizes]
    if unknown:
        raise InputError(
            f"{source} has chromosomes that the FASTA lacks: {some(unknown)}; the FASTA has {some(genome_sizes)}. "
            "Give a table of two columns (name in the file, name in the genome, or - to leave a chromosome out) as "
            "'rename' of this dataset."
        )
    seen = {}
    for name, new in names.items():
        if new in seen:
            raise InputError(f"{source}: {seen[new]} and {name} are both renamed {new}: correct the renaming table.")
        seen[new] = name
    return names


def _called(name, new):
    return name if name == new else f"{name} (renamed {new})"


def some(names, limit=8):
    """The first names of a list, for a message."""
    names = list(names)
    return ", ".join(names[:limit]) + (f" and {len(names) - limit} more" if len(names) > limit else "")


def resolve(path, bin_size):
    """The cooler of a bin size in a ``.cool`` or ``.mcool`` file.

    Parameters
    ----------
    path : str
        The file; ``file::/group`` names a cooler in it.
    bin_size : int
        Needed bin size, bp.

    Returns
    -------
    str
        URI to give to ``cooler.Cooler``.

    Raises
    ------
    InputError
        If the file is no cooler or has no such bin size.
    """
    file = path.split("::")[0]
    try:
        several = "::" not in path and cooler.fileops.is_multires_file(file)
        groups = cooler.fileops.list_coolers(file)
    except OSError as error:
        raise InputError(f"{file} cannot be read as a cooler ({error}): get the file again.") from error
    if several:
        found = {cooler.Cooler(f"{file}::{group}").binsize: f"{file}::{group}" for group in groups}
        if bin_size in found:
            return found[bin_size]
        levels = ", ".join(str(size) for size in sorted(size for size in found if size))
        raise _other_bins(f"{file} has no level of {bin_size}-bp bins; it has {levels}", bin_size)
    if not groups or not cooler.fileops.is_cooler(path):
        raise InputError(
            f"{path} is not a cooler (it holds {some(groups) or 'no cooler'}): correct 'path' of the dataset."
        )
    size = cooler.Cooler(path).binsize
    if size != bin_size:
        found = f"bins of {size} bp" if size else "bins of varying size"
        raise _other_bins(f"{path} has {found}, not of {bin_size} bp (geometry.bin_size)", bin_size)
    return path


def _other_bins(found, bin_size):
    return InputError(
        f"{found}. Either let the dataset enter as pairs (entry: pairs, path: its .pairs.gz), which are then binned at "
        f"{bin_size} bp; or set geometry.bin_size to a size that the file has, with geometry.pools that multiply to it "
        "(2000-bp bins: pools [2, 2, 2, 2, 5, 5, 5], window 1024000, crop 64000). Bins cannot be cut anew: contacts of "
        "1000-bp bins do not add up to those of 2048 bp."
    )


@dataclass(frozen=True)
class Import:
    """A cooler that agrees with a genome: its URI and the genome's name of each of its chromosomes."""

    uri: str
    names: dict


def check_cooler(path, bin_size, genome_sizes, rename=None, tolerance=0, dataset="", fasta="the FASTA", genome=""):
    """Check a cooler against a genome, reading no pixel.

    Parameters
    ----------
    path : str
        ``.cool`` or ``.mcool``.
    bin_size : int
        bp.
    genome_sizes : dict of str to int
        All chromosomes of the FASTA.
    rename : dict of str to str, optional
        See :func:`read_rename`.
    tolerance : int
        bp that a chromosome of the file may be shorter than the genome's. A length rounded up or down to whole
        bins always agrees.
    dataset, fasta : str
        For messages.
    genome : str
        Name of the genome in the config; see :func:`akitaflow.genome.fasta.check_assembly`.

    Returns
    -------
    Import

    Raises
    ------
    InputError
        For another bin size or assembly, a chromosome that the FASTA lacks or has at another length, or a map without
        weights.
    """
    uri = resolve(path, bin_size)
    clr = cooler.Cooler(uri)
    check_assembly(clr.info.get("genome-assembly"), genome, uri)
    if clr.storage_mode != "symmetric-upper":
        raise InputError(
            f"{uri} stores both halves of the map (storage-mode {clr.storage_mode}): make it anew with cooler load or "
            "cooler cload, without --no-symmetric-upper."
        )
    sizes = {str(name): int(size) for name, size in clr.chromsizes.items()}
    names = rename_sizes(sizes, rename or {}, genome_sizes, uri)
    if not names:
        raise InputError(f"{uri}: no chromosome is left after renaming: correct 'rename' of dataset {dataset}.")
    shorter, other = [], []
    for name, new in names.items():
        found, length = sizes[name], genome_sizes[new]
        rounded = {length, length // bin_size * bin_size, -(-length // bin_size) * bin_size}
        if found not in rounded and not 0 < length - found <= tolerance:
            (shorter if found < length else other).append((name, new, found, length))
    if shorter or other:
        listed = "; ".join(
            f"{_called(name, new)} has {found} bp in the map and {length} bp in {fasta}"
            for name, new, found, length in other + shorter
        )
        way_out = (
            "The map is of another assembly, or 'rename' mixes chromosomes up: give the FASTA it was made with."
            if other
            else "If what is missing at their ends may be treated as missing bins, write tolerance "
            f"{max(length - found for *_, found, length in shorter)} for dataset {dataset} in the table of datasets; "
            "else give the FASTA that the map was made with."
        )
        raise InputError(f"{uri}: {listed}. {way_out}")
    if WEIGHT not in clr.bins().columns:
        raise InputError(f"{uri} is not balanced (it has no column '{WEIGHT}'). Run: cooler balance {uri}")
    if not np.isfinite(clr.bins()[WEIGHT][:]).any():
        raise InputError(f"{uri} has no weight on any bin: balancing kept none. Run: cooler balance --force {uri}")
    return Import(uri, names)


def import_cooler(checked, target, chromosomes, bin_size, assembly=None, scratch=None):
    """Rewrite a checked cooler onto a genome's own bins, with its weights.

    Chromosomes stand in the genome's order; bins that the file lacks have no contacts and no weight (NaN).

    Parameters
    ----------
    checked : Import
        From :func:`check_cooler`.
    target : str
        Cooler to write; it appears only when whole.
    chromosomes : dict of str to int
        Chromosomes in use and their lengths, in order.
    bin_size : int
        bp.
    assembly : str, optional
        Name of the genome, kept in the file.
    scratch : str, optional
        Folder for temporary files.

    Returns
    -------
    list of str
        Chromosomes in use of which the file has nothing.
    """
    clr = cooler.Cooler(checked.uri)
    bins = cooler.binnify(pd.Series(chromosomes), bin_size)
    first = {chrom: int(rows.index[0]) for chrom, rows in bins.groupby("chrom", observed=True)}
    place = np.full(len(clr.bins()), -1, np.int64)  # row of each of the file's bins among the genome's
    for name, new in checked.names.items():
        if new in first:
            low, high = clr.extent((name, None, None))  # a tuple: names may have colons
            place[low:high] = first[new] + np.arange(high - low)
    taken = place >= 0
    absent = [chrom for chrom in chromosomes if chrom not in set(checked.names.values())]
    if not taken.any():
        raise InputError(f"{checked.uri} has none of the chromosomes in use ({some(chromosomes)}).")
    old_weights = clr.bins()[WEIGHT][:].to_numpy()
    bins[WEIGHT] = np.nan
    bins.loc[place[taken], WEIGHT] = old_weights[taken]
    kept = place[taken]
    if scratch:
        os.makedirs(scratch, exist_ok=True)
    with whole(target) as part:
        cooler.create_cooler(
            str(part),
            bins,
            _moved_pixels(clr, place),
            columns=["count"],
            dtypes={"count": clr.pixels().dtypes["count"]},
            ordered=bool((np.diff(kept) > 0).all()),  # in another order pixels are sorted through temporary files
            assembly=assembly,
            temp_dir=scratch,
            mergebuf=PIXELS,
        )
        _copy_attributes(clr, str(part))
    return absent


def _moved_pixels(clr, place):
    """Pixels with the genome's bin numbers, upper triangle, sorted within each chunk; others left out."""
    for low in range(0, clr.info["nnz"], PIXELS):
        pixels = clr.pixels()[low : low + PIXELS][["bin1_id", "bin2_id", "count"]]
        one, two = place[pixels["bin1_id"]], place[pixels["bin2_id"]]
        inside = (one >= 0) & (two >= 0)
        pixels = pixels.assign(bin1_id=np.minimum(one, two), bin2_id=np.maximum(one, two))[inside]
        yield pixels.sort_values(["bin1_id", "bin2_id"], ignore_index=True)


def _copy_attributes(clr, target):
    """How the weights were made, as cooler stores it beside them."""
    with clr.open("r") as source, cooler.Cooler(target).open("r+") as sink:
        for key, value in source[f"bins/{WEIGHT}"].attrs.items():
            sink[f"bins/{WEIGHT}"].attrs[key] = value


def merge_and_balance(sources, target, options, processes=1):
    """Sum the coolers of a dataset's libraries and balance the sum genome-wide.

    The same as ``cooler merge`` and ``cooler balance``. A map with too few contacts to keep any bin gets no weight
    (NaN) on any.

    Parameters
    ----------
    sources : list of str
        Coolers on the same bins.
    target : str
        Appears only when whole.
    options : dict
        mad_max, min_nnz, min_count, ignore_diags, tol, max_iters of :func:`cooler.balance_cooler`.
    processes : int
        The result does not depend on it.

    Returns
    -------
    bool
        Whether balancing converged.
    """
    with whole(target) as part:
        if len(sources) == 1:
            shutil.copy(sources[0], part)
        else:
            cooler.merge_coolers(str(part), list(sources), mergebuf=2 * PIXELS)
        clr = cooler.Cooler(str(part))
        if not clr.info["nnz"]:
            weights, info = np.full(len(clr.bins()), np.nan), {"converged": False}
            _store_weights(str(part), weights, dict(options) | info)
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
    """Processes that share the work of balancing; None where one chunk of pixels is all there is."""
    if processes < 2 or clr.info["nnz"] <= PIXELS:
        return None
    return multiprocessing.get_context("fork").Pool(processes)


def _store_weights(path, weights, attributes):
    with cooler.Cooler(path).open("r+") as file:
        data = file["bins"].create_dataset(WEIGHT, data=weights, compression="gzip", compression_opts=6)
        data.attrs.update(attributes)


def empty_cooler(target, chromosomes, bin_size, assembly=None):
    """A cooler without contacts."""
    pixels = pd.DataFrame({"bin1_id": np.array([], int), "bin2_id": np.array([], int), "count": np.array([], np.int32)})
    cooler.create_cooler(target, cooler.binnify(pd.Series(chromosomes), bin_size), pixels, assembly=assembly)


def distance_counts(clr):
    """Contacts within chromosomes at each distance in bins, and contacts between chromosomes.

    Returns
    -------
    ndarray of float64, shape (longest chromosome,)
    float
    """
    chroms = clr.bins()["chrom"][:].cat.codes.to_numpy()
    counts = np.zeros(int(np.bincount(chroms).max()))
    trans = 0.0
    for low in range(0, clr.info["nnz"], PIXELS):
        pixels = clr.pixels()[low : low + PIXELS]
        one, two, count = (pixels[name].to_numpy() for name in ("bin1_id", "bin2_id", "count"))
        cis = chroms[one] == chroms[two]
        trans += float(count[~cis].sum())
        counts += np.bincount(two[cis] - one[cis], weights=count[cis], minlength=len(counts))
    return counts, trans


def summarise(path):
    """What a balanced map says of itself.

    Returns
    -------
    dict
        bin_size, contacts, bins, filtered_bins (without a weight), balanced ("converged", "not converged", or "as
        imported" where the file does not say), and cis shares of the contacts (cis_share, cis_1kb_share, ...; the
        distance is that of bin centres, and a share that the bins cannot resolve is missing).
    ndarray
        Contacts at each distance, see :func:`distance_counts`.
    """
    clr = cooler.Cooler(path)
    counts, trans = distance_counts(clr)
    weights = clr.bins()[WEIGHT][:].to_numpy()
    with clr.open("r") as file:
        converged = file[f"bins/{WEIGHT}"].attrs.get("converged")
    if not np.isfinite(weights).any():
        balanced = "no bin kept"
    elif converged is None:
        balanced = "as imported"
    else:
        balanced = "converged" if np.all(converged) else "not converged"
    total = counts.sum() + trans
    summary = {
        "bin_size": int(clr.binsize),
        "contacts": int(total),
        "bins": len(weights),
        "filtered_bins": int(np.isnan(weights).sum()),
        "balanced": balanced,
        "cis_share": counts.sum() / total if total else np.nan,
    }
    for kb in (1, 10, 20):
        nearest = -(-kb * 1000 // clr.binsize)  # smallest distance in bins that is at least so far
        known = total and clr.binsize <= kb * 1000
        summary[f"cis_{kb}kb_share"] = counts[nearest:].sum() / total if known else np.nan
    return summary, counts


def scratch_folder(parent=None):
    """A temporary folder that removes itself, in ``$TMPDIR`` unless a parent is given."""
    if parent:
        os.makedirs(parent, exist_ok=True)
    return tempfile.TemporaryDirectory(dir=parent)
