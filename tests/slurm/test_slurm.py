"""The workflow on SLURM through profiles/slurm: the plain run, GPUs, faults and what a user does after them.

After each fault the results are those of the undisturbed run without SLURM (`finished`). A fault is made by SLURM
itself (`scancel`, limits of time and memory, a node that is lost) or by a signal to Snakemake.
"""

import re
import shlex
import subprocess

import pytest
from pipelines import pipeline, put_on_path
from results import differences, files
from slurm_runs import Run, job_details, squeue, wait_for
from studies import copy_workflow

MODEL = ("results/models/main/model.weights.h5", "results/models/main/model.json", "results/models/main/history.tsv")
CHECKPOINT = "results/checkpoints/main"
ONLY_MISSING = ("--rerun-triggers", "mtime")  # another copy of the workflow is no reason to make all files again


def faulty(study, folder, script, line):
    """Let the study run a copy of the workflow in which a script begins with one more line of Python."""
    study.workflow = copy_workflow(folder)
    path = study.workflow / "scripts" / script
    head, separator, tail = path.read_text().partition("with logged(")
    assert separator
    path.write_text(f"{head}{line}\n{separator}{tail}")


def assert_finished(study, finished, *paths):
    """The study has what the undisturbed run made: these files, or all."""
    assert differences(finished.folder, study.folder, paths or None) == []


@pytest.mark.optin
def test_all_stages_run_on_slurm_and_give_the_results_of_a_run_without_it(study, finished, cluster):
    study.remove("results", "logs", "benchmarks", ".snakemake")
    assert_runs_in_groups(study, finished, cluster)


def test_the_last_stages_run_on_slurm_and_give_the_results_of_a_run_without_it(study, finished, cluster):
    study.remove("results/figures", "results/run", "results/pattern_strength", "results/evaluation/main/baselines.tsv")
    assert_runs_in_groups(study, finished, cluster)


def assert_runs_in_groups(study, finished, cluster):
    """The default target is made, with the results of the finished study, by fewer SLURM jobs than there are steps."""
    run = Run(study, cluster)
    output = run.finish()
    assert_finished(study, finished)
    assert files(study.folder) == files(finished.folder)
    assert {job["state"] for job in run.jobs()} == {"COMPLETED"}
    # the four tables of software, the config and what is left out are one job, and figures are submitted by fives
    assert "/slurm_logs/group_run" in output and "/slurm_logs/group_figures" in output
    steps = int(re.search(r"of (\d+) steps \(100%\)", output)[1])
    assert len(run.submitted()) < steps - 10


@pytest.mark.parametrize(
    ("spelled", "options", "requested"),
    [
        ("gpu", (), {"TresPerJob": "gres:gpu:1"}),
        (
            "gres",
            # the option replaces all of the profile's set-resources
            ("--set-resources", "train_model:slurm_partition=gpu", "train_model:gpu=0", "train_model:gres=gpu:1"),
            {"TresPerNode": "gres:gpu:1"},
        ),
    ],
)
def test_a_training_gets_a_gpu_in_both_spellings(study, finished, cluster, spelled, options, requested):
    study.config["models"]["main"]["training"]["device"] = "auto"
    study.remove(*MODEL, CHECKPOINT)
    run = Run(study, cluster, *options, *ONLY_MISSING, "--", MODEL[0])
    job = run.running("train_model")
    assert job["partition"] == "gpu" and job["node"] == "node2" and job["memory"].endswith("M")
    details = job_details(job["id"])
    assert requested.items() <= details.items()
    run.finish()
    assert_finished(study, finished, MODEL[0], MODEL[2])


def test_a_cancelled_job_is_submitted_again(study, finished, cluster):
    study.remove(*MODEL, CHECKPOINT)
    run = Run(study, cluster, MODEL[0])
    subprocess.run(["scancel", run.running("train_model")["id"]], check=True)
    run.finish()
    assert [job["state"] for job in reversed(run.jobs("train_model"))].count("CANCELLED") == 1
    assert_finished(study, finished, *MODEL)


def test_a_job_out_of_time_gets_more_of_it(study, finished, cluster, tmp_path):
    """100 s of work in a job of one minute, then of half an hour, since this machine may be busy."""
    table = "results/mapping/A/reads.tsv"
    faulty(study, tmp_path / "workflow", "map/compare_reads.py", "import time; time.sleep(100)")
    study.remove(table)
    run = Run(study, cluster, *ONLY_MISSING, "--set-resources", "compare_reads:runtime=29 * attempt - 28", "--", table)
    run.finish()
    states = {job["limit"]: job["state"] for job in run.jobs("compare_reads")}
    assert states == {"1:00": "TIMEOUT", "30:00": "COMPLETED"}
    assert_finished(study, finished, table)


def test_a_job_out_of_memory_gets_more_of_it(study, finished, cluster, tmp_path):
    """2 GB of data in a job of 2 GB, then of 4 GB."""
    figure = [f"results/figures/figure_training.{ending}" for ending in ("pdf", "png", "tsv")]
    line = "import time; data = bytearray(2 * 10**9); data[::4096] = bytes([1]) * len(data[::4096]); time.sleep(10)"
    faulty(study, tmp_path / "workflow", "train/figure_training.py", line)
    study.remove(*figure)
    run = Run(study, cluster, *ONLY_MISSING, "--groups", "figure_training=alone", "--", figure[0])
    run.finish()
    states = {job["memory"]: job["state"] for job in run.jobs()}
    assert states["4000M"] == "COMPLETED" and states["2000M"] in ("FAILED", "OUT_OF_MEMORY"), states
    assert_finished(study, finished, *figure)


