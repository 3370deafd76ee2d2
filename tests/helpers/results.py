"""Comparison of the results of two runs of a study, file by file."""

import gzip
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from akitaflow.files import PREFIX

# Columns of times, which differ from run to run.
TIMES = {"history.tsv": ["seconds"]}
# Attributes of HDF5 files and lines of headers that hold a time or a path.
UNSTABLE_ATTRIBUTES = {"creation-date", "metadata"}


def files(folder):
    """Paths of all files below a folder of results, relative to it; without temporary files and checkpoints.

    Parameters
    ----------
    folder : Path
        The folder of a study.

    Returns
    -------
    set of str
    """
    left_out = ("results/tmp/", "results/checkpoints/", "results/tensorboard/")
    found = {path.relative_to(folder).as_posix() for path in Path(folder, "results").rglob("*") if path.is_file()}
    return {path for path in found if not path.startswith(left_out) and PREFIX not in path}


def differences(expected, other, paths=None):
    """Files of a run that another one lacks or has with other content.

    Parameters
    ----------
    expected, other : Path
        Folders of the two studies.
    paths : iterable of str, optional
        Files to compare, relative to the folders; all files of ``expected`` if not given.

    Returns
    -------
    list of str
    """
    paths = files(expected) if paths is None else paths
    return [path for path in sorted(paths) if not same(Path(expected, path), Path(other, path))]


def same(one, other):
    """Whether two files hold the same: byte for byte, except for times in headers, and paths in logs of programs.

    HDF5 files and coolers are compared dataset by dataset, gzipped text decompressed without comment lines.
    """
    if not other.exists():
        return False
    if one.is_dir():
        names = sorted(path.name for path in one.iterdir())
        return names == sorted(path.name for path in other.iterdir()) and all(
            same(one / name, other / name) for name in names
        )
    if one.read_bytes() == other.read_bytes():
        return True
    if one.name in TIMES:
        tables = [pd.read_csv(path, sep="\t").drop(columns=TIMES[one.name]) for path in (one, other)]
        return tables[0].equals(tables[1])
    if one.suffix in (".h5", ".cool"):
        return h5py.is_hdf5(other) and content_of_h5(one) == content_of_h5(other)
    if one.suffix == ".gz":
        return content_of_gzip(one) == content_of_gzip(other)
    return False


def content_of_gzip(path):
    """Lines of a gzipped text without those of its header; None if the file is incomplete."""
    try:
        with gzip.open(path, "rb") as file:
            return [line for line in file if not line.startswith(b"#")]
    except (EOFError, OSError):
        return None


def content_of_h5(path):
    """Bytes, shape and type of every dataset of an HDF5 file, and its attributes."""
    content = {}

    def read(name, item):
        content[name, "attributes"] = {
            key: np.asarray(value).tolist() for key, value in item.attrs.items() if key not in UNSTABLE_ATTRIBUTES
        }
        if isinstance(item, h5py.Dataset):
            values = item[()]
            text = values.dtype.hasobject if isinstance(values, np.ndarray) else isinstance(values, bytes)
            content[name] = np.asarray(values).tolist() if text else (values.tobytes(), values.shape, str(values.dtype))

    with h5py.File(path) as file:
        read("/", file)
        file.visititems(read)
    return content
