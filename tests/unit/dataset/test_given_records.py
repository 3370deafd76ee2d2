"""Records that others made: whatever does not belong together is refused, with the file and what to write."""

import json
import os

import h5py
import numpy as np
import pandas as pd
import pytest
from authors_records import ROWS, STATISTICS, Given, write_by_hand

from akitaflow.dataset import given_records, records
from akitaflow.dataset.split import FOLDS
from akitaflow.dataset.windows import fold_windows
from akitaflow.errors import InputError
from akitaflow.genome import sequence as dna
from akitaflow.genome.intervals import read_bed, read_chromsizes

pytestmark = pytest.mark.tensorflow


@pytest.fixture
def author_records(tmp_path):
    return Given(tmp_path)


@pytest.mark.parametrize("dtype", [bool, np.uint8])
def test_records_of_tensorflow_alone_are_read_as_they_are(tmp_path, dtype):
    author_records = Given(tmp_path, dtype)
    author_records.make(tmp_path / "out")
    for fold, rows in (("train", range(5)), ("test", range(7, 10))):
        read = list(records.read_fold(tmp_path / "out", fold).as_numpy_iterator())
        assert len(read) == len(rows)
        for row, (sequence, target) in zip(rows, read, strict=True):
            assert sequence.dtype == np.uint8 and np.array_equal(sequence, author_records.record(row)[0])
            assert np.array_equal(target, author_records.targets[row])
    statistics = json.loads((tmp_path / "out/statistics.json").read_text())
    assert statistics == STATISTICS | {"datasets": ["A", "B"]}


def test_windows_of_a_fold_that_overlap_or_touch_are_one_contig(author_records):
    windows = author_records.load()[2]
    groups = [set(part.index) for _, part in windows.groupby("contig")]
    assert sorted(map(sorted, groups)) == [[0, 2, 3], [1], [4], [5, 6], [7, 9], [8]]
    assert windows["kept"].all() and (windows["reason"] == "").all()
    assert windows[["chrom", "start", "end", "fold"]].to_records(index=False).tolist() == ROWS


def test_contigs_of_the_published_windows_are_the_published_ones(shared):
    """The stretches from which the authors' windows were cut come back from the windows alone."""
    from akitaflow.dataset import published_split

    sizes = read_chromsizes(shared / "data/akita/hg38.reduced.chrom.sizes")
    gaps = read_bed(shared / "data/akita/hg38_gaps_binsize2048_numconseq10.bed")
    contigs = published_split.published_contigs(sizes, gaps, 2**20, 4096 * 2048)
    folds = published_split.published_folds(contigs, {"train": 0.8, "valid": 0.1, "test": 0.1})
    windows = published_split.published_windows(folds, 2048, 512, {"train": 128, "valid": 256, "test": 256})
    table = given_records.window_table(windows[["chrom", "start", "end", "fold"]], {fold: ["x"] for fold in FOLDS})
    pairs = pd.DataFrame({"own": windows["contig"], "found": table["contig"]}).drop_duplicates()
    assert len(windows) == 7840 and pairs["own"].is_unique and pairs["found"].is_unique


def test_a_fold_without_files_is_left_out(author_records, tmp_path):
    windows = author_records.make(tmp_path / "out", {"train": 0, "valid": 0, "test": 1})
    assert windows.groupby("fold")["kept"].all().to_dict() == {"train": False, "valid": False, "test": True}
    assert set(windows.loc[~windows["kept"], "reason"]) == {given_records.NOT_GIVEN}
    assert sorted(os.listdir(tmp_path / "out/tfrecords")) == ["test-0.tfr"]
    statistics = json.loads((tmp_path / "out/statistics.json").read_text())
    assert (statistics["train_seqs"], statistics["valid_seqs"], statistics["test_seqs"]) == (0, 0, 3)
    assert fold_windows(windows, "test")["start"].tolist() == [200, 560, 160]


def test_targets_of_a_dataset_are_in_the_rows_of_their_windows(author_records, tmp_path):
    windows = author_records.make(tmp_path / "out", {"train": 2, "valid": 0, "test": 1})
    given_records.write_targets(tmp_path / "B.h5", tmp_path / "out", windows, "B")
    with h5py.File(tmp_path / "B.h5") as file:
        values, finite = file["values"][:], file["finite"][:]
    assert values.dtype == np.float16 and values.shape == (10, 10)
    kept = [0, 1, 2, 3, 4, 7, 8, 9]
    assert np.array_equal(values[kept], author_records.targets[kept, :, 1])
    assert not values[[5, 6]].any() and np.isnan(finite).all()


