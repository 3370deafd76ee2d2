"""Records that others made train, are evaluated and get baselines as one's own do, without a map; claims; the paper."""

import json
import os
import shutil
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import h5py
import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.slow
FOLDS = ("train", "valid", "test")
# What needs a measured map: the ceiling needs contacts, which records do not have.
OF_A_MAP = {"split_contigs", "make_windows", "compute_targets", "write_records", "import_cool", "balance_map"}
OF_A_MAP |= {"measure_ceiling"}


def bare_copy(finished, folder):
    """The records of the finished study as the authors give theirs: no names of datasets, no table of windows."""
    source = finished.path("results/records/main")
    shutil.copytree(source / "tfrecords", folder / "tfrecords", ignore=shutil.ignore_patterns(".snakemake*"))
    shutil.copy(source / "sequences.bed", folder)
    statistics = json.loads((source / "statistics.json").read_text())
    assert statistics.pop("datasets") == ["A"]
    (folder / "statistics.json").write_text(json.dumps(statistics))
    return folder


def rewritten(source, folder, dtype):
    """The same records written by TensorFlow alone, one-hot as another type."""
    import tensorflow as tf

    shutil.copytree(source, folder)
    for path in (folder / "tfrecords").iterdir():
        compressed = {"compression_type": "ZLIB"}
        serialised = list(tf.data.TFRecordDataset(str(path), **compressed).as_numpy_iterator())
        with tf.io.TFRecordWriter(str(path), tf.io.TFRecordOptions(**compressed)) as writer:
            for record in serialised:
                example = tf.train.Example.FromString(record)
                codes = np.frombuffer(example.features.feature["sequence"].bytes_list.value[0], np.uint8).reshape(-1, 4)
                letters = np.where(codes.any(1), np.array(list("ACGT"))[codes.argmax(1)], "N")
                again = (letters[:, None] == np.array(list("ACGT"))).astype(dtype)
                example.features.feature["sequence"].bytes_list.value[0] = again.tobytes()
                writer.write(example.SerializeToString())
    return folder


def enter(study, finished, **splits):
    """Let a study have nothing but given records and a genome: its dataset's map is an empty file, never read."""
    study.path("A.cool").touch()
    genome = finished.path("results/simulation/human.fa") if finished else study.path("A.cool")
    study.enter("cool", study.path("A.cool"), genome)
    splits_of_records = {name: {"outputs": ["A"], **records} for name, records in splits.items()}
    study.config["splits"] = {
        name: {"genome": "human", "records": records} for name, records in splits_of_records.items()
    }
    study.config["models"]["main"]["split"] = next(iter(splits))


def jobs(output):
    """Rules of the job table that Snakemake prints."""
    table = output.split("Job stats:")[1].split("\n\n")[0]
    return {line.split()[0] for line in table.splitlines()[3:] if line.strip()} - {"total"}


def test_given_records_give_the_same_model_as_the_records_of_the_study(study, finished, tmp_path_factory):
    """Training, accuracy, baselines and sites from a bare folder: number for number those of the finished study."""
    folder = bare_copy(finished, tmp_path_factory.mktemp("given"))
    enter(study, finished, main={"folder": str(folder)})
    tables = [f"results/{name}" for name in ("evaluation/main/comparison.tsv", "mutagenesis/main/CTCF/windows.tsv")]
    rules = jobs(study.make(*tables, "results/figures/figure_targets.png"))
    needed = {"import_records", "extract_targets", "train_model", "evaluate_model", "fit_baselines", "mutate_motifs"}
    assert needed <= rules
    assert not rules & OF_A_MAP

    for name in ("models/main/history.tsv", "evaluation/main/metrics.tsv", "evaluation/main/windows.tsv"):
        with_given, with_own = (pd.read_csv(one.path("results", name), sep="\t") for one in (study, finished))
        keep = [column for column in with_given if column != "seconds"]
        pd.testing.assert_frame_equal(with_given[keep], with_own[keep])
    links = study.path("results/records/main/tfrecords")
    assert os.path.samefile(links / "train-0.tfr", folder / "tfrecords/train-0.tfr")

    windows, before = (pd.read_csv(one.path("results/records/main/windows.tsv"), sep="\t") for one in (study, finished))
    before = before[before["kept"]].reset_index(drop=True)
    assert windows["kept"].all()
    pd.testing.assert_frame_equal(windows[["chrom", "start", "end", "fold"]], before[["chrom", "start", "end", "fold"]])
    with (
        h5py.File(study.path("results/targets/main/A.h5")) as with_given,
        h5py.File(finished.path("results/targets/main/A.h5")) as with_own,
    ):
        own = pd.read_csv(finished.path("results/records/main/windows.tsv"), sep="\t")
        np.testing.assert_array_equal(with_given["values"][:], with_own["values"][:][own["kept"].to_numpy()])


