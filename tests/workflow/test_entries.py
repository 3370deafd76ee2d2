"""The real rules on a tiny study: from each way to enter to a balanced map, and from reads to every figure."""

import json
import subprocess
import sys

import cooler
import numpy as np
import pandas as pd
import pytest
from studies import assert_same_map

FIGURES = [
    "figure_mapping",
    "figure_targets",
    "figure_training",
    "figure_1b",
    "figure_1c",
    "figure_baselines",
    "figure_ctcf",
    "figure_ctcf_examples",
]


def test_reads_become_maps_model_and_every_figure_with_its_source_data(finished):
    for name in FIGURES:
        for suffix in ("pdf", "png", "tsv"):
            assert finished.path("results", "figures", f"{name}.{suffix}").stat().st_size > 0, name
    metrics = pd.read_csv(finished.path("results/evaluation/main/metrics.tsv"), sep="\t")
    assert list(metrics["dataset"]) == ["A", "all"]
    assert (metrics["n_windows"] > 0).all() and np.isfinite(metrics["mse"]).all()
    model = json.loads(finished.path("results/models/main/model.json").read_text())
    assert model["outputs"] == ["A"]


def test_every_window_of_the_split_is_accounted_for_in_the_records(finished):
    split = pd.read_csv(finished.path("results/split/main/windows.tsv"), sep="\t")
    records = pd.read_csv(finished.path("results/records/main/windows.tsv"), sep="\t")
    assert len(split) == len(records)
    dropped = records[~records["kept"]]
    assert dropped["reason"].notna().all()
    statistics = json.loads(finished.path("results/records/main/statistics.json").read_text())
    for fold in ("train", "valid", "test"):
        assert statistics[f"{fold}_seqs"] == (records["kept"] & (records["fold"] == fold)).sum()


def test_a_finished_study_has_nothing_to_do(finished):
    assert "Nothing to be done" in finished.make()


def test_a_deleted_figure_is_redrawn_and_nothing_else(finished):
    finished.path("results/figures/figure_1c.png").unlink()
    output = finished.make("--dry-run")
    assert "rule figure_1c" in output
    assert output.count("\nrule ") == 2  # and `all`
    finished.make()


def test_an_edited_plotting_module_redraws_the_figures_that_use_it_and_nothing_upstream(finished):
    module = finished.workflow / "akitaflow" / "plotting" / "mapping.py"
    before = module.read_text()
    try:
        module.write_text(before + "# edited\n")
        output = finished.make("--dry-run")
    finally:
        module.write_text(before)
    assert "rule figure_mapping" in output
    assert output.count("\nrule ") == 2  # and `all`


def test_pairs_enter_and_give_the_same_map(finished, study):
    # one library, so that its pairs are the whole dataset's
    pairs = finished.path("results/pairs/A/R2.nodups.pairs.gz")
    study.enter("pairs", pairs, finished.path("results/simulation/human.fa"))
    study.make("results/coolers/A.cool")
    entered = cooler.Cooler(str(study.path("results/coolers/A.cool")))
    names = ["chrom1", "pos1", "chrom2", "pos2", "strand1", "strand2", "type", "mapq1", "mapq2"]
    table = pd.read_csv(pairs, sep="\t", comment="#", header=None, names=["read", *names])
    kept = ((table["mapq1"] >= 30) & (table["mapq2"] >= 30)).sum()
    assert entered.info["sum"] == kept > 0
    assert "weight" in entered.bins().columns


@pytest.mark.parametrize("entry", ["cool", "mcool"])
def test_a_balanced_cooler_enters_and_stays_the_same(finished, study, entry):
    source = finished.path("results/coolers/A.cool")
    if entry == "mcool":
        path = study.path("A.mcool")
        command = [sys.executable, "-m", "cooler", "zoomify", "--resolutions", "128,256", "--out", path, source]
        subprocess.run([str(part) for part in command], check=True, capture_output=True)
        with cooler.fileops.h5py.File(path, "r+") as file, cooler.fileops.h5py.File(source) as original:
            bins = file["resolutions/128/bins"]
            if "weight" not in bins:
                bins["weight"] = original["bins/weight"][:]
    else:
        path = source
    study.enter(entry, path, finished.path("results/simulation/human.fa"))
    study.make("results/coolers/A.cool")
    assert_same_map(source, study.path("results/coolers/A.cool"))


def test_a_map_alone_is_enough_for_targets_and_records(finished, study):
    study.enter("cool", finished.path("results/coolers/A.cool"), finished.path("results/simulation/human.fa"))
    study.make("results/records/main/statistics.json")
    from_map, from_reads = (
        pd.read_csv(folder.path("results/records/main/windows.tsv"), sep="\t") for folder in (study, finished)
    )
    pd.testing.assert_frame_equal(from_map, from_reads)
