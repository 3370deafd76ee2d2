"""Writing of tables, text and HDF5 files, which get their final names only when complete.

A writer that is killed leaves a file whose name begins with ``.part.`` in the same folder. The next attempt removes it.
"""

import base64
import gzip
import json
import os
import shutil
import tempfile
import zlib
from contextlib import contextmanager
from pathlib import Path

from akitaflow.errors import InputError

PREFIX = ".part."
GZIP_MAGIC = b"\x1f\x8b"
BGZIP_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")  # last block of a complete file

_FORMATS = {  # how a file begins, decompressed if it is gzipped
    b"BZh": "compressed with bzip2",
    b"\x28\xb5\x2f\xfd": "compressed with zstd",
    b"\xfd7zXZ": "compressed with xz",
    b"\x04\x22\x4d\x18": "compressed with LZ4",
    b"PK\x03\x04": "a zip archive",
    GZIP_MAGIC: "gzipped twice",
    b"BAM\x01": "BAM",
    b"CRAM": "CRAM",
    b"NCBI.sra": "an SRA archive",
    b"\x89HDF": "HDF5",
    b"<!doctype": "a web page (HTML)",
    b"<html": "a web page (HTML)",
    b"<?xml": "XML, often an error message of a server",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
    b"version https://git-lfs": "a pointer of git-lfs (git lfs pull fetches the file)",
}

#: Columns of tables that hold names.
NAMES = frozenset(
    "chrom dataset library run model output genome first second alternative subset matrix motif family fold name "
    "split baseline digest".split()
)


def is_gzipped(path):
    """Whether a file starts with the two bytes of gzip; true of bgzip as well."""
    with open(path, "rb") as file:
        return file.read(2) == GZIP_MAGIC


def require_bgzip_end(path):
    """Check that a bgzipped file ends with the empty last block of bgzip.

    A bgzipped file that was cut between two blocks decompresses without an error. Files of gzip and plain files have no
    such block and are not checked.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    InputError
        If the last block is missing.
    """
    with open(path, "rb") as file:
        start = file.read(16)
        if not (start[:4] == b"\x1f\x8b\x08\x04" and start[12:14] == b"BC"):
            return
        file.seek(0, os.SEEK_END)
        file.seek(max(file.tell() - len(BGZIP_END), 0))
        end = file.read()
    if end != BGZIP_END:
        raise InputError(f"{path} is cut short: the last block of bgzip is missing. Get the file again.")


def require_text(path, wanted, *, bgzip_end=True):
    """Check that a file is text and not of a format that is often given instead.

    Parameters
    ----------
    path : str or Path
    wanted : str
        What to give instead, for the message.
    bgzip_end : bool
        Whether a bgzipped file must have its last block, see :func:`require_bgzip_end`.

    Raises
    ------
    InputError
        If the file is missing or a folder, a bgzipped file is cut short, or it begins as bzip2, zstd, xz, zip, LZ4,
        BAM, CRAM, SRA, HDF5, HTML, UTF-16 or a pointer of git-lfs does.
    """
    try:
        with open(path, "rb") as file:
            start = file.read(64)
        if start[:2] == GZIP_MAGIC:
            with gzip.open(path) as file:
                start = file.read(64)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return  # damaged: the reader says where
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give {wanted}.") from None
    if name := format_of(start):
        raise InputError(f"{path} is {name}; give {wanted}.")
    if bgzip_end:
        require_bgzip_end(path)


def format_of(start):
    """Name of a format that is often given instead of another, from its first bytes; None for other formats."""
    start = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return next((name for magic, name in _FORMATS.items() if start.startswith(magic.lower())), None)


def require_hdf5(path, wanted):
    """Check that a file is HDF5, and name what is often given instead.

    Parameters
    ----------
    path : str or Path
    wanted : str
        What to give instead, for the message.

    Raises
    ------
    InputError
        If the file is missing, a folder, empty, or does not begin as HDF5 does.
    """
    try:
        with open(path, "rb") as file:
            start = file.read(64)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give {wanted}.") from None
    if start.startswith(b"\x89HDF"):
        return
    name = "gzipped" if start[:2] == GZIP_MAGIC else format_of(start) or ("not HDF5" if start else "empty")
    raise InputError(f"{path} is {name}; give {wanted}.")


def read_json(path, advice):
    """An object of a JSON file.

    Parameters
    ----------
    path : str or Path
        UTF-8, with or without a byte order mark.
    advice : str
        What to do about a wrong file, for messages.

    Returns
    -------
    dict

    Raises
    ------
    InputError
        If the file cannot be read, is not JSON or not an object, or a key stands twice in an object.
    """

    def unique(pairs):
        values = dict(pairs)
        if len(values) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for i, key in enumerate(keys) if key in keys[:i])
            raise InputError(f"{path}: the key {twice!r} stands twice; keep one of them")
        return values

    try:
        values = json.loads(Path(path).read_text(encoding="utf-8-sig"), object_pairs_hook=unique)
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); {advice}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON in UTF-8 ({error}); {advice}") from None
    if not isinstance(values, dict):
        raise InputError(f"{path}: found {type(values).__name__}, not an object with keys; {advice}")
    return values


