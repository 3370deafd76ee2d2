"""The miniature as a user runs it, where its folding is turned off: its claims have to fail."""

import shutil

import pandas as pd
import pytest
import yaml
from places import ROOT
from studies import Study

FOLDING = ("Pearson correlation", "signal left")


@pytest.mark.optin
def test_a_genome_that_does_not_fold_fails_the_claims_on_folding_and_only_those(tmp_path, workflow):
    shutil.copytree(ROOT / "demo" / "config", tmp_path / "config")
    study = Study(tmp_path, workflow)
    study.config = yaml.safe_load((tmp_path / "config" / "config.yaml").read_text())
    study.config["simulation"]["strength"] = 0
    study.datasets, study.runs = (
        pd.read_csv(tmp_path / "config" / f"{table}.tsv", sep="\t", dtype=str, keep_default_na=False).to_dict("records")
        for table in ("datasets", "runs")
    )
    output = study.fails()
    claims = pd.read_csv(tmp_path / "results" / "truth.tsv", sep="\t")
    failed = claims[~claims["holds"]]["claim"]
    for name in FOLDING:
        assert failed.str.contains(name).any(), f"{name} holds although nothing folds:\n{claims.to_string()}"
    for claim in failed:
        assert claim in output
    mapping = claims["claim"].str.contains("duplicates|unmapped|positions|per distance")
    assert claims[mapping]["holds"].all()
    assert not (tmp_path / "results" / "truth.ok").exists()