def test_links_are_relative_where_the_path_is(author_records, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, folder in (("relative", "tfrecords"), ("absolute", str(tmp_path / "tfrecords"))):
        (tmp_path / name).mkdir()
        given_records.link_files(tmp_path / name, given_records.given_files([folder]))
        link = os.readlink(tmp_path / name / "train-1.tfr")
        assert os.path.isabs(link) == (name == "absolute")
        assert os.path.samefile(tmp_path / name / "train-1.tfr", tmp_path / "tfrecords/train-1.tfr")


def test_downloaded_files_are_recognised_by_the_end_of_their_names():
    paths = [
        f"results/downloads/0a1b2c3{i}-{name}" for i, name in enumerate(["test-1.tfr", "test-0.tfr", "train-0.tfr"])
    ]
    paths_by_fold = given_records.given_files(paths, {"train": 1, "valid": 0, "test": 2})
    assert paths_by_fold == {"train": [paths[2]], "valid": [], "test": [paths[1], paths[0]]}


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("seq_length", 160, r"statistics.json: seq_length is 160, but geometry.window .* is 80; write window: 160"),
        ("pool_width", 16, r"pool_width is 16, but geometry.bin_size of the config is 8; write bin_size: 16"),
        ("crop_bp", 8, r"crop_bp is 8, but geometry.crop of the config is 16; write crop: 8"),
        ("diagonal_offset", 1, r"geometry.diagonal_offset of the config is 2; write diagonal_offset: 1"),
        ("target_length", 11, r"target_length is 11, but a map of this geometry has 10 values"),
        ("num_targets", 5, r"num_targets is 5, but records.outputs of the split names 2 \(A, B\); name 5"),
        ("train_seqs", 6, r"sequences.bed: 5 windows of fold train, but statistics.json says 6"),
        ("test_seqs", None, r"statistics.json: lacks test_seqs"),
    ],
)
def test_statistics_must_fit_config_and_windows(author_records, key, value, message):
    changed = {name: number for name, number in (STATISTICS | {key: value}).items() if number is not None}
    (author_records.folder / "statistics.json").write_text(json.dumps(changed))
    with pytest.raises(InputError, match=message):
        author_records.load()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("chr1", 120, 208, "train"), r"sequences.bed, line 1: .*; a window of this geometry has 80 bp"),
        (("chr9", 120, 200, "train"), r"line 1: found 'chr9.*; the genome of the split has chr1, chr2"),
        (("chr2", 240, 320, "train"), r"line 1: .*reaches over an end of the chromosome"),
        (("chr1", 120, 200, "fold0"), r"line 1: .*the fold must be one of train, valid, test"),
        (("chr1", "start", "end", "train"), r"sequences.bed, line 1: column start holds .start.; write whole numbers"),
    ],
)
def test_windows_must_fit_the_genome(author_records, row, message):
    author_records.write_rows([row, *ROWS[1:]])
    with pytest.raises(InputError, match=message):
        author_records.load()


def test_records_in_another_order_than_their_windows_are_refused(author_records):
    author_records.write_rows([ROWS[0], ROWS[1], ROWS[3], ROWS[2], *ROWS[4:]])
    with pytest.raises(
        InputError, match=r"train-1.tfr, record 0: its sequence differs in 7\d.\d% of the bases from chr1:80"
    ):
        author_records.load()


def test_letters_for_n_are_accepted_and_one_wrong_base_in_a_thousand_is_the_limit(author_records):
    """The authors' code may write any base where the assembly has N."""
    letters = {name: list(text) for name, text in author_records.letters.items()}
    letters["chr1"][130:140] = "N" * 10
    (author_records.folder / "genome.fa").write_text(
        "".join(f">{name}\n{''.join(text)}\n" for name, text in letters.items())
    )
    author_records.load()
    letters["chr1"][150] = {"A": "C"}.get(letters["chr1"][150], "A")  # one of 80 differs
    (author_records.folder / "genome.fa").write_text(
        "".join(f">{name}\n{''.join(text)}\n" for name, text in letters.items())
    )
    author_records.genome = dna.Genome(author_records.folder / "genome.fa")
    with pytest.raises(InputError, match="train-0.tfr, record 0: its sequence differs in 1.4%"):
        author_records.load()