def test_jobs_of_a_lost_node_run_on_another_one(study, finished, cluster, tmp_path):
    table = "results/mapping/A/reads.tsv"
    faulty(study, tmp_path / "workflow", "map/compare_reads.py", "import time; time.sleep(30)")
    study.remove(table)
    run = Run(study, cluster, *ONLY_MISSING, "--", table)
    job = run.running("compare_reads")
    cluster.lose(job["node"])
    try:
        wait_for(lambda: cluster.state(job["node"]).startswith("down"), "the node being down", 120)
        run.finish()
    finally:
        cluster.start_node(job["node"])
    completed = run.jobs("compare_reads", "COMPLETED")
    assert completed and completed[0]["node"] != job["node"]
    assert_finished(study, finished, table)


def test_after_a_kill_of_snakemake_orphans_are_cancelled_and_the_run_goes_on(study, finished, cluster):
    """The steps of docs/usage.md: scancel of what is left, --unlock, and the same command."""
    study.remove(*MODEL, CHECKPOINT, "results/evaluation", "results/inversion")
    targets = [path for path in files(finished.folder) if re.match(r"results/(evaluation|inversion)/", path)]
    run = Run(study, cluster, *targets)
    job = run.running("train_model")
    run.kill()
    assert job["id"] in [orphan["id"] for orphan in run.jobs(state="RUNNING")]
    assert "cannot be locked" in refused(study, cluster, *targets)

    subprocess.run(["scancel", "--name", run.id], check=True)
    wait_for(lambda: not run.jobs(state="RUNNING") + run.jobs(state="COMPLETING"), "the end of the orphans", 60)
    subprocess.run(Run.command(study, "--unlock"), cwd=study.folder, env=Run.variables(cluster), check=True)
    Run(study, cluster, *targets).finish()
    assert_finished(study, finished, *MODEL, *targets)


def refused(study, cluster, *arguments):
    """Output of a run that has to fail at its start."""
    run = Run(study, cluster, *arguments)
    assert run.process.wait(120) != 0
    return run.output


def test_a_run_started_in_a_job_of_its_own_submits_jobs_with_their_own_memory(study, finished, cluster):
    """sbatch --mem-per-cpu sets SLURM_MEM_PER_CPU, which the jobs must not inherit: sbatch refuses it beside --mem."""
    table = "results/tables/table_1.tsv"
    study.remove(table, "results/mapping/libraries.tsv", "results/mapping/decay.tsv")
    study.write()
    script = f"#!/bin/bash\necho memory per CPU: $SLURM_MEM_PER_CPU\nexec {shlex.join(Run.command(study, table))}\n"
    study.path("head.sh").write_text(script)
    call = ["sbatch", "--parsable", "--mem-per-cpu", "1000", "--cpus-per-task", "2", "--time", "30"]
    call += ["--output", "head.log", "head.sh"]
    environment = Run.variables(cluster)
    head = subprocess.run(call, cwd=study.folder, env=environment, check=True, capture_output=True, text=True).stdout

    def ended():
        state = squeue("--jobs", head.strip())[0]["state"]
        return None if state in ("PENDING", "RUNNING", "COMPLETING") else state

    state = wait_for(ended, "the end of Snakemake's job")
    output = study.path("head.log").read_text()
    assert state == "COMPLETED", output[-6000:]
    assert "memory per CPU: 1000" in output and "has been submitted with SLURM jobid" in output
    assert_finished(study, finished, table)


@pytest.fixture
def programs(tmp_path, monkeypatch):
    put_on_path(tmp_path / "programs", monkeypatch)


@pytest.mark.parametrize("submit", ["head", "job"])
def test_distiller_submits_its_own_jobs(study, finished, cluster, programs, tmp_path, submit):
    maps = ("results/coolers/A.cool", "results/mapping/libraries.tsv")
    options = {"path": pipeline(tmp_path / "checkout", finished), "cpus": 2, "memory_gb": 2, "retries": 0}
    options |= {"executor": "slurm", "submit": submit, "queue": "cpu"}
    study.config["mapping"] = {"engine": "distiller", "distiller": options}
    study.remove("results/pairs", "results/coolers", "results/mapping", "results/tables")
    before = {job["id"] for job in squeue()}
    run = Run(study, cluster, *maps)
    run.finish()
    names = subprocess.run(
        ["squeue", "--noheader", "--states", "all", "--format", "%i %j %T"], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    steps = [line.split()[1:] for line in names if line.split()[0] not in before and " nf-" in line]
    assert {"COMPLETED"} == {state for _, state in steps}
    assert {"merge_dedup_splitbam", "bin_zoom_library_pairs", "merge_zoom_library_group_coolers"} <= {
        re.match(r"nf-([a-z_]+?)(_\(|$)", name)[1] for name, _ in steps
    }
    assert bool(run.jobs("run_distiller")) == (submit == "job")
    assert_finished(study, finished, *maps)