@contextmanager
def whole(path, folder=False):
    """A file or folder that gets its final name only when the block ends without an error.

    Parameters
    ----------
    path : str or Path
        Final name. Its folder is created; a file of this name is replaced, and a folder by a folder.
    folder : bool
        Yield an empty folder instead of the name of a file.

    Yields
    ------
    Path
        ``.part.{name}`` in the same folder, with the same ending. It is removed if the block raises an error.

    Raises
    ------
    InputError
        If a file has the name of a folder that exists, or of none (``.``).
    """
    path = Path(path)
    if not folder and (not path.name or (path.is_dir() and not path.is_symlink())):
        raise InputError(f"{path} is a folder; write the name of a file, which is not there yet or is replaced")
    temporary = path.with_name(PREFIX + path.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove(temporary)  # left by an attempt that was killed
    if folder:
        temporary.mkdir()
    try:
        yield temporary
    except BaseException:
        _remove(temporary)
        raise
    if path.is_dir() and not path.is_symlink():  # os.replace does not replace a folder that holds files
        replaced = path.with_name(f"{PREFIX}before.{path.name}")
        _remove(replaced)
        os.replace(path, replaced)
        os.replace(temporary, path)
        _remove(replaced)
    else:
        os.replace(temporary, path)


def _remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def whole_gzip(path, level=9):
    """An open gzip file whose bytes depend only on its content and the compression level.

    Parameters
    ----------
    path : str or Path
        Final name, given only when the file is complete.
    level : int
        Compression level, 1 to 9.

    Yields
    ------
    gzip.GzipFile
        Opened for writing bytes.
    """
    with (
        whole(path) as temporary,
        open(temporary, "wb") as file,
        gzip.GzipFile("", "wb", compresslevel=level, fileobj=file, mtime=0) as zipped,  # no name or time in the header
    ):
        yield zipped


@contextmanager
def whole_h5(path):
    """An open HDF5 file that gets its final name only when complete.

    Parameters
    ----------
    path : str or Path
        Final name.

    Yields
    ------
    h5py.File
        Opened for writing.
    """
    import h5py

    with whole(path) as temporary, h5py.File(temporary, "w") as file:
        yield file


def write_text(path, text):
    """Write text as UTF-8; the file gets its name only when complete."""
    with whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_table(table, path, *, header=True, float_format="%.6g"):
    """Write a table as tab-separated text without its index; the file gets its name only when complete.

    Parameters
    ----------
    table : DataFrame
    path : str or Path
        A file whose name ends in ``.gz`` is gzipped. A table of regions without a header is a BED file.
    header : bool
        Whether to write the column names.
    float_format : str or None
        Format of floating-point numbers; None writes all digits.
    """
    options = {"sep": "\t", "header": header, "index": False, "float_format": float_format}
    if str(path).endswith(".gz"):
        with whole_gzip(path) as file:
            table.to_csv(file, mode="wb", **options)
    else:
        with whole(path) as temporary:
            table.to_csv(temporary, **options)


PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{font: 13px sans-serif; margin: 1em}} table {{border-collapse: collapse}}
th, td {{padding: 3px 9px; border-bottom: 1px solid #ddd; text-align: left; vertical-align: top}}
thead th {{border-bottom: 2px solid #555; position: sticky; top: 0; background: white}}
</style></head><body>
{table}
<p><a download="{name}" href="data:text/tab-separated-values;base64,{data}">{name}</a></p>
</body></html>
"""


def write_page(table, path, *, across=False):
    """Write a table as a page of HTML that shows it, with a link to the same table as tab-separated text.

    Parameters
    ----------
    table : DataFrame
    path : str or Path
    across : bool
        Show rows as columns, for tables of few rows and many columns. The first column has the headings.
    """
    path = Path(path)
    visible = table.set_index(table.columns[0]).T.rename_axis(None, axis=1).reset_index(names="") if across else table
    page = PAGE.format(
        title=path.stem,
        table=visible.to_html(index=False, border=0, justify="left", na_rep="", float_format="{:.4g}".format),
        name=path.with_suffix(".tsv").name,
        data=base64.b64encode(table.to_csv(sep="\t", index=False, float_format="%.6g").encode()).decode(),
    )
    write_text(path, page)


def read_table(path):
    """Read a tab-separated table of results.

    Names stay text: a dataset ``001`` or ``4943``, a chromosome ``1e4``, ``true`` or ``NA``.

    Parameters
    ----------
    path : str or Path
        Table with a header, plain or gzipped.

    Returns
    -------
    DataFrame
        Columns of :data:`NAMES` are text, in which an empty cell is NaN; other columns have the type that pandas finds.
    """
    import pandas as pd

    # a converter and not a dtype, because pandas reads the text NA as missing otherwise
    return pd.read_csv(path, sep="\t", converters=dict.fromkeys(NAMES, _name))


def _name(cell):
    return cell or float("nan")


def join_tables(paths):
    """Rows of several tables with the same columns, one after the other.

    Parameters
    ----------
    paths : iterable of str or Path
        Tab-separated tables with a header.

    Returns
    -------
    DataFrame
        All cells are text, as in the files; empty cells are empty text.
    """
    import pandas as pd

    tables = [pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False) for path in paths]
    return pd.concat(tables, ignore_index=True)


def write_h5(path, arrays, attributes=None, *, level=4):
    """Write arrays to an HDF5 file, which gets its name only when complete.

    Parameters
    ----------
    path : str or Path
    arrays : dict of str to ndarray or list of str
        Datasets in order; ``group/name`` creates a group. Datasets keep their dtypes; arrays of two or more dimensions
        are gzipped.
    attributes : dict, optional
        Attributes of the file.
    level : int
        Compression level.
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
                file[name] = values


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