def rewrite(author_records, name, rows, change):
    pairs = [author_records.record(row) for row in rows]
    write_by_hand(author_records.folder / "tfrecords" / name, [change(i, *pair) for i, pair in enumerate(pairs)])


def test_targets_that_are_not_finite_are_refused(author_records):
    def spoil(i, sequence, target):
        return sequence, np.where(np.arange(20).reshape(10, 2) < i, np.float16("nan"), target)

    rewrite(author_records, "train-1.tfr", [2, 3, 4], spoil)
    with pytest.raises(InputError, match=r"train-1.tfr, record 1: 5.00% of the target are not finite"):
        author_records.load()


def test_a_later_record_of_another_shape_is_named(author_records):
    rewrite(author_records, "test-0.tfr", [7, 8, 9], lambda i, sequence, target: (sequence, target[: 10 - (i == 2)]))
    with pytest.raises(
        InputError, match=r"test-0.tfr, record 2: the target of a record has 36 bytes; statistics.json says 10 x 2"
    ):
        author_records.load()


def test_sequences_that_are_not_one_hot_are_refused(author_records):
    rewrite(
        author_records, "valid-0.tfr", [5, 6], lambda i, sequence, target: (sequence.astype(np.uint8) * 255, target)
    )
    with pytest.raises(InputError, match=r"valid-0.tfr, record 0: its sequence has values above 1"):
        author_records.load()


def test_too_few_and_too_many_records_are_refused(author_records):
    write_by_hand(author_records.folder / "tfrecords/train-1.tfr", [author_records.record(row) for row in (2, 3)])
    with pytest.raises(InputError, match=r"train-0.tfr, train-1.tfr: 4 records, but sequences.bed .* say 5"):
        author_records.load()
    write_by_hand(author_records.folder / "tfrecords/train-1.tfr", [author_records.record(row) for row in (2, 3, 4, 4)])
    with pytest.raises(InputError, match=r"6 records, but"):
        author_records.load()


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.97])
def test_a_file_that_was_cut_short_is_refused(author_records, keep):
    path = author_records.folder / "tfrecords/test-0.tfr"
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(InputError, match=r"test-0.tfr"):
        author_records.load()


def test_missing_files_are_named(author_records):
    (author_records.folder / "tfrecords/train-0.tfr").unlink()
    with pytest.raises(InputError, match=r"tfrecords: no file train-0.tfr; .*records.files \{train: 0"):
        author_records.load()
    with pytest.raises(InputError, match=r"tfrecords: no file train-0.tfr, train-2.tfr; put the missing files there$"):
        author_records.load({"train": 3, "valid": 1, "test": 1})


def test_more_files_than_the_config_says_are_named(author_records):
    with pytest.raises(InputError, match=r"2 files of fold train, but records.files of the split says 1; write 2"):
        author_records.load({"train": 1, "valid": 1, "test": 1})


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        (["A", "X"], r"splits.given.records.outputs.1: 'X' is no dataset of this study; write one of: A, M"),
        (["A", "M"], r"outputs.1: M is a dataset of genome mouse, the split is one of human; write a dataset of human"),
        (["A", "A"], r"splits.given.records.outputs: found .*; write each item once"),
        ([], r"splits.given.records.outputs: found \[\]; write at least 1"),
    ],
)
def test_outputs_are_datasets_of_the_genome(author_records, monkeypatch, outputs, message):
    from akitaflow.study import loading

    monkeypatch.chdir(author_records.folder)
    (author_records.folder / "datasets.tsv").write_text(
        "dataset\tgenome\tentry\tpath\nA\thuman\tcool\ta\nM\tmouse\tcool\ta\n"
    )
    (author_records.folder / "a").touch()
    genomes = {name: {"fasta": "genome.fa"} for name in ("human", "mouse")}
    raw = {"genomes": genomes, "splits": {"given": {"genome": "human", "records": {"folder": ".", "outputs": ["A"]}}}}
    study = loading.load(raw, "", "config.yaml")
    assert study.datasets_of_split("given") == ["A"]
    raw["splits"]["given"]["records"]["outputs"] = outputs
    with pytest.raises(InputError, match=message):
        loading.load(raw, "", "config.yaml")