def test_hand_made_records_train_two_steps_and_are_evaluated(study, finished, tmp_path_factory):
    """Written by TensorFlow alone, with bool and with uint8 bytes; the model cannot tell them apart."""
    base = tmp_path_factory.mktemp("given")
    bare = bare_copy(finished, base)
    types = {"boolean": bool, "bytes": np.uint8}
    folders = {name: rewritten(bare, tmp_path_factory.mktemp(name) / "data", kind) for name, kind in types.items()}
    enter(study, finished, **{name: {"folder": str(folder)} for name, folder in folders.items()})
    training = study.config["models"]["main"]["training"] | {"epochs": 1, "steps_per_epoch": 2}
    model = study.config["models"].pop("main") | {"training": training}
    study.config["models"] = {name: model | {"split": name} for name in types}
    study.make(*(f"results/evaluation/{name}/metrics.tsv" for name in types))
    for name in types:
        history = pd.read_csv(study.path("results/models", name, "history.tsv"), sep="\t")
        metrics = pd.read_csv(study.path("results/evaluation", name, "metrics.tsv"), sep="\t").set_index("dataset")
        assert len(history) == 1 and np.isfinite(history["loss"]).all()
        assert np.isfinite(metrics.loc["all", "mse"])
        with h5py.File(study.path("results/evaluation", name, "predictions.h5")) as with_given:
            with h5py.File(finished.path("results/evaluation/main/predictions.h5")) as with_own:
                np.testing.assert_array_equal(with_given["targets"][:], with_own["targets"][:])


@pytest.fixture
def server(tmp_path_factory):
    """A server of a folder on this machine: (folder, address)."""
    folder = tmp_path_factory.mktemp("server")

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments, **named):
            super().__init__(*arguments, directory=str(folder), **named)

        def log_message(self, *_):
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=running.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


def test_the_test_fold_alone_is_fetched_and_claims_follow(study, finished, server, tmp_path):
    """Tables from one address, files from another; two of four folds' files are never asked for."""
    folder, address = server
    bare_copy(finished, folder)
    for path in folder.glob("tfrecords/*"):
        if path.name.startswith(("train", "valid")):
            path.unlink()
    tables = tmp_path / "tables"
    tables.mkdir()
    for name in ("statistics.json", "sequences.bed"):
        shutil.move(folder / name, tables / name)
    records = {
        "folder": address,
        "statistics": str(tables / "statistics.json"),
        "sequences": str(tables / "sequences.bed"),
        "files": {"train": 0, "valid": 0, "test": 1},
    }
    enter(study, finished, whole={"folder": str(bare_copy(finished, tmp_path / "whole"))}, only_test=records)
    study.make("results/records/only_test/windows.tsv")
    assert len(list(study.path("results/downloads").iterdir())) == 1
    windows = pd.read_csv(study.path("results/records/only_test/windows.tsv"), sep="\t")
    assert set(windows["fold"]) == set(FOLDS) and (windows["kept"] == (windows["fold"] == "test")).all()

    # claims are measured of what is there, and of the model of the figures; nothing is made for others
    study.config["claims"] = "claims.tsv"
    study.path("config").mkdir(exist_ok=True)
    study.path("config/claims.tsv").write_text(
        "id\tclaim\tplace\texpected\ttolerance\tfile\twhere\tcolumn\tstatistic\n"
        f"tests\tc\tp\t{(windows['fold'] == 'test').sum()}\t0\tresults/records/only_test/windows.tsv\tkept\t\tcount\n"
        "wrong\tc\tp\t1000\t1\tresults/records/only_test/windows.tsv\t\t\tcount\n"
        "later\tc\tp\t0.6\t0.1\tresults/evaluation/other/metrics.tsv\tdataset == 'all'\tpearson\tvalue\n"
    )
    rules = jobs(study.make("results/claims.tsv"))
    assert rules == {"compare_published_numbers"}
    claims = pd.read_csv(study.path("results/claims.tsv"), sep="\t").set_index("id")
    assert claims["holds"].to_dict() == {"tests": "yes", "wrong": "no", "later": "not run"}
    assert claims.loc["later", "command"].endswith("results/evaluation/other/metrics.tsv")
    # a file that came since is a reason to compare again, and no other
    assert "Nothing to be done" in study.make("results/claims.tsv")
    study.path("results/evaluation/other").mkdir(parents=True)
    study.path("results/evaluation/other/metrics.tsv").write_text("dataset\tpearson\nall\t0.65\n")
    assert jobs(study.make("results/claims.tsv")) == {"compare_published_numbers"}
    claims = pd.read_csv(study.path("results/claims.tsv"), sep="\t").set_index("id")
    assert claims.loc["later", ["measured", "holds"]].tolist() == [0.65, "yes"]
    assert "Nothing to be done" in study.make("results/claims.tsv")
    # a number of the model of the figures is measured first, in the same run
    study.path("config/claims.tsv").write_text(
        study.path("config/claims.tsv").read_text().replace("evaluation/other", "evaluation/main")
    )
    assert {"train_model", "evaluate_model", "compare_published_numbers"} <= jobs(
        study.make("-n", "results/claims.tsv")
    )
    assert "reproduce_published needs a model named 'published'" in study.fails("-n", "reproduce_published")


@pytest.mark.parametrize(
    ("records", "message"),
    [
        (
            {"folder": "nowhere"},
            "splits.only.records.folder: no folder nowhere/tfrecords; write the folder that has it",
        ),
        (
            {"folder": "https://example.org/x"},
            "splits.only.records.files: the files at https://example.org/x cannot be",
        ),
        ({"folder": "x", "outputs": ["B"]}, "splits.only.records.outputs.0: 'B' is no dataset of this study"),
    ],
)
def test_records_that_are_missing_stop_the_run_before_it_starts(study, records, message):
    enter(study, None, only=records)
    assert message in " ".join(study.fails("-n", "model").split())


def test_records_of_another_geometry_stop_at_their_import(study, finished, tmp_path_factory):
    folder = bare_copy(finished, tmp_path_factory.mktemp("given"))
    enter(study, finished, main={"folder": str(folder)})
    study.config["geometry"]["window"] = 4096
    output = " ".join(study.fails("results/records/main/windows.tsv").split())
    assert "seq_length is 2048, but geometry.window of the config is 4096; write window: 2048 there" in output
