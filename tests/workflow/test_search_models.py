"""The search as a user runs it: two workers share it, more trials go on with it, and its best model is trained."""

import shutil

import pandas as pd
import pytest
import yaml
from studies import Study


@pytest.mark.slow
def test_a_search_is_run_and_continued_and_its_best_model_is_valid(finished, workflow, tmp_path):
    shutil.copytree(finished.folder, tmp_path, dirs_exist_ok=True)
    study = Study(tmp_path, workflow)
    study.config["search"] = {
        "trials": 2,
        "workers": 2,
        "epochs": 1,
        "space": {"filters": {"low": 4, "high": 8, "step": 4}},
    }
    study.make("search_models", "--rerun-triggers", "mtime", "params")
    folder = study.path("results", "search", "main")
    first = pd.read_csv(folder / "trials.tsv", sep="\t")
    assert list(first["state"]) == ["complete"] * 2 and list(first["epochs"]) == [1, 1]
    assert study.path("results", "figures", "figure_search.pdf").stat().st_size > 1000
    assert study.path("results", "checkpoints", "search", "main.journal").exists()

    study.config["search"]["trials"] = 3
    study.make("search_models", "--rerun-triggers", "mtime", "params")
    trials = pd.read_csv(folder / "trials.tsv", sep="\t")
    pd.testing.assert_frame_equal(trials[:2], first)
    assert len(trials) == 3 and list(trials["state"])[2] in ("complete", "pruned")

    study.config["models"].update(yaml.safe_load((folder / "best.yaml").read_text())["models"])
    output = study.make("results/models/main_best/model.json", "--dry-run", "--rerun-triggers", "mtime", "params")
    assert "rule train_model:" in output and "run_trials" not in output
