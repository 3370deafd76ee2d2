"""Records: what is written is read, in order, in the published layout; another shape is refused."""

import json

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from akitaflow.dataset import records
from akitaflow.dataset.targets import TargetSteps
from akitaflow.errors import InputError
from akitaflow.files import whole
from akitaflow.genome import sequence as dna

pytestmark = pytest.mark.tensorflow

STEPS = TargetSteps(bin_size=8, window_bins=10, crop_bins=2)  # 6 bins from diagonal 2: 10 values
SHAPE = records.RecordShape(80, 10, 2)


def examples(n, seed=0):
    stream = np.random.default_rng(seed)
    for _ in range(n):
        yield stream.integers(0, 5, 80).astype(np.uint8), stream.normal(size=(10, 2)).astype(np.float16)


@pytest.fixture
def folder(tmp_path):
    """A folder of records as the workflow makes it: 25 windows of train in files of 2, one of the others."""
    counts = {}
    with whole(tmp_path / "tfrecords", folder=True) as part:
        for fold, n in (("train", 25), ("valid", 1), ("test", 1)):
            counts[fold] = records.write_records(part, fold, examples(n), per_file=2)
        assert not (tmp_path / "tfrecords").exists()
    records.write_statistics(tmp_path / "statistics.json", counts, STEPS, ["A", "B"])
    return tmp_path


def test_round_trip_in_order(folder):
    assert len(records.record_files(folder, "train")) == 13  # train-10.tfr stands after train-9.tfr
    read = list(records.read_fold(folder, "train").as_numpy_iterator())
    assert len(read) == 25
    for (sequence, values), (codes, expected) in zip(read, examples(25), strict=True):
        assert sequence.dtype == np.uint8 and values.dtype == np.float16
        assert np.array_equal(sequence, dna.one_hot(codes))
        assert np.array_equal(values, expected)
    targets = records.load_targets(folder, "train")
    assert targets.shape == (25, 10, 2)
    assert np.array_equal(targets, [expected for _, expected in examples(25)])


class Tables:
    """Targets and sequences that are the number of their row; in place of TargetTables."""

    def examples(self, fasta, windows, rows):
        for row in rows:
            yield np.full(80, row % 4, np.uint8), np.full((10, 2), row, np.float16)


def test_folds_have_the_kept_windows_in_order(tmp_path):
    folds = ["test", "train", "valid", "train", "train"]
    windows = pd.DataFrame({"fold": folds, "kept": [True, True, True, False, True]})
    counts = records.write_folds(tmp_path / "tfrecords", windows, Tables(), "genome.fa")
    assert counts == {"train": 2, "valid": 1, "test": 1}
    for fold, rows in (("train", [1, 4]), ("valid", [2]), ("test", [0])):
        read = records.read_fold(tmp_path, fold, SHAPE).as_numpy_iterator()
        assert [target[0, 0] for _, target in read] == rows


def test_folder_or_its_tfrecords(folder):
    assert records.record_files(folder, "train") == records.record_files(folder / "tfrecords", "train")
    assert records.record_shape(folder / "tfrecords") == SHAPE
    assert len(list(records.read_fold(folder / "tfrecords", "test", SHAPE))) == 1


def test_published_layout(folder):
    path = records.record_files(folder, "test")[0]
    raw = next(iter(tf.data.TFRecordDataset(path, compression_type="ZLIB"))).numpy()
    features = tf.train.Example.FromString(raw).features.feature
    assert set(features) == {"genome", "sequence", "target"}
    assert list(features["genome"].int64_list.value) == [0]
    codes, values = next(examples(1))
    assert features["sequence"].bytes_list.value[0] == dna.one_hot(codes).tobytes()
    assert np.array_equal(np.frombuffer(features["target"].bytes_list.value[0], "<f2").reshape(10, 2), values)


def test_statistics(folder):
    assert json.loads((folder / "statistics.json").read_text()) == {
        "num_targets": 2,
        "train_seqs": 25,
        "valid_seqs": 1,
        "test_seqs": 1,
        "seq_length": 80,
        "pool_width": 8,
        "crop_bp": 16,
        "diagonal_offset": 2,
        "target_length": 10,
        "datasets": ["A", "B"],
    }


@pytest.mark.parametrize(("key", "name"), [("seq_length", "sequence"), ("num_targets", "target")])
def test_other_geometry_is_refused(folder, key, name):
    path = folder / "statistics.json"
    statistics = json.loads(path.read_text())
    path.write_text(json.dumps({**statistics, key: statistics[key] + 1}))
    for read in (records.read_fold, records.load_targets):
        with pytest.raises(InputError, match=f"train-0.tfr: the {name} of a record has"):
            read(folder, "train")


def test_a_later_record_of_another_shape_stops_the_stream(folder):
    short = (np.zeros(40, np.uint8), np.zeros((10, 2), np.float16))
    records.write_records(folder / "other", "train", [short])
    (folder / "other/train-0.tfr").rename(folder / "tfrecords/train-13.tfr")
    with pytest.raises(tf.errors.InvalidArgumentError, match="do not fit their statistics.json"):
        list(records.read_fold(folder, "train"))


def test_missing_and_broken_files_are_named(folder):
    with pytest.raises(InputError, match="no file other-0.tfr"):
        records.read_fold(folder, "other")
    (folder / "tfrecords/valid-0.tfr").write_bytes(b"not a record")
    with pytest.raises(InputError, match="valid-0.tfr: not a ZLIB"):
        records.read_fold(folder, "valid")
    (folder / "statistics.json").unlink()
    with pytest.raises(InputError, match="no statistics.json"):
        records.read_fold(folder, "test")


def test_bad_targets_are_not_written(tmp_path):
    codes, values = next(examples(1))
    for bad in (values.astype(np.float32), values[:5]):
        with pytest.raises(ValueError, match="record 2"):
            records.write_records(tmp_path, "train", [(codes, values), (codes, bad)])
    with pytest.raises(ValueError, match="not finite"):
        records.write_records(tmp_path, "train", [(codes, np.full_like(values, np.nan))])


def test_an_interrupted_folder_does_not_appear(tmp_path):
    with pytest.raises(RuntimeError), whole(tmp_path / "some", folder=True) as part:
        (part / "file").write_text("half")
        raise RuntimeError
    assert not (tmp_path / "some").exists()
    with whole(tmp_path / "some", folder=True) as part:
        assert not list(part.iterdir())
        (part / "file").write_text("whole")
    assert (tmp_path / "some/file").read_text() == "whole"
