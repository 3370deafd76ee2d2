"""Training records: writing and reading of ZLIB-compressed TFRecords in the published layout.

A record is a ``tf.train.Example`` of ``sequence`` (bytes: one-hot, one byte per base and channel A, C, G, T, uint8 or
bool; N is all zeros), ``target`` (bytes: float16, values x outputs, row by row) and ``genome`` (int64). A folder of
records holds ``statistics.json`` with their geometry and ``tfrecords/{fold}-{i}.tfr``.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from akitaflow.dataset.split import FOLDS
from akitaflow.dataset.windows import fold_rows
from akitaflow.errors import InputError
from akitaflow.files import GZIP_MAGIC, read_json, whole, write_text
from akitaflow.genome.sequence import one_hot
from akitaflow.logs import progress

COMPRESSION = "ZLIB"
PER_FILE = 256  # records per file, as published


@dataclass(frozen=True)
class RecordShape:
    """Shape of the records of a folder."""

    length: int  # bp of a sequence
    n_values: int
    n_outputs: int


def write_records(folder, fold, examples, per_file=PER_FILE):
    """Write the records of a fold.

    Parameters
    ----------
    folder : str or Path
        Folder of the files ``{fold}-{i}.tfr``.
    fold : str
    examples : iterable of (ndarray of uint8, shape (length,); ndarray of float16, shape (n_values, n_outputs))
        Codes of the sequence (:func:`akitaflow.genome.sequence.encode`) and target.
    per_file : int
        Records per file.

    Returns
    -------
    int
        Number of records.

    Raises
    ------
    ValueError
        If a target is not float16 or not finite, or shapes differ between records.
    """
    import tensorflow as tf

    options = tf.io.TFRecordOptions(compression_type=COMPRESSION)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    writer, shape, count = None, None, 0
    try:
        for count, (codes, target) in enumerate(examples, start=1):
            shape = shape or (codes.shape, target.shape)
            if (codes.shape, target.shape) != shape or target.dtype != np.float16:
                raise ValueError(f"record {count}: {codes.shape}, {target.shape} {target.dtype}; the first has {shape}")
            if not np.isfinite(target).all():
                raise ValueError(f"record {count} of {fold}: the target is not finite")
            if (count - 1) % per_file == 0:
                if writer:
                    writer.close()
                writer = tf.io.TFRecordWriter(str(folder / f"{fold}-{(count - 1) // per_file}.tfr"), options)
            writer.write(_example(codes, target).SerializeToString())
    finally:
        if writer:
            writer.close()
    return count


def write_folds(folder, windows, tables, fasta):
    """Write the records of the kept windows of all folds.

    Parameters
    ----------
    folder : str or Path
        Folder of the files ``{fold}-{i}.tfr``; it gets its name only when complete.
    windows : DataFrame
        Of :func:`akitaflow.dataset.windows.read_windows`.
    tables : akitaflow.dataset.targets.TargetTables
        Targets of all rows of ``windows``.
    fasta : str
        Indexed FASTA.

    Returns
    -------
    dict of str to int
        Number of records of each fold.
    """
    counts = {}
    with whole(folder, folder=True) as part:
        for fold in FOLDS:
            rows = progress(fold_rows(windows, fold), f"{fold} records", unit="record")
            counts[fold] = write_records(part, fold, tables.examples(fasta, windows, rows))
    return counts


def _example(codes, target):
    import tensorflow as tf

    def of_bytes(array):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[array.tobytes()]))

    features = {
        "genome": tf.train.Feature(int64_list=tf.train.Int64List(value=[0])),
        "sequence": of_bytes(one_hot(codes)),
        "target": of_bytes(np.ascontiguousarray(target, "<f2")),
    }
    return tf.train.Example(features=tf.train.Features(feature=features))


def write_statistics(path, counts, steps, datasets):
    """Write ``statistics.json`` of a folder of records: the published keys and the names of the datasets.

    Parameters
    ----------
    path : str or Path
    counts : mapping of str to int
        Number of records of each fold.
    steps : akitaflow.dataset.targets.TargetSteps
    datasets : list of str
        Names of the datasets in the order of the outputs.
    """
    statistics = {
        "num_targets": len(datasets),
        "train_seqs": counts["train"],
        "valid_seqs": counts["valid"],
        "test_seqs": counts["test"],
        "seq_length": steps.window_bins * steps.bin_size,
        "pool_width": steps.bin_size,
        "crop_bp": steps.crop_bins * steps.bin_size,
        "diagonal_offset": steps.diagonal_offset,
        "target_length": steps.n_values,
        "datasets": list(datasets),
    }
    write_text(path, json.dumps(statistics, indent=4) + "\n")


def read_statistics(folder):
    """Read ``statistics.json`` of a folder of records.

    Parameters
    ----------
    folder : str or Path
        Folder of records, or its ``tfrecords``.

    Returns
    -------
    dict

    Raises
    ------
    InputError
        If the file or a key is missing.
    """
    folder = Path(folder)
    for path in (folder / "statistics.json", folder.parent / "statistics.json"):
        if path.exists():
            statistics = read_json(path, "take the file that came with the records")
            missing = {"num_targets", "seq_length", "target_length"} - set(statistics)
            if missing:
                lacking = ", ".join(sorted(missing))
                raise InputError(f"{path}: lacks {lacking}; take the file that came with the records")
            return statistics
    raise InputError(f"{folder}: no statistics.json there or one folder above; it has the shape of the records")


def record_shape(folder):
    """Shape of the records of a folder, from its ``statistics.json``.

    Parameters
    ----------
    folder : str or Path
        Folder of records, or its ``tfrecords``.

    Returns
    -------
    RecordShape
    """
    statistics = read_statistics(folder)
    return RecordShape(statistics["seq_length"], statistics["target_length"], statistics["num_targets"])


def record_files(folder, fold):
    """Record files of a fold in the order of their numbers.

    Parameters
    ----------
    folder : str or Path
        Folder of records, or its ``tfrecords``.
    fold : str

    Returns
    -------
    list of str

    Raises
    ------
    InputError
        If there is no file.
    """
    folder = Path(folder)
    inner = folder / "tfrecords" if (folder / "tfrecords").is_dir() else folder
    numbered = []
    for path in inner.glob(f"{fold}-*.tfr"):
        number = re.fullmatch(rf"{re.escape(fold)}-(\d+)\.tfr", path.name)
        if number:
            numbered.append((int(number.group(1)), str(path)))
    if not numbered:
        raise InputError(f"{inner}: no file {fold}-0.tfr, {fold}-1.tfr, ...")
    return [path for _, path in sorted(numbered)]


def read_fold(folder, fold, shape=None):
    """Stream the records of a fold in the order of their windows.

    Parameters
    ----------
    folder : str or Path
        Folder of records, or its ``tfrecords``.
    fold : str
    shape : RecordShape, optional
        By default read from ``statistics.json``.

    Returns
    -------
    tf.data.Dataset
        Pairs of sequence (uint8 one-hot, shape (length, 4)) and target (float16, shape (n_values, n_outputs)).

    Raises
    ------
    InputError
        If there are no files or the first record has another shape. A later record of another shape raises an error of
        TensorFlow.
    """
    import tensorflow as tf

    files = record_files(folder, fold)
    shape = shape or record_shape(folder)
    check_first(files[0], shape)
    return tf.data.TFRecordDataset(files, compression_type=COMPRESSION).map(parser(shape), tf.data.AUTOTUNE)


def parser(shape):
    """Function that parses one serialised record, for ``tf.data`` pipelines.

    Parameters
    ----------
    shape : RecordShape

    Returns
    -------
    callable
        Returns the sequence and the target as in :func:`read_fold`.
    """
    import tensorflow as tf

    def parse(serialised):
        features = {name: tf.io.FixedLenFeature([], tf.string) for name in ("sequence", "target")}
        record = tf.io.parse_single_example(serialised, features)
        sequence = tf.io.decode_raw(record["sequence"], tf.uint8)
        return _reshaped(sequence, (shape.length, 4), "sequence"), _target(record["target"], shape)

    return parse


def _target(serialised, shape):
    import tensorflow as tf

    return _reshaped(tf.io.decode_raw(serialised, tf.float16), (shape.n_values, shape.n_outputs), "target")


def _reshaped(flat, shape, name):
    import tensorflow as tf

    message = f"a record's {name} is not {shape[0]} x {shape[1]}: the records do not fit their statistics.json"
    with tf.control_dependencies([tf.debugging.assert_equal(tf.size(flat), shape[0] * shape[1], message=message)]):
        return tf.reshape(flat, shape)


def check_first(path, shape):
    """Check the shape of the first record of a file.

    Parameters
    ----------
    path : str
    shape : RecordShape

    Raises
    ------
    InputError
        If the file cannot be read or has no record, or its first record has another shape.
    """
    import tensorflow as tf

    try:
        serialised = next(iter(tf.data.TFRecordDataset(path, compression_type=COMPRESSION).take(1)), None)
    except tf.errors.DataLossError:
        raise InputError(f"{path}: {_what_it_is(path)}") from None
    except tf.errors.OpError as error:
        raise InputError(f"{path}: cannot be read ({type(error).__name__}); put the record file there") from None
    if serialised is None:
        raise InputError(f"{path}: holds no record; make the records again")
    decode(serialised.numpy(), shape, path)


def _what_it_is(path):
    """Why the first record of a file cannot be read."""
    with open(path, "rb") as file:
        start = file.read(40)
    if start.startswith(b"version https://git-lfs"):
        return "a pointer of git-lfs; fetch the file itself (git lfs pull)"
    if start[:2] == GZIP_MAGIC:
        return "compressed by gzip; records are compressed by ZLIB: write them again"
    return "not a ZLIB-compressed TFRecord file, or cut short; fetch or write it again"


def decode(serialised, shape, place):
    """Sequence and target of one serialised record, checked.

    Parameters
    ----------
    serialised : bytes
    shape : RecordShape
    place : str
        File, and record, for messages.

    Returns
    -------
    (sequence, target) : tuple of ndarray
        uint8 one-hot, shape (length, 4), and float16, shape (n_values, n_outputs).

    Raises
    ------
    InputError
        If it is no ``tf.train.Example``, lacks a feature, or a feature is not one text of the expected bytes.
    """
    import tensorflow as tf

    try:
        features = tf.train.Example.FromString(serialised).features.feature
    except Exception:  # DecodeError of protobuf, a package of TensorFlow's
        raise InputError(f"{place}: not a tf.train.Example; write the records again in the published layout") from None
    arrays = []
    layout = (
        ("sequence", np.dtype("u1"), shape.length, 4),
        ("target", np.dtype("<f2"), shape.n_values, shape.n_outputs),
    )
    for name, dtype, rows, columns in layout:
        if name not in features:
            raise InputError(f"{place}: no feature '{name}', but {', '.join(sorted(features)) or 'none'}")
        values = features[name].bytes_list.value
        if len(values) != 1:
            kind = (features[name].WhichOneof("kind") or "nothing").removesuffix("_list")
            raise InputError(
                f"{place}: the feature '{name}' holds {len(values)} texts of bytes ({kind}); write one, with "
                f"{rows:,} x {columns} numbers of {dtype.itemsize} byte(s)"
            )
        if len(values[0]) != dtype.itemsize * rows * columns:
            raise InputError(
                f"{place}: the {name} of a record has {len(values[0]):,} bytes; statistics.json says {rows:,} x "
                f"{columns} of {dtype.itemsize} byte(s). Records and statistics.json are of different geometries"
            )
        arrays.append(np.frombuffer(values[0], dtype).reshape(rows, columns))
    return tuple(arrays)


def stream_targets(folder, fold, shape=None):
    """Stream the targets of a fold in the order of their windows, without reading sequences.

    Parameters
    ----------
    folder : str or Path
        Folder of records, or its ``tfrecords``.
    fold : str
    shape : RecordShape, optional
        By default read from ``statistics.json``.

    Returns
    -------
    iterator of ndarray of float16, shape (n_values, n_outputs)
    """
    import tensorflow as tf

    files = record_files(folder, fold)
    shape = shape or record_shape(folder)
    check_first(files[0], shape)

    def parse(serialised):
        record = tf.io.parse_single_example(serialised, {"target": tf.io.FixedLenFeature([], tf.string)})
        return _target(record["target"], shape)

    stream = tf.data.TFRecordDataset(files, compression_type=COMPRESSION).map(parse, tf.data.AUTOTUNE)
    return stream.as_numpy_iterator()


def load_targets(folder, fold, shape=None):
    """Targets of a fold in the order of their windows; parameters as in :func:`stream_targets`.

    Returns
    -------
    ndarray of float16, shape (windows, n_values, n_outputs)
    """
    return np.stack(list(stream_targets(folder, fold, shape)))
