"""`--sdm apptainer` runs jobs in the image of the config. This apptainer writes down its calls and runs the command."""

import os

import pytest

# Python finds the library in the folders that Snakemake binds for it.
APPTAINER = """#!/bin/bash
if [ "$1" = --version ]; then echo "apptainer version 1.3.0"; exit; fi
echo "$@" >> "$APPTAINER_CALLS"
while [ $# -gt 0 ] && [[ "$1" != *.sif ]]; do
    if [[ "$1" = *:*/snakemake_searchpaths/* ]]; then PYTHONPATH="$PYTHONPATH:${1%:*}"; fi
    shift
done
shift
export PYTHONPATH
exec "$@"
"""


@pytest.fixture
def apptainer(tmp_path, monkeypatch):
    """A stand-in for apptainer on the PATH; returns the file of its calls."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("apptainer", "singularity"):
        (folder / name).write_text(APPTAINER)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("APPTAINER_CALLS", str(tmp_path / "calls"))
    return tmp_path / "calls"


@pytest.mark.parametrize("target", ["results/run/left_out.tsv", "results/genomes/human/chrom.sizes"])
def test_jobs_run_in_the_image_of_the_config(study, apptainer, tmp_path, target):
    image = tmp_path / "akitaflow.sif"
    image.write_text("")
    study.config["container"] = str(image)
    study.make("--sdm", "apptainer", "--", target)
    assert study.path(target).stat().st_size
    calls = apptainer.read_text().splitlines()
    assert calls and all(call.startswith("exec") and str(image) in call for call in calls)


def test_without_the_option_the_image_is_not_used(study, apptainer):
    study.config["container"] = "nowhere.sif"
    study.make("--", "results/run/left_out.tsv")
    assert not apptainer.exists()


def test_a_dry_run_with_storage_that_is_not_the_folder_lists_all_jobs(study, tmp_path):
    """Results in storage, the workflow's own files in its folder."""
    pytest.importorskip(
        "snakemake_storage_plugin_fs", reason="needs snakemake-storage-plugin-fs, which set-up leaves out"
    )
    options = ("--default-storage-provider", "fs", "--default-storage-prefix", tmp_path / "storage")
    output = study.make("--dry-run", *options)
    assert f"{tmp_path / 'storage'}/results/figures/figure_1b.pdf (in storage)" in output
