"""Writing files: under their final name only when whole, and the one way to write a table, text or HDF5.

A writer that is killed leaves a name that begins with ``.part.`` beside the final one. The next attempt removes it.
"""

import gzip
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

PREFIX = ".part."


@contextmanager
def whole(path, folder=False):
    """A file or folder that gets its final name only when the block ends without an error.

    Parameters
    ----------
    path : str or Path
        Final name. Its folder is made; what has this name is replaced.
    folder : bool
        Yield an empty folder to fill instead of a name for a file.

    Yields
    ------
    Path
        ``.part.{name}`` in the same folder, with the same ending. It is removed if the block raises an error.
    """
    path = Path(path)
    part = path.with_name(PREFIX + path.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove(part)  # of an attempt that was killed
    if folder:
        part.mkdir()
    try:
        yield part
    except BaseException:
        _remove(part)
        raise
    if path.is_dir() and not path.is_symlink():  # os.replace does not replace a folder that holds files
        before = path.with_name(f"{PREFIX}before.{path.name}")
        _remove(before)
        os.replace(path, before)
        os.replace(part, path)
        _remove(before)
    else:
        os.replace(part, path)


def _remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def whole_gzip(path, level=9):
    """A gzipped file to fill, with bytes that depend on nothing but its content and the level.

    Parameters
    ----------
    path : str or Path
        Appears only when whole.
    level : int
        Of the compression, 1 to 9.

    Yields
    ------
    gzip.GzipFile
        Open for bytes.
    """
    with (
        whole(path) as part,
        open(part, "wb") as file,
        gzip.GzipFile("", "wb", compresslevel=level, fileobj=file, mtime=0) as zipped,  # neither name nor time in it
    ):
        yield zipped


@contextmanager
def whole_h5(path):
    """An HDF5 file to fill, which appears only when whole; yields the open ``h5py.File``."""
    import h5py

    with whole(path) as part, h5py.File(part, "w") as file:
        yield file


def write_text(path, text):
    """Write text as UTF-8; the file appears only when whole."""
    with whole(path) as part:
        part.write_text(text, encoding="utf-8")


def write_table(table, path, *, header=True, float_format="%.6g"):
    """Write a table as tab-separated text without its index; the file appears only when whole.

    Parameters
    ----------
    table : DataFrame
    path : str or Path
        A name that ends in ``.gz`` is gzipped. Without a header, a table of regions is a BED file.
    header : bool
    float_format : str or None
        Of numbers with a fraction; None writes all their digits.
    """
    options = {"sep": "\t", "header": header, "index": False, "float_format": float_format}
    if str(path).endswith(".gz"):
        with whole_gzip(path) as file:
            table.to_csv(file, mode="wb", **options)
    else:
        with whole(path) as part:
            table.to_csv(part, **options)


def write_h5(path, arrays, attributes=None, *, level=4):
    """Write arrays to an HDF5 file, which appears only when whole.

    Parameters
    ----------
    path : str or Path
    arrays : dict of str to ndarray or list of str
        Datasets in order; ``group/name`` makes a group. Arrays of two and more dimensions are gzipped, each dataset
        keeping its dtype.
    attributes : dict, optional
        Of the file.
    level : int
        Of the compression.
    """
    import h5py
    import numpy as np

    with whole_h5(path) as file:
        file.attrs.update(attributes or {})
        for name, values in arrays.items():
            if isinstance(values, list):
                file.create_dataset(name, data=values, dtype=h5py.string_dtype())
            elif np.ndim(values) > 1:
                file.create_dataset(name, data=values, compression="gzip", compression_opts=level)
            else:
                file.create_dataset(name, data=values)
