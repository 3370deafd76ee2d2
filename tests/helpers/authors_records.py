"""A folder of training records in the authors' layout, written by TensorFlow alone, and its import."""

import json

import numpy as np
import tensorflow as tf

from akitaflow.dataset import given_records, records
from akitaflow.dataset.windows import read_windows
from akitaflow.files import whole, write_table
from akitaflow.genome import sequence as dna

GEOMETRY = {"window": 80, "bin_size": 8, "crop": 16, "diagonal_offset": 2, "n_values": 10}
SHAPE = records.RecordShape(80, 10, 2)
STATISTICS = {
    "num_targets": 2,
    "train_seqs": 5,
    "valid_seqs": 2,
    "test_seqs": 3,
    "seq_length": 80,
    "pool_width": 8,
    "crop_bp": 16,
    "diagonal_offset": 2,
    "target_length": 10,
}
# five of train in an order of their own, on two stretches; touching, overlapping and lonely ones
ROWS = [
    ("chr1", 120, 200, "train"),
    ("chr2", 0, 80, "train"),
    ("chr1", 0, 80, "train"),
    ("chr1", 80, 160, "train"),
    ("chr1", 240, 320, "train"),
    ("chr1", 400, 480, "valid"),
    ("chr1", 440, 520, "valid"),
    ("chr2", 200, 280, "test"),
    ("chr1", 560, 640, "test"),
    ("chr2", 160, 240, "test"),
]


def example(sequence, target):
    features = {
        "genome": tf.train.Feature(int64_list=tf.train.Int64List(value=[0])),
        "sequence": tf.train.Feature(bytes_list=tf.train.BytesList(value=[sequence.tobytes()])),
        "target": tf.train.Feature(bytes_list=tf.train.BytesList(value=[target.tobytes()])),
    }
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


def write_by_hand(path, pairs):
    """Records as TensorFlow alone writes them; no code of akitaflow is used."""
    with tf.io.TFRecordWriter(str(path), tf.io.TFRecordOptions(compression_type="ZLIB")) as writer:
        for sequence, target in pairs:
            writer.write(example(sequence, target))


def one_hot(letters, dtype):
    """One-hot by comparison of letters."""
    return (np.array(list(letters))[:, None] == np.array(list("ACGT"))).astype(dtype)


class Given:
    """A folder in the authors' layout, its genome, and what is in it."""

    def __init__(self, folder, dtype=bool):
        random = np.random.default_rng(3)
        self.folder, self.dtype = folder, dtype
        self.letters = {
            name: "".join(random.choice(list("ACGT"), size)) for name, size in (("chr1", 700), ("chr2", 300))
        }
        (folder / "genome.fa").write_text("".join(f">{name}\n{text}\n" for name, text in self.letters.items()))
        self.genome = dna.Genome(folder / "genome.fa")
        self.targets = random.normal(size=(len(ROWS), 10, 2)).astype(np.float16)
        (folder / "tfrecords").mkdir()
        for name, rows in self.files():
            write_by_hand(folder / "tfrecords" / name, [self.record(row) for row in rows])
        (folder / "statistics.json").write_text(json.dumps(STATISTICS))
        self.write_rows(ROWS)

    @staticmethod
    def files():
        yield "train-0.tfr", [0, 1]
        yield "train-1.tfr", [2, 3, 4]
        yield "valid-0.tfr", [5, 6]
        yield "test-0.tfr", [7, 8, 9]

    def record(self, row):
        chrom, start, end, _ = ROWS[row]
        return one_hot(self.letters[chrom][start:end], self.dtype), self.targets[row]

    def write_rows(self, rows):
        (self.folder / "sequences.bed").write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))

    def load(self, files=None):
        """What the rule does, up to the links."""
        statistics = given_records.read_statistics(self.folder / "statistics.json", GEOMETRY, ["A", "B"])
        sequences = given_records.read_sequences(self.folder / "sequences.bed", self.genome.chromsizes, 80)
        given_records.check_counts(statistics, sequences, self.folder / "sequences.bed")
        record_paths = given_records.given_files([str(self.folder / "tfrecords")], files)
        windows = given_records.window_table(sequences, record_paths)
        for fold, paths in record_paths.items():
            if paths:
                given_records.check_records(paths, windows[windows["fold"] == fold], self.genome, SHAPE)
        return statistics, record_paths, windows

    def make(self, out, files=None):
        """The whole import, as the workflow's own folder of records."""
        statistics, record_files, windows = self.load(files)
        with whole(out / "tfrecords", folder=True) as folder:
            given_records.link_files(folder, record_files)
        given_records.write_statistics(out / "statistics.json", statistics, ["A", "B"], record_files)
        write_table(windows, out / "windows.tsv", float_format="%.4f")
        return read_windows(out / "windows.tsv")
