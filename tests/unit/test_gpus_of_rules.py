"""Every rule that runs a model asks for its GPUs, and the profiles say where and how many at once."""

import re
import shutil
import subprocess
import sys

import pytest
import yaml
from places import ROOT

RULE = re.compile(r"^rule (\w+):\n((?:(?:[ \t].*)?\n)+)", re.M)


def rules():
    """Text of each rule by name."""
    return {
        name: text for path in sorted((ROOT / "rules").glob("*.smk")) for name, text in RULE.findall(path.read_text())
    }


def uses_a_device(text):
    """Whether the script of a rule chooses a device for TensorFlow."""
    script = re.search(r'script:\n +"\.\./(scripts/\S+)"', text)
    return bool(script) and "use_device(" in (ROOT / script[1]).read_text()


TRAINING = ("train_model", "train_alternative", "run_trials")
WITH_DEVICE = sorted(name for name, text in rules().items() if uses_a_device(text))


def profile(name):
    return yaml.safe_load((ROOT / "profiles" / name / "config.yaml").read_text())


def test_the_rules_that_run_a_model_are_found():
    assert {"train_model", "evaluate_model", "predict_region_panels", "predict_deletion", "run_trials"} <= set(
        WITH_DEVICE
    )


@pytest.mark.parametrize("name", WITH_DEVICE)
def test_a_rule_that_runs_a_model_asks_for_gpus(name):
    resources = re.search(r"^    resources:\n((?:        .*\n)+)", rules()[name], re.M)[1]
    gpu = re.search(r"^ +gpu=lambda wildcards: study\.gpus_of_(model|training)\(", resources, re.M)
    assert gpu, f"rule {name} has a device and no GPU among its resources"
    assert (gpu[1] == "training") == (name in TRAINING)


def test_no_other_rule_asks_for_a_gpu_or_has_a_device():
    others = {name: text for name, text in rules().items() if name not in WITH_DEVICE}
    assert not [name for name, text in others.items() if re.search(r"^ +(gpu|device)=", text, re.M)]


def test_slurm_runs_these_rules_where_gpus_are_and_leaves_their_number_to_them():
    chosen = profile("slurm")["set-resources"]
    assert sorted(chosen) == WITH_DEVICE
    assert all(resources == {"slurm_partition": "gpu"} for resources in chosen.values())


def test_one_machine_runs_one_of_them_at_a_time_and_slurm_as_many_as_it_has_gpus_for():
    assert "gpu=1" in profile("default")["resources"]
    assert not [limit for limit in profile("slurm")["resources"] if limit.startswith("gpu")]


GPU_JOBS = """
rule all:
    input: expand("{i}.txt", i=range(3))
rule job:
    output: "{i}.txt"
    resources: gpu=1
    shell: "date +%s.%N > {output}; sleep 0.5; date +%s.%N >> {output}"
"""


@pytest.mark.parametrize(("limits", "at_once"), [([], False), (["--resources", "downloads=4", "gpu=3"], True)])
def test_jobs_share_a_gpu_of_one_machine_only_where_more_are_allowed(tmp_path, limits, at_once):
    """With many cores and the default profile beside the Snakefile."""
    (tmp_path / "Snakefile").write_text(GPU_JOBS)
    shutil.copytree(ROOT / "profiles" / "default", tmp_path / "profiles" / "default")
    command = [sys.executable, "-m", "snakemake", "--cores", "32", *limits]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    times = sorted(tuple(map(float, (tmp_path / f"{i}.txt").read_text().split())) for i in range(3))
    overlapping = [end > start for (_, end), (start, _) in zip(times, times[1:], strict=False)]
    assert any(overlapping) == at_once
