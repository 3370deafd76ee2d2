"""The profile for SLURM fits the rules, and the tests that install SLURM refuse a machine that has it."""

import re
import shutil
from pathlib import Path

import pytest
import slurm_cluster
import yaml
from places import ROOT

PROFILE = yaml.safe_load((ROOT / "profiles" / "slurm" / "config.yaml").read_text())
RULE = re.compile(r"^rule (\w+):\n((?:(?:[ \t].*)?\n)+)", re.M)
RULES = {name: text for path in sorted((ROOT / "rules").glob("*.smk")) for name, text in RULE.findall(path.read_text())}
LEAST = 500  # MB; a job has two Snakemake processes of 255 MB


def groups():
    """Group -> its rules."""
    group_of_rule = {}
    for pair in PROFILE["groups"]:
        rule, _, group = pair.partition("=")
        group_of_rule.setdefault(group, set()).add(rule)
    return group_of_rule


def test_every_figure_is_in_the_group_of_figures():
    drawn = {name for name, text in RULES.items() if re.search(r'output:(?:\n        .*)*"results/figures/', text)}
    assert {"figure_1a", "figure_2_panel", "supplement_5"} <= drawn
    assert groups()["figures"] == drawn


def test_groups_have_rules_that_exist_and_a_number_of_components():
    assert {rule for rules in groups().values() for rule in rules} <= set(RULES)
    assert {pair.partition("=")[0] for pair in PROFILE["group-components"]} == set(groups())


def test_jobs_in_groups_are_short_and_need_no_gpu():
    for rules in groups().values():
        for rule in rules:
            minutes = int(re.search(r"runtime=minutes\((\d+)\)", RULES[rule])[1])
            assert minutes <= 60 and "gpu=" not in RULES[rule], rule


def test_every_job_has_memory_for_the_two_snakemakes():
    fixed = {
        name: int(number) for name, text in RULES.items() for number in re.findall(r"mem_mb=memory\((\d+)\)", text)
    }
    assert len(fixed) > 80
    assert not {name: number for name, number in fixed.items() if number < LEAST}
    assert PROFILE["default-resources"]["mem_mb"] == "attempt * 2000"


def test_jobs_that_end_are_seen_without_an_accounting_database():
    assert PROFILE["slurm-status-command"] == "squeue"
    assert "cores" not in PROFILE and "slurm-array-jobs" not in PROFILE


@pytest.fixture
def bare_machine(monkeypatch, tmp_path):
    """A machine on which SLURM may be installed."""
    monkeypatch.setattr(slurm_cluster, "CONFIG", tmp_path / "slurm")
    monkeypatch.setattr(slurm_cluster.os, "geteuid", lambda: 0)
    programs = {"apt-get": "/usr/bin/apt-get"}
    monkeypatch.setattr(shutil, "which", lambda name: programs.get(name))
    return programs


def test_slurm_is_installed_only_as_root_where_none_is(bare_machine, monkeypatch):
    assert slurm_cluster.refusal() is None
    bare_machine["sinfo"] = "/usr/bin/sinfo"
    assert "sinfo is on the PATH" in slurm_cluster.refusal()
    del bare_machine["sinfo"]
    slurm_cluster.CONFIG.mkdir()
    assert "belongs to a cluster" in slurm_cluster.refusal()
    slurm_cluster.CONFIG.rmdir()
    monkeypatch.setattr(slurm_cluster.os, "geteuid", lambda: 1000)
    assert "only root" in slurm_cluster.refusal()


def test_a_refused_machine_is_not_touched(bare_machine, monkeypatch, capsys):
    slurm_cluster.CONFIG.mkdir()
    for name in ("apt", "installed_packages", "Cluster"):
        monkeypatch.setattr(slurm_cluster, name, lambda *_: pytest.fail("the machine was touched"))
    assert slurm_cluster.main([]) == 2
    assert "make test-slurm: " in capsys.readouterr().err
    assert slurm_cluster.CONFIG.is_dir() and not list(Path(slurm_cluster.CONFIG).iterdir())
