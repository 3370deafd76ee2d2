"""Files of predicted maps: HDF5 for later steps of the workflow, coolers for HiGlass, cooler and cooltools."""

import itertools
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from akitaflow.errors import InputError
from akitaflow.files import whole, whole_h5
from akitaflow.genome.intervals import some_names
from akitaflow.prediction.maps import Map

ROWS = 2048  # rows of a band or cooler in memory at a time; even
PIXEL_COLUMNS = ["count", "log_oe"]  # of a cooler
TILE = 256  # bins of a HiGlass tile; the coarsest level of an mcool has about as many


def save_maps(path, maps):
    """Write maps to an HDF5 file, one at a time.

    Parameters
    ----------
    path : str or Path
        Appears only when complete.
    maps : iterable of Map
        With the same outputs and bin size. A generator keeps one map in memory.

    Raises
    ------
    InputError
        If there are no maps.
    """
    index = None
    with whole_h5(path) as file:
        for index, map_ in enumerate(maps):
            band = file.create_dataset(f"{index:06d}", data=map_.band, chunks=True, compression="lzf", shuffle=True)
            band.attrs.update({"chrom": map_.chrom, "start": map_.start, "bin_size": map_.bin_size})
            file.attrs["outputs"] = list(map_.outputs)
        if index is None:
            raise InputError("there is nothing to predict: no chromosome is as long as the model's window")


def map_attributes(model, outputs=None):
    """Attributes of a file of a model's values: outputs (all if not given), bin_size, map_bins, diagonal_offset."""
    numbers = {name: getattr(model, name) for name in ("bin_size", "map_bins", "diagonal_offset")}
    return {"outputs": np.array(outputs or model.outputs, dtype=object), **numbers}


def read_maps(file):
    """The maps of a file of :func:`save_maps`; pixels are read on demand.

    Parameters
    ----------
    file : h5py.File
        Must stay open while the maps are used.

    Returns
    -------
    list of Map
    """
    outputs = [str(name) for name in file.attrs["outputs"]]
    return [
        Map(str(band.attrs["chrom"]), int(band.attrs["start"]), int(band.attrs["bin_size"]), outputs, band)
        for band in file.values()
    ]


def write_cooler(path, maps, output, chromsizes, *, assembly=None, metadata=None):
    """Write the maps of one output as a cooler for HiGlass, cooler and cooltools.

    Pixels have two columns: ``count`` is observed / expected, exp(prediction), and ``log_oe`` is the prediction. Pixels
    without a prediction are not stored, so they are 0 in a dense matrix; predicted counts are never 0. There are no
    balancing weights: read with ``balance=False`` (cooltools: ``clr_weight_name=None``). In coarser levels both columns
    are the mean of the stored pixels of the next finer level.

    Parameters
    ----------
    path : str or Path
        ``.cool``, or ``.mcool`` with coarser levels by powers of two. Appears only when complete.
    maps : Map or list of Map
        On one or several chromosomes; maps of a chromosome must not overlap.
    output : str
        Name of the output to write.
    chromsizes : dict of str to int
        All chromosomes of the genome in order (``Genome.chromsizes``), bp; the cooler has bins for all of them.
    assembly : str, optional
        Name of the genome, stored in the file.
    metadata : dict, optional
        JSON values, stored in the file.

    Raises
    ------
    InputError
        If maps overlap, are not on the grid of bins, are outside the genome, or lack the output.
    """
    import cooler

    suffix = Path(path).suffix
    if suffix not in (".cool", ".mcool"):
        raise InputError(f"{path}: write a name that ends in .cool or .mcool")
    maps = _in_order([maps] if isinstance(maps, Map) else list(maps), output, chromsizes)
    size = maps[0].bin_size
    metadata = {"output": output, "quantity": "observed / expected, predicted", **(metadata or {})}

    def write(temporary, group, bin_size, chunks, mode):
        cooler.create_cooler(
            f"{temporary}::{group}",
            cooler.binnify(pd.Series(chromsizes), bin_size),
            chunks,
            columns=PIXEL_COLUMNS,
            dtypes=dict.fromkeys(PIXEL_COLUMNS, np.float32),
            ordered=True,
            assembly=assembly,
            metadata=metadata,
            mode=mode,
        )

    finest = _chunks(maps, output, _offsets(chromsizes, size))
    with whole(path) as temporary:
        if suffix == ".cool":
            write(temporary, "/", size, finest, "w")
            return
        sizes = _resolutions(size, sum(chromsizes.values()))
        write(temporary, f"/resolutions/{size}", size, finest, "w")
        for finer, coarser in itertools.pairwise(sizes):
            # cooler.zoomify_cooler keeps one column of pixels only
            pixels = _coarser(cooler.Cooler(f"{temporary}::/resolutions/{finer}"), _offsets(chromsizes, coarser))
            write(temporary, f"/resolutions/{coarser}", coarser, pixels, "a")
        with h5py.File(temporary, "r+") as file:
            file.attrs.update({"format": "HDF5::MCOOL", "format-version": 2})


