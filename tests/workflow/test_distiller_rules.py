"""The rules of the engine distiller: which of them a study gets, and what they hand on to all that follows."""

import os
import shutil

import pandas as pd
import pytest
from pipelines import pipeline, put_on_path
from studies import assert_same_map

MAPS = ("results/coolers/A.cool", "results/mapping/libraries.tsv")
OWN = ("map_run", "merge_dedup", "bin_pairs", "balance_map")


def rules_of(output):
    return {line.split()[1].rstrip(":") for line in output.splitlines() if line.startswith(("rule ", "localrule "))}


def test_one_engine_maps_and_the_rest_of_the_rules_are_the_same(study, tmp_path):
    native = rules_of(study.make("--dry-run"))
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "distiller.nf").write_text("")
    (checkout / "VERSION").write_text("version='0.3.4'\n")
    study.config["mapping"] = {"engine": "distiller", "distiller": {"path": str(checkout)}}
    other = rules_of(study.make("--dry-run"))
    assert native - other == set(OWN)
    assert other - native == {
        "write_distiller_project",
        "run_distiller",
        "import_distiller_pairs",
        "import_distiller_map",
    }


def local_rules(study):
    """Rules that Snakemake keeps beside itself when it runs on a cluster."""
    from snakemake.api import SnakemakeApi
    from snakemake.settings.types import ConfigSettings, ResourceSettings

    study.write()
    with SnakemakeApi() as api:
        loaded = api.workflow(
            resource_settings=ResourceSettings(cores=1),
            config_settings=ConfigSettings(configfiles=[study.path("config/config.yaml")]),
            snakefile=study.workflow / "Snakefile",
            workdir=study.folder,
        )._workflow
        return set(loaded._localrules)


def test_only_a_head_that_submits_stays_beside_snakemake(study):
    for executor, submit, stays in (("slurm", "head", True), ("slurm", "job", False), ("local", "head", False)):
        study.config["mapping"] = {"engine": "distiller", "distiller": {"executor": executor, "submit": submit}}
        assert ("run_distiller" in local_rules(study)) == stays


def test_datasets_that_enter_later_are_not_touched_by_the_engine(study, finished):
    study.enter(
        "pairs", finished.path("results/pairs/A/R2.nodups.pairs.gz"), finished.path("results/simulation/human.fa")
    )
    study.config["mapping"] = {"engine": "distiller"}
    output = study.make("--dry-run", *MAPS, "results/run/software.tsv")
    assert {"bin_pairs", "balance_map"} <= rules_of(output)
    assert not {name for name in rules_of(output) if "distiller" in name}
    assert "results/run/software/nextflow.tsv" not in output


def test_invalid_settings_are_an_error_before_any_job(study):
    study.config["mapping"] = {"engine": "distiller", "distiller": {"path": "nowhere"}}
    assert "no distiller.nf in nowhere" in study.fails("--dry-run")


@pytest.fixture
def programs(tmp_path, monkeypatch):
    put_on_path(tmp_path / "programs", monkeypatch)


@pytest.mark.slow
def test_outputs_of_nextflow_are_counted_and_get_the_names_of_the_native_engine(study, finished, programs, tmp_path):
    shutil.copytree(finished.path("results/simulation"), study.path("results/simulation"))
    options = {"path": pipeline(tmp_path / "checkout", finished), "cpus": 2, "memory_gb": 2, "retries": 0}
    study.config["mapping"] = {"engine": "distiller", "distiller": options}

    study.make(*MAPS)
    assert_same_map(finished.path("results/coolers/A.cool"), study.path("results/coolers/A.cool"))
    in_study, in_finished = (pd.read_csv(folder.path(MAPS[1]), sep="\t") for folder in (study, finished))
    pd.testing.assert_frame_equal(in_study, in_finished)
    first = os.listdir(study.path("results/distiller/A"))

    # who runs it is no reason to map again, and the pairs that are handed on stay
    options["memory_gb"] = 3
    study.make(*MAPS)
    assert os.listdir(study.path("results/distiller/A")) == first
    log = study.path("logs/run_distiller/A.log").read_text()
    assert "Submitted process" not in log

    # another option is not answered with what is there; reads that are lost are told
    options["path"] = pipeline(tmp_path / "checkout", finished, lost="total\t")
    study.config["mapping"]["max_mismatch"] = 2
    study.fails(*MAPS)
    log = study.path("logs/run_distiller/A.log").read_text()
    assert "Submitted process" in log and "Stored process" not in log
    assert "incomplete or inconsistent" in log and "lacks counts" in log
