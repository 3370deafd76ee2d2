"""Training examples, in memory if they fit, else streamed from record files, in an order that a seed determines."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from akitaflow.dataset import records
from akitaflow.errors import InputError
from akitaflow.provenance import files_digest
from akitaflow.seeds import generator

IN_MEMORY = 2**31  # bytes of decoded examples up to which they are kept in memory
BUFFER = 256  # size of the shuffle buffer, examples
FILES_AT_ONCE = 16  # interleaved files; separates neighbouring windows


class InMemory:
    """Examples as arrays.

    Parameters
    ----------
    sequences : ndarray of uint8, shape (n, length, 4)
        One-hot.
    targets : ndarray of float16, shape (n, values, outputs)
    """

    def __init__(self, sequences, targets):
        self.count = len(sequences)
        self._examples = tf.data.Dataset.from_tensor_slices((sequences, targets))

    def ordered(self):
        """All examples in the order of the records."""
        return self._examples

    def shuffled(self, seed):
        """All examples in the order of a seed."""
        return self._examples.shuffle(self.count, seed=seed, reshuffle_each_iteration=False)


class Streamed:
    """Examples in record files, for data that do not fit in memory.

    Parameters
    ----------
    folder : str or Path
        Folder of records.
    fold : str
    shape : akitaflow.dataset.records.RecordShape
    count : int
        Number of records in the fold.
    """

    def __init__(self, folder, fold, shape, count):
        self.count = count
        self._folder, self._fold, self._shape = folder, fold, shape

    def ordered(self):
        """All examples in the order of the records."""
        return records.read_fold(self._folder, self._fold, self._shape)

    def shuffled(self, seed):
        """All examples in the order of a seed: permuted, interleaved files, then a shuffle buffer."""
        files = records.record_files(self._folder, self._fold)
        files = [files[i] for i in generator(seed, "files").permutation(len(files))]
        serialised = tf.data.Dataset.from_tensor_slices(files).interleave(
            lambda path: tf.data.TFRecordDataset(path, compression_type=records.COMPRESSION),
            cycle_length=min(FILES_AT_ONCE, len(files)),
            num_parallel_calls=tf.data.AUTOTUNE,
            deterministic=True,
        )
        serialised = serialised.shuffle(BUFFER, seed=seed, reshuffle_each_iteration=False)
        return serialised.map(records.parser(self._shape), tf.data.AUTOTUNE, deterministic=True)


@dataclass(frozen=True)
class Examples:
    """Examples of the training and validation folds, and a digest of their files."""

    train: InMemory | Streamed
    valid: InMemory | Streamed
    digest: str


def read(folder):
    """Read the training and validation examples of a folder of records.

    Parameters
    ----------
    folder : str or Path
        With ``statistics.json`` and ``tfrecords/``.

    Returns
    -------
    Examples

    Raises
    ------
    InputError
        If a fold has no records.
    """
    statistics = records.read_statistics(folder)
    shape = records.record_shape(folder)
    folds, files = {}, []
    for fold in ("train", "valid"):
        count = statistics[f"{fold}_seqs"]
        if not count:
            raise InputError(f"{Path(folder) / 'statistics.json'}: the fold {fold} has no records; change the split")
        size = count * (4 * shape.length + 2 * shape.n_values * shape.n_outputs)
        streamed = Streamed(folder, fold, shape, count)
        folds[fold] = _load(streamed.ordered(), count) if size <= IN_MEMORY else streamed
        files += records.record_files(folder, fold)
    return Examples(digest=files_digest(files), **folds)


def _load(dataset, count):
    """Load all examples of a stream into two preallocated arrays, so that only one copy is in memory."""
    sequence, target = dataset.element_spec
    sequences = np.empty((count, *sequence.shape), np.uint8)
    targets = np.empty((count, *target.shape), np.float16)
    n_read = 0
    for n_read, example in enumerate(dataset.take(count).as_numpy_iterator(), start=1):
        sequences[n_read - 1], targets[n_read - 1] = example
    if n_read < count:
        raise InputError(f"statistics.json says {count} records, the files hold {n_read}; make the records again")
    return InMemory(sequences, targets)
