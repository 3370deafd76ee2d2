"""Reading and writing of bigWigs (ChIP-seq, open chromatin), and their means over the bins of maps."""

from contextlib import contextmanager

import numpy as np

from akitaflow import logs
from akitaflow.errors import InputError
from akitaflow.files import whole
from akitaflow.genome.intervals import some_names

BINS = 4096  # bins of a chromosome that are read at once


def bin_track(path, regions, bin_size, chromsizes=None):
    """Mean of a bigWig over each bin of regions.

    Bases without a value are left out of the mean. A bin without any value, for example in a gap of the assembly or
    beyond the end of a chromosome, is NaN. Values are read base by base, not from the file's zoom levels. A chromosome
    that the file lacks has no value, and a warning names it: some programs leave out chromosomes without data.

    Parameters
    ----------
    path : str
    regions : DataFrame with columns chrom, start, end
        0-based, half-open, in bp. All have the same length, a whole number of bins; they may overlap.
    bin_size : int
        bp.
    chromsizes : dict of str to int, optional
        Lengths in bp of the genome's chromosomes, with which those of the file are compared.

    Returns
    -------
    ndarray of float32, shape (regions, bins)

    Raises
    ------
    InputError
        If the file is no bigWig, lacks all chromosomes or names one differently, or has one of another length.
    ValueError
        If the regions differ in length or are not whole bins.
    """
    starts, ends = (regions[column].to_numpy(np.int64) for column in ("start", "end"))
    lengths = np.unique(ends - starts)
    if len(lengths) == 0:
        return np.empty((0, 0), np.float32)
    if len(lengths) > 1 or lengths[0] < bin_size or lengths[0] % bin_size:
        raise ValueError(f"regions of {lengths.tolist()} bp; all must be of one whole number of bins of {bin_size} bp")
    binned = np.empty((len(regions), lengths[0] // bin_size), np.float32)
    with _opened(path) as track:
        _check_chromosomes(path, dict.fromkeys(regions["chrom"]), track.chroms(), chromsizes)
        for row, (chrom, start, end) in enumerate(zip(regions["chrom"], starts.tolist(), ends.tolist(), strict=True)):
            binned[row] = _bin_means(track, path, chrom, start, end, bin_size)
    return binned


def bin_chromosomes(path, chromsizes, bin_size, uncovered=np.nan):
    """Mean of a bigWig over each bin of whole chromosomes.

    Parameters
    ----------
    path : str
    chromsizes : dict of str to int
        Chromosomes to read and their lengths in bp.
    bin_size : int
        bp; the last bin of a chromosome may be shorter.
    uncovered : float
        Value of bases that the file does not cover, also beyond the end of its chromosome. NaN leaves them out of the
        mean, as :func:`bin_track` does.

    Returns
    -------
    dict of str to ndarray of float32, shape (ceil(length / bin_size),)

    Raises
    ------
    InputError
        If the file is no bigWig, lacks all chromosomes or names one differently, or has one of another length.
    """
    binned = {}
    with _opened(path) as track:
        _check_chromosomes(path, chromsizes, track.chroms(), chromsizes)
        for chrom, size in chromsizes.items():
            step = BINS * bin_size
            parts = [
                _bin_means(track, path, chrom, start, min(start + step, size), bin_size, uncovered)
                for start in range(0, size, step)
            ]
            binned[chrom] = np.concatenate(parts).astype(np.float32)
    return binned


def _values(track, path, chrom, start, end, uncovered):
    """Values of the bases from start to end."""
    if chrom not in track.chroms():
        return np.full(end - start, uncovered)
    try:
        return track.values(chrom, start, end, missing=uncovered, oob=uncovered)
    except BaseException as error:  # pybigtools panics at damaged blocks, which is no Exception
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise InputError(f"{path}: damaged at {chrom}:{start}-{end} ({error}); get the file again.") from None
        raise


def _bin_means(track, path, chrom, start, end, bin_size, uncovered=np.nan):
    """Mean of the finite values of each bin from start to end, float64; NaN for a bin without any."""
    values = _values(track, path, chrom, start, end, uncovered)
    values = np.pad(values, (0, -len(values) % bin_size), constant_values=np.nan).reshape(-1, bin_size)
    finite = np.isfinite(values)
    n_finite = finite.sum(axis=1)
    total = np.where(finite, values, 0.0).sum(axis=1)
    return np.where(n_finite > 0, total / np.maximum(n_finite, 1), np.nan)


def write_bigwig(path, chromsizes, runs):
    """Write a bigWig, which gets its name only when complete.

    Parameters
    ----------
    path : str
        Ends in ``.bw`` or ``.bigWig``.
    chromsizes : dict of str to int
        Lengths in bp.
    runs : iterable of (str, int, int, float)
        Chromosome, start, end (0-based, half-open) and value; sorted by position within a chromosome, no overlaps.
    """
    import pybigtools

    with whole(path) as temporary:
        pybigtools.open(str(temporary), "w").write(dict(chromsizes), runs)


@contextmanager
def _opened(path):
    import pybigtools

    try:
        stream = open(path, "rb")
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): give a bigWig file.") from None
    with stream as file:  # given a path, pybigtools refuses files by their endings
        try:
            track = pybigtools.open(file)
        except (OSError, ValueError, pybigtools.BBIReadError) as error:
            raise InputError(f"{path} cannot be read as bigWig ({error}): give a bigWig file.") from None
        if not track.is_bigwig:
            raise InputError(f"{path} is a bigBed: give a bigWig, which has a value for each base.")
        with track:
            yield track


def _check_chromosomes(path, chromosomes, present, chromsizes=None):
    """Raise an InputError if the file lacks all chromosomes or has one of another length than the genome.

    A name that differs by 'chr' is proposed.
    """
    absent = [chrom for chrom in chromosomes if chrom not in present]
    if absent and len(absent) < len(chromosomes):
        logs.warn(f"{path} has no value on {some_names(absent)}")
    for chrom in chromosomes:
        if chrom in present:
            if chromsizes is not None and chrom in chromsizes and present[chrom] != chromsizes[chrom]:
                raise InputError(
                    f"{path}: its {chrom} has {present[chrom]} bp, that of the genome {chromsizes[chrom]} bp: is it of "
                    "another assembly?"
                )
            continue
        other = chrom.removeprefix("chr") if chrom.startswith("chr") else f"chr{chrom}"
        if other not in present and len(absent) < len(chromosomes):
            continue
        hint = f" It has {other!r}: its names differ by 'chr'." if other in present else ""
        names = ", ".join(sorted(present)[:6]) + (", ..." if len(present) > 6 else "")
        raise InputError(f"{path}: no chromosome {chrom!r}; it has {names}.{hint} Give a file of this genome.")
