"""The published size, `make full`: its config is the published model, the rules know its jobs, and it runs (opt-in)."""

import json
import re

import numpy as np
import pandas as pd
import pytest
import yaml
from places import ROOT
from studies import snakemake

from akitaflow.study.loading import load
from akitaflow.study.schema import load_schema

CONFIG = ROOT / "config" / "full_geometry" / "config.yaml"


def targets():
    """The files that `make full` requests."""
    text = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    return re.search(r"^full: files = (.*)$", text, re.M)[1].split()


def make(folder, *arguments):
    status, output = snakemake(ROOT, folder, "--configfile", CONFIG, *arguments, "--", *targets())
    assert status == 0, output[-6000:]
    return output


def test_only_the_number_of_steps_differs_from_the_published_model():
    study = load(yaml.safe_load(CONFIG.read_text()), folder=CONFIG.parent)
    geometry = study.config["geometry"]
    assert (geometry["bin_size"], geometry["window"], geometry["crop"]) == (2048, 1048576, 65536)
    assert geometry["pools"] == [2] * 11 and geometry["n_values"] == 99681
    defaults = load_schema("config")["properties"]["models"]["additionalProperties"]["properties"]
    model = study.config["models"]["main"]
    for block, own in (("architecture", set()), ("training", {"steps_per_epoch", "epochs", "device", "threads"})):
        for key, part in defaults[block]["properties"].items():
            assert key in own or model[block][key] == part["default"], f"{block}.{key}"
    assert model["training"]["steps_per_epoch"] * model["training"]["epochs"] == 2


def test_the_dry_run_leads_from_pairs_to_figures(tmp_path):
    output = make(tmp_path, "--dry-run")
    jobs = dict(re.findall(r"^(\w+) +(\d+)$", output.split("Job stats:")[1], re.M))
    expected = {
        "simulate_pairs": "2",
        "compute_targets": "2",
        "write_records": "1",
        "train_model": "1",
        "evaluate_model": "1",
        "mutate_motifs": "1",
    }
    assert expected.items() <= jobs.items()
    assert not {"write_reads", "map_run", "merge_dedup"} & set(jobs)


@pytest.mark.optin
def test_two_steps_at_the_published_size(tmp_path):
    """Needs 10 GB of memory."""
    make(tmp_path)
    records = json.loads((tmp_path / "results/records/main/statistics.json").read_text())
    assert [records[f"{fold}_seqs"] for fold in ("train", "valid", "test")] == [12, 3, 3]
    assert records["target_length"] == 99681 and records["seq_length"] == 1 << 20
    history = pd.read_csv(tmp_path / "results/models/main/history.tsv", sep="\t")
    assert list(history["epoch"]) == [1, 2] and np.isfinite(history["loss"]).all()
    metrics = pd.read_csv(tmp_path / "results/evaluation/main/metrics.tsv", sep="\t")
    assert list(metrics["dataset"]) == ["A", "B", "all"] and np.isfinite(metrics["mse"]).all()
    scores = pd.read_csv(tmp_path / "results/mutagenesis/main/CTCF/windows.tsv", sep="\t")
    assert len(scores) == 6 and (scores["n_sites"] > 0).all() and (scores["disruption"] > 0).all()
    for path in targets():
        assert (tmp_path / path).stat().st_size > 0
