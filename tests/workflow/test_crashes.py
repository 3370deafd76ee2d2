"""Jobs that are killed, fail or run out of disk: nothing incomplete has its final name, and a second run mends it.

All rules of the tiny study are tried with --optin, some of them always.
"""

import os

import pytest
from crashes import FAULTS, RAISES, SmallDisk, crash, jobs

pytestmark = pytest.mark.slow
SEEDS = range(int(os.environ.get("CRASH_SEEDS", "1")))  # moments at which each job is tried


@pytest.fixture(scope="module")
def complete(finished, tmp_path_factory):
    """The finished study with the files that Snakemake removes at the end of a run."""
    study = finished.copy(tmp_path_factory.mktemp("complete") / "study")
    for rule in ("bin_pairs", "map_run"):
        study.make("--notemp", "--rerun-triggers", "mtime", "--until", rule, "--forcerun", rule)
    for library in ("R1", "R2"):  # as old as before, so that the map that was made of them need not be made again
        made = finished.path(f"results/mapping/A/selected/{library}.tsv").stat().st_mtime_ns
        for path in (f"results/mapping/A/selected/{library}.tsv", f"results/coolers/libraries/A.{library}.cool"):
            os.utime(study.path(path), ns=(made, made))
    study.jobs = jobs(study)
    return study


@pytest.fixture
def raising(monkeypatch):
    """Let SIGUSR1 raise an exception in the Python of jobs."""
    monkeypatch.setenv("PYTHONPATH", str(RAISES))


@pytest.mark.parametrize("fault", ["run killed", "job killed", "exception"])
@pytest.mark.parametrize("rule", ["merge_dedup", "balance_map", "write_records"])
def test_a_crash_leaves_nothing_incomplete_and_a_second_run_mends_it(complete, tmp_path, raising, rule, fault):
    study = complete.copy(tmp_path / "study")
    (job,) = (job for job in complete.jobs if job.rule == rule)
    crash(study, complete, job, fault, seed=0)


@pytest.mark.optin
@pytest.mark.parametrize("fault", list(FAULTS))
def test_crashes_of_every_rule(complete, tmp_path, raising, fault, capsys):
    folder = tmp_path / "disk"
    folder.mkdir()
    if fault == "disk full" and SmallDisk.refusal():
        pytest.skip(f"a small disk {SmallDisk.refusal()}")
    if fault == "disk full":
        with SmallDisk(folder, megabytes=200):
            every_rule(complete.copy(folder), complete, fault, capsys)
    else:
        every_rule(complete.copy(folder), complete, fault, capsys)


def every_rule(study, complete, fault, capsys):
    failures, hit, silent = [], 0, []
    tried = [(job, seed) for job in complete.jobs for seed in SEEDS]
    for number, (job, seed) in enumerate(tried, start=1):
        try:
            status, output = crash(study, complete, job, fault, seed)
            hit += status != 0
            if status != 0 and fault == "disk full" and "No space left" not in output and " MB are left" not in output:
                silent.append(job.rule)
        except AssertionError as error:
            failures.append(str(error))
            study = complete.copy(study.folder)
        with capsys.disabled():
            print(f"\r{fault}: {number} of {len(tried)}, {hit} failed, {len(failures)} wrong", end="", flush=True)
    assert not failures, "\n".join(failures)
    assert hit > len(tried) / 3, f"only {hit} of {len(tried)} runs were hit"
    assert not silent, f"runs on a full disk that do not say so: {', '.join(silent)}"
