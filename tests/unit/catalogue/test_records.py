"""Catalogue of training records that other programs wrote: what is read, and what is refused with its file."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from authors_records import ROWS, STATISTICS, Given, example, write_by_hand

from akitaflow.dataset import records
from akitaflow.dataset.given_records import NOT_GIVEN
from akitaflow.errors import InputError
from akitaflow.genome import sequence as dna
from akitaflow.run_warnings import warn_of_windows

pytestmark = pytest.mark.tensorflow

TEXT = "".join("\t".join(map(str, row)) + "\n" for row in ROWS)


@pytest.fixture
def given(tmp_path):
    return Given(tmp_path)


STATISTICS_TEXTS = {
    "null": ("null", "found NoneType, not an object"),
    "a list": ("[1]", "found list, not an object"),
    "UTF-16": (json.dumps(STATISTICS).encode("utf-16"), "not JSON in UTF-8"),
    "a number as text": (json.dumps(STATISTICS | {"seq_length": "80"}), "seq_length is '80'; write a whole number"),
    "NaN": (json.dumps(STATISTICS | {"crop_bp": float("nan")}), "crop_bp is nan; write a whole number"),
    "infinite": (json.dumps(STATISTICS | {"crop_bp": float("inf")}), "crop_bp is inf; write a whole number"),
    "a share": (json.dumps(STATISTICS | {"crop_bp": 16.5}), "crop_bp is 16.5; write a whole number"),
    "a key twice": (json.dumps(STATISTICS)[:-1] + ', "num_targets": 2}', "the key 'num_targets' stands twice"),
    "targets in another order": (
        json.dumps(STATISTICS | {"datasets": ["B", "A"]}),
        "its targets are B, A, but records.outputs of the split names A, B",
    ),
}


@pytest.mark.parametrize("case", STATISTICS_TEXTS)
def test_statistics_are_refused(given, case):
    content, message = STATISTICS_TEXTS[case]
    (given.folder / "statistics.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=f"statistics.json: {message}"):
        given.load()


@pytest.mark.parametrize("changes", [{"seq_length": 80.0}, {"datasets": ["A", "B"]}, {"datasets": ["X", "Y"]}])
def test_statistics_are_read(given, changes):
    """Also behind a byte order mark, and with other names of the datasets."""
    (given.folder / "statistics.json").write_text(json.dumps(STATISTICS | changes), encoding="utf-8-sig")
    assert len(given.load()[2]) == 10


def test_whole_numbers_of_statistics_may_be_decimals(given, tmp_path):
    """As pandas and MATLAB write them."""
    (given.folder / "statistics.json").write_text(json.dumps({key: float(STATISTICS[key]) for key in STATISTICS}))
    given.make(tmp_path / "out")
    assert records.load_targets(tmp_path / "out", "test").shape == (3, 10, 2)


SEQUENCES = {
    "header": ("chrom\tstart\tend\tfold\n" + TEXT, "line 1: column start holds 'start'"),
    "five columns": (TEXT.replace("\n", "\t1\n"), ": 5 columns; write chrom, start, end, fold"),
    "three columns": (TEXT.replace("\ttrain", "").replace("\tvalid", "").replace("\ttest", ""), ": 3 columns; write"),
    "a longer line": (TEXT[:-1] + "\tx\n", "line 10: 5 columns where line 1 has 4"),
    "blanks": (TEXT.replace("\t", " "), "line 1: .* is not a BED line"),
    "half a base": (TEXT.replace("120\t200", "120.5\t200.5"), "line 1: column start holds '120.5'"),
    "a number of 20 digits": (TEXT.replace("120\t200", "9" * 20 + "\t200"), "line 1: column start holds '9999"),
    "empty": ("", "is empty|: 2 columns"),
    "a window twice": (TEXT.replace("chr2\t0\t80", "chr1\t120\t200"), "line 2: .*the fold has this window"),
    "after a comment": ("#chrom\n\n" + TEXT.replace("valid", "vali"), "line 8: .*the fold must be one of"),
}


@pytest.mark.parametrize("case", SEQUENCES)
def test_windows_are_refused_with_their_line(given, case):
    content, message = SEQUENCES[case]
    (given.folder / "sequences.bed").write_text(content)
    with pytest.raises(InputError, match=f"sequences.bed.*({message})"):
        given.load()


@pytest.mark.parametrize("content", ["#chrom\tstart\n" + TEXT, "\ufeff" + TEXT.replace("\n", "\r\n"), TEXT + "\n\n"])
def test_windows_are_read(given, content):
    (given.folder / "sequences.bed").write_text(content, newline="")
    assert given.load()[2][["chrom", "start", "end", "fold"]].to_records(index=False).tolist() == ROWS


def write(given, name, records, compression="ZLIB"):
    options = tf.io.TFRecordOptions(compression_type=compression)
    with tf.io.TFRecordWriter(str(given.folder / "tfrecords" / name), options) as writer:
        for record in records:
            writer.write(record)


def of_features(sequence, target):
    values = {"sequence": sequence, "target": target}
    return tf.train.Example(features=tf.train.Features(feature=values)).SerializeToString()


def texts(*arrays):
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[array.tobytes() for array in arrays]))


def floats(array):
    return tf.train.Feature(float_list=tf.train.FloatList(value=array.ravel().astype(float)))


FEATURES = {
    "no example": (lambda s, t: b"\xff\xff\xffabc", "not a tf.train.Example"),
    "floats": (lambda s, t: of_features(texts(s), floats(t)), r"'target' holds 0 texts of bytes \(float\)"),
    "no text": (lambda s, t: of_features(texts(s), texts()), "'target' holds 0 texts"),
    "two texts": (lambda s, t: of_features(texts(s), texts(t, t)), "'target' holds 2 texts"),
    "float32": (lambda s, t: of_features(texts(s), texts(t.astype("f4"))), "target of a record has 80 bytes"),
    "int64": (lambda s, t: of_features(texts(s.astype("i8")), texts(t)), "sequence of a record has 2,560 bytes"),
    "all letters": (lambda s, t: of_features(texts(s | True), texts(t)), "base 0 of its sequence .* is 4 letters"),
    "N throughout": (lambda s, t: of_features(texts(s & False), texts(t)), "its sequence differs in 100.0%"),
    "raw counts": (lambda s, t: of_features(texts(s), texts(t * 0 + np.float16(999))), "values up to 999 in size"),
}


@pytest.mark.parametrize("case", FEATURES)
@pytest.mark.parametrize("number", [0, 2])
def test_records_are_refused_with_file_and_number(given, case, number):
    change, message = FEATURES[case]
    serialised = [
        change(*given.record(row)) if i == number else example(*given.record(row)) for i, row in enumerate((7, 8, 9))
    ]
    write(given, "test-0.tfr", serialised)
    with pytest.raises(InputError, match=f"test-0.tfr.*{message}") as error:
        given.load()
    assert "function_node" not in str(error.value)


@pytest.mark.parametrize(("compression", "message"), [("GZIP", "compressed by gzip"), ("", "not a ZLIB-compressed")])
def test_other_compression_is_named(given, compression, message):
    write(given, "test-0.tfr", [example(*given.record(row)) for row in (7, 8, 9)], compression)
    with pytest.raises(InputError, match=f"test-0.tfr: {message}"):
        given.load()


@pytest.mark.parametrize("change", [np.exp, np.zeros_like, np.ones_like])
def test_targets_without_a_logarithm_are_refused(given, change):
    pairs = [given.record(row) for row in (7, 8, 9)]
    write_by_hand(given.folder / "tfrecords/test-0.tfr", [(sequence, change(target)) for sequence, target in pairs])
    with pytest.raises(InputError, match="test-0.tfr: all targets lie between .* with the logarithm"):
        given.load()


def replace(path, with_):
    path.unlink()
    with_(path)


FOLDERS = {
    "a folder": (lambda p: replace(p / "test-0.tfr", lambda x: x.mkdir()), "test-0.tfr: cannot be read"),
    "a link to nothing": (lambda p: replace(p / "test-0.tfr", lambda x: x.symlink_to("no")), "test-0.tfr: cannot be"),
    "a pointer": (
        lambda p: (p / "test-0.tfr").write_text("version https://git-lfs.github.com/spec/v1\nsize 5\n"),
        r"test-0.tfr: a pointer of git-lfs; .*git lfs pull",
    ),
    "two of a number": (
        lambda p: shutil.copy(p / "train-0.tfr", p / "train-00.tfr"),
        "the same fold and number; keep one",
    ),
    "an old copy": (lambda p: shutil.copy(p / "train-1.tfr", p / "old-train-1.tfr"), "the same fold and number"),
}


@pytest.mark.parametrize("case", FOLDERS)
def test_folders_of_records_are_refused(given, case):
    edit, message = FOLDERS[case]
    edit(given.folder / "tfrecords")
    with pytest.raises(InputError, match=message):
        given.load()


def test_a_masked_fasta_is_refused(given):
    """Predictions read the FASTA, so that they would see N where the records have bases."""
    masked = (f">{name}\n{'N' * 20}{text[20:100]}{'N' * (len(text) - 100)}\n" for name, text in given.letters.items())
    (given.folder / "genome.fa").write_text("".join(masked))
    given.genome = dna.Genome(given.folder / "genome.fa")
    with pytest.raises(InputError, match=r"genome.fa: \d\d.\d% of the bases are N where records of fold train have"):
        given.load()


def test_windows_that_two_folds_share_are_a_warning(given):
    rows = [*ROWS[:7], ("chr1", 120, 200, "test"), *ROWS[8:]]
    given.write_rows(rows)
    write_by_hand(given.folder / "tfrecords/test-0.tfr", [given.record(row) for row in (0, 8, 9)])
    windows = given.load()[2]
    [warning] = [row for row in warn_of_windows("s", windows) if "share bases" in row["what"]]
    assert warning["subject"] == "split s, fold test" and warning["what"] == "windows share bases with fold train"
    assert warning["value"] == "1 of 3"
    # also if the records of train are not given
    windows.loc[windows["fold"] == "train", ["kept", "reason"]] = False, NOT_GIVEN
    assert any("share bases" in row["what"] for row in warn_of_windows("s", windows))
    whole = pd.DataFrame(ROWS, columns=["chrom", "start", "end", "fold"]).assign(contig=0, kept=True, reason="")
    assert not any("share bases" in row["what"] for row in warn_of_windows("s", whole))
