"""The comparison of a model with its alternatives, from records to figures, on a tiny study."""

import shutil

import numpy as np
import pandas as pd
import pytest
from studies import Study


@pytest.mark.slow
def test_alternatives_are_trained_scored_and_drawn_beside_the_model(finished, tmp_path):
    study = Study(tmp_path, finished.workflow)
    for part in ("coolers", "genomes", "records", "split", "simulation", "targets"):
        shutil.copytree(finished.path("results", part), study.path("results", part), copy_function=shutil.copy2)
    study.config["comparison"] = {
        "seeds": 1,
        "epochs": 1,
        "steps_per_epoch": 2,
        "choice": ["virtual_4c", "other_data"],
        "alternatives": {
            "other_data": {"targets": {"missing": "zero"}, "quantile": True, "training": {"reverse_complement": False}}
        },
    }
    study.make("compare_models", "--rerun-triggers", "mtime")
    table = pd.read_csv(study.path("results/comparison/comparison.tsv"), sep="\t")
    assert set(table["alternative"]) == {"base", "virtual_4c", "other_data"}
    scores = table[table["metric"].isin(["mse", "pearson", "spearman"])]
    assert set(scores.loc[scores["alternative"] == "other_data", "against"]) == {"base", "own"}
    assert np.isfinite(scores["mean"]).all() and (table["seeds"] == 1).all()
    assert table.loc[table["metric"] == "asymmetry", "alternative"].unique().tolist() == ["virtual_4c"]
    curves = pd.read_csv(study.path("results/comparison/curves.tsv"), sep="\t")
    assert (curves["epoch"] == 1).all() and set(curves["alternative"]) == set(table["alternative"])
    windows = pd.read_csv(study.path("results/records/main/windows.tsv"), sep="\t")
    tested = (windows["kept"] & (windows["fold"] == "test")).sum()
    assert (pd.read_csv(study.path("results/comparison/seeds.tsv"), sep="\t")["n_windows"] == tested).all()
    for name in ("supplement_1", "supplement_3"):
        for suffix in ("pdf", "png", "tsv"):
            assert study.path("results", "figures", f"{name}.{suffix}").stat().st_size > 0
    assert study.path("results/checkpoints/comparison/base/1/state.npz").exists()
    assert "Nothing to be done" in study.make("compare_models", "--rerun-triggers", "mtime")
    assert "train_alternative" not in study.make("--dry-run", "--rerun-triggers", "mtime", "--quiet", "rules")