def _offsets(chromsizes, bin_size):
    """Index of the first bin of each chromosome."""
    bins = (-(-length // bin_size) for length in chromsizes.values())
    return dict(zip(chromsizes, itertools.accumulate(bins, initial=0), strict=False))


def _coarser(clr, offsets):
    """Pixels of bins twice as long, each the mean of the stored finer pixels."""
    with clr.open("r") as group:
        first_pixel = group["indexes/bin1_offset"][:]  # of each row
    for chrom, offset in offsets.items():
        first, last = clr.extent((chrom, None, None))
        for low in range(first, last, ROWS):  # ROWS is even, so both rows of a coarser bin are in one chunk
            pixels = clr.pixels()[first_pixel[low] : first_pixel[min(low + ROWS, last)]]
            for column in ("bin1_id", "bin2_id"):
                pixels[column] = offset + (pixels[column] - first) // 2
            yield pixels.groupby(["bin1_id", "bin2_id"], as_index=False)[PIXEL_COLUMNS].mean()


def _in_order(maps, output, chromsizes):
    """Check the maps and sort them in the order of the genome."""
    if not maps:
        raise InputError("there is no map to write")
    order = {chrom: index for index, chrom in enumerate(chromsizes)}
    for map_ in maps:
        where = f"map {map_.chrom}:{map_.start}-{map_.end}"
        if output not in map_.outputs:
            raise InputError(f"{where} has no output {output!r}; it has {some_names(map_.outputs)}")
        if map_.start % map_.bin_size:
            raise InputError(
                f"{where} is off the grid of {map_.bin_size} bp bins that a cooler has; predict a region that starts "
                f"at a multiple of {map_.bin_size}"
            )
        if map_.bin_size != maps[0].bin_size:
            raise InputError(f"{where} has bins of {map_.bin_size} bp, others of {maps[0].bin_size} bp")
        if map_.end > chromsizes.get(map_.chrom, 0):
            raise InputError(f"{where} is not in this genome; it has {some_names(chromsizes)}")
    maps = sorted(maps, key=lambda map_: (order[map_.chrom], map_.start))
    for before, after in itertools.pairwise(maps):
        if before.chrom == after.chrom and after.start < before.end:
            raise InputError(
                f"maps {before.chrom}:{before.start}-{before.end} and {after.start}-{after.end} overlap: "
                "predict one region that holds both"
            )
    return maps


def _chunks(maps, output, offsets):
    """Tables of pixels in the order of a cooler."""
    for map_ in maps:
        first = offsets[map_.chrom] + map_.start // map_.bin_size
        index = map_.outputs.index(output)
        for low in range(0, map_.bins, ROWS):
            rows, columns, values = map_.pixels(low, min(low + ROWS, map_.bins))
            value = values[:, index]
            yield pd.DataFrame(
                {"bin1_id": first + rows, "bin2_id": first + columns, "count": np.exp(value), "log_oe": value}
            )


def _resolutions(bin_size, genome_length):
    """Bin sizes by powers of two, until the genome fits in a tile."""
    sizes = [bin_size]
    while genome_length / sizes[-1] > TILE:
        sizes.append(2 * sizes[-1])
    return sizes
