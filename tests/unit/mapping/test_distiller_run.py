"""A run of distiller-nf: what it made is counted, what a killed one left is stopped, nothing stale is handed on."""

import copy
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cooler
import numpy as np
import pandas as pd
import pytest
from places import ROOT

from akitaflow.errors import InputError
from akitaflow.mapping import distiller_project, distiller_results, distiller_run
from akitaflow.study.schema import fill, load_schema

MAPPING = fill({"mapping": {"engine": "distiller"}}, load_schema("config"))["mapping"]
LIBRARIES = {"R1": {"lane1": ["a/reads_1.fq.gz", "a/reads_2.fq.gz"], "lane2": ["b/reads_1.fq.gz", "b/reads_2.fq.gz"]}}
SIZES = {"chrI": 1000, "chrII": 600}


def options(**changes):
    return {**copy.deepcopy(MAPPING["distiller"]), **changes}


def program(folder, name, text):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


# --- what it made -------------------------------------------------------------------------------------------------
def make_cooler(path, total, weight=True, sizes=SIZES):
    bins = cooler.binnify(pd.Series(sizes), 100)
    if weight:
        bins["weight"] = 1.0
    cooler.create_cooler(str(path), bins, pd.DataFrame({"bin1_id": [0, 3], "bin2_id": [1, 9], "count": [1, total - 1]}))


def make_pairs(path, sizes=SIZES, columns="readID chrom1 pos1 chrom2 pos2 strand1 strand2 pair_type mapq1 mapq2"):
    header = "## pairs format v1.0\n" + "".join(f"#chromsize: {name} {size}\n" for name, size in sizes.items())
    text = f"{header}#columns: {columns}\n.\tchrI\t5\tchrI\t9\t+\t-\tUU\t60\t60\n"
    with open(path, "wb") as file:
        subprocess.run(["bgzip", "-c"], input=text.encode(), stdout=file, check=True)


@pytest.fixture
def outputs(tmp_path):
    """Files of two libraries as distiller-nf leaves them, whose counts add up."""
    folder = tmp_path / "A" / "digest"
    files = distiller_results.expected_files(str(folder), "A", "g", ["R1", "R2"], "mapq_30", 100)
    for path in distiller_results.listed(files):
        os.makedirs(os.path.dirname(path), exist_ok=True)
    for paths in files["libraries"].values():
        make_pairs(paths["pairs"])
        write_stats(paths["stats"])
        make_cooler(paths["cool"], 30, weight=False)
    make_cooler(f"{files['map']}::resolutions/100", 60)
    return files


def write_stats(path, **changes):
    counts = {
        "total": 100, "total_unmapped": 20, "total_single_sided_mapped": 30, "total_mapped": 50, "total_dups": 5,
        "total_nodups": 45, "cis": 40, "trans": 5, "cis_1kb+": 9, "cis_10kb+": 4, "cis_20kb+": 2,
    } | changes  # fmt: skip
    Path(path).write_text("".join(f"{key}\t{value}\n" for key, value in counts.items()))


def verify(files, reads=100, filtered=True):
    return distiller_results.verify(files, {"R1": reads, "R2": 100}, SIZES, 100, filtered)


def test_consistent_counts_are_accepted(outputs):
    counts = verify(outputs)
    assert counts == {name: {"read_pairs": 100, "unique_pairs": 45, "selected_pairs": 30} for name in ("R1", "R2")}


def cut(path, less=28):
    os.truncate(path, os.path.getsize(path) - less)


BREAKS = {
    "dedup.stats: 100 read pairs, but 101 in the FASTQ files": None,  # reads lost on the way
    "library R1: .*missing or empty": lambda one, files: os.unlink(one["pairs"]),
    "or empty": lambda one, files: open(one["stats"], "w").close(),
    "dedup.stats lacks counts": lambda one, files: Path(one["stats"]).write_text("cis\t5\n"),
    "R1.*cut short": lambda one, files: cut(one["pairs"]),
    "is not the sum of unmapped": lambda one, files: write_stats(one["stats"], total_unmapped=19),
    "is not the sum of duplicates": lambda one, files: write_stats(one["stats"], total_dups=4),
    "has no column mapq1": lambda one, files: make_pairs(one["pairs"], columns="readID chrom1 pos1 chrom2 pos2"),
    "R1.g.nodups.pairs.gz has other chromosomes": lambda one, files: make_pairs(one["pairs"], sizes={"chrI": 1000}),
    "46 contacts in .*of 45 unique pairs": lambda one, files: make_cooler(one["cool"], 46),
    "60 contacts in .*mcool, 61 in those": lambda one, files: make_cooler(one["cool"], 31),
    "other bins or chromosomes": lambda one, files: make_cooler(one["cool"], 30, sizes={"chrI": 1000, "chrIII": 600}),
    "mcool missing or empty": lambda one, files: os.unlink(files["map"]),
    "cannot be read": lambda one, files: cut(files["map"], 2000),
}


@pytest.mark.parametrize("message", BREAKS)
def test_lost_reads_and_pairs_are_reported(outputs, message):
    if BREAKS[message]:
        BREAKS[message](outputs["libraries"]["R1"], outputs)
    with pytest.raises(RuntimeError, match=f"(?s)incomplete or inconsistent.*{message}"):
        verify(outputs, reads=100 if BREAKS[message] else 101)


def test_without_a_filter_every_unique_pair_must_be_in_the_map(outputs):
    with pytest.raises(RuntimeError, match="30 contacts in .*of 45 unique pairs"):
        verify(outputs, filtered=False)


def test_a_map_without_weights_is_reported(outputs):
    os.unlink(outputs["map"])
    make_cooler(f"{outputs['map']}::resolutions/100", 60, weight=False)
    with pytest.raises(RuntimeError, match="not balanced"):
        verify(outputs)


def test_a_finished_run_is_reused_only_if_its_files_are_complete(outputs):
    folder = os.path.dirname(os.path.dirname(outputs["map"]))
    assert distiller_results.finished(folder, "d1") is None
    report = distiller_results.finish(folder, outputs, verify(outputs), "d1")
    assert distiller_results.finished(folder, "d1") == report
    assert distiller_results.finished(folder, "d2") is None
    cut(outputs["libraries"]["R2"]["pairs"], 1)
    assert distiller_results.finished(folder, "d1") is None


def test_tidying_keeps_the_outputs_and_removes_other_runs(outputs, tmp_path):
    folder = Path(outputs["map"]).parent.parent
    for name in ("work/ab/x", "processed_fastqs/x", "reads/x", ".nextflow/x", "pairs_library/R1.g.dups.pairs.gz"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    (tmp_path / "A" / "older").mkdir()
    (tmp_path / "A" / "project.yml").write_text("x")
    distiller_results.finish(str(folder), outputs, verify(outputs), "d1")
    distiller_results.tidy(str(folder), f"{folder}/work", outputs)
    assert sorted(os.listdir(tmp_path / "A")) == ["digest", "project.yml"]
    assert sorted(os.listdir(folder)) == ["coolers_library", "coolers_library_group", "finished.json", "pairs_library"]
    assert distiller_results.finished(str(folder), "d1")


def test_outputs_are_hard_links_and_the_source_is_kept(outputs, tmp_path):
    source = outputs["libraries"]["R1"]["pairs"]
    os.utime(source, (0, 0))
    distiller_results.link_or_copy(source, tmp_path / "pairs.gz")
    assert os.path.samefile(source, tmp_path / "pairs.gz")
    assert os.path.getmtime(tmp_path / "pairs.gz") > 1e9  # the rules order files by time
    distiller_results.copy_map(outputs["map"], str(tmp_path / "A.cool"), 100)
    copied, original = cooler.Cooler(str(tmp_path / "A.cool")), cooler.Cooler(f"{outputs['map']}::resolutions/100")
    pd.testing.assert_frame_equal(copied.pixels()[:], original.pixels()[:])
    np.testing.assert_array_equal(copied.bins()["weight"][:], original.bins()["weight"][:])


# --- what a killed run leaves -------------------------------------------------------------------------------------
@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="processes are looked up in /proc")
def test_leftovers_of_this_run_are_stopped_and_those_of_others_are_not(tmp_path):
    sleepers = {}
    for name in ("run", "run2"):
        variables = distiller_run.environment(str(tmp_path / name), "22.10.6", 1, 100)
        shell = ["sh", "-c", "trap '' TERM; sleep 60 & wait"] if name == "run" else ["sleep", "60"]
        sleepers[name] = subprocess.Popen(shell, env=variables, start_new_session=True)
    try:
        time.sleep(0.3)
        assert distiller_run.stop_local(str(tmp_path / "run"), patience=0.5) == 2
        assert sleepers["run"].wait(5) in (-signal.SIGKILL, -signal.SIGTERM, 128 + signal.SIGTERM, 0)
        assert sleepers["run2"].poll() is None
        assert distiller_run.stop_local(str(tmp_path / "run")) == 0
    finally:
        sleepers["run2"].kill()
        sleepers["run2"].wait()


def test_jobs_of_this_run_in_slurm_are_cancelled_and_waited_for(tmp_path, monkeypatch):
    work, jobs = tmp_path / "work", tmp_path / "jobs"
    jobs.write_text(f"11 {work}/ab/cd\n12 {tmp_path}/work2/ab\n13 {work}/ef\n")
    program(tmp_path / "bin", "squeue", f"cat {jobs}")
    program(tmp_path / "bin", "scancel", f'for job in "$@"; do sed -i "/^$job /d" {jobs}; done')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    assert distiller_run.stop_slurm(str(work)) == 2
    assert jobs.read_text() == f"12 {tmp_path}/work2/ab\n"
    assert distiller_run.stop_slurm(str(work)) == 0
    program(tmp_path / "bin", "squeue", "echo no controller >&2; exit 1")
    with pytest.raises(RuntimeError, match="no controller"):
        distiller_run.stop_slurm(str(work))


def test_variables_of_a_surrounding_job_do_not_reach_the_jobs_that_it_submits(monkeypatch):
    monkeypatch.setenv("SLURM_MEM_PER_NODE", "2000")
    monkeypatch.setenv("SBATCH_PARTITION", "gpu")
    monkeypatch.setenv("SLURM_CONF", "/etc/slurm.conf")
    environment = distiller_run.environment("/run", "22.10.6", 4, 8000)
    assert "SLURM_MEM_PER_NODE" not in environment and "SBATCH_PARTITION" not in environment
    assert environment["SLURM_CONF"] == "/etc/slurm.conf" and environment["DISTILLER_CPUS"] == "4"


def test_missing_reads_are_an_error_before_nextflow_starts(tmp_path):
    (tmp_path / "there").write_text("x")
    linked = {f"{tmp_path}/reads/a": str(tmp_path / "there"), f"{tmp_path}/reads/b": str(tmp_path / "gone")}
    with pytest.raises(InputError, match="gone: no such file"):
        distiller_run.make_links(linked)
    (tmp_path / "gone").write_text("x")
    distiller_run.make_links(linked)
    distiller_run.make_links(linked)
    assert sorted(os.listdir(tmp_path / "reads")) == ["a", "b"]


# --- with the real Nextflow ---
# Of the form of distiller-nf: DSL1, a params file, the profile `custom`, files that are stored.
PIPELINE = """
nextflow.enable.dsl=1
libraries = Channel.from(params.input.raw_reads_paths.collect { k, v -> k })
process map_parse_sort_chunks {
    storeDir params.output.dirs.pairs_library
    input: val library from libraries
    output: file("${library}.txt") into made
    shell: '''
    echo $$ >> !{params.counter}
    mktemp -d -p !{task.distillerTmpDir} tmp.XXXX
    while [ -e !{params.stop} ]; do sleep 0.2; done
    echo !{library} !{params.map.chunksize} > !{library}.txt
    '''
}
"""
PROFILES = """
params.custom_config = 'custom.config'
process.executor = 'lsf'
profiles { custom { includeConfig "${params.custom_config}" } }
trace { enabled = true; file = './pipeline_info/trace.txt' }
"""
HEAD = """
import sys
from akitaflow.mapping import distiller_run
folder, work, *call = sys.argv[1:]
distiller_run.run(call, folder, work, distiller_run.environment(folder, "22.10.6", 2, 1000))
"""


@pytest.mark.slow
@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="processes are looked up in /proc")
def test_a_killed_run_leaves_no_step_behind_and_the_next_one_ends_it(tmp_path, nextflow):
    """Also: only the custom profile counts, reports are overwritten, and a stored file is not made again."""
    source, folder, stop, counter = tmp_path / "source", tmp_path / "run", tmp_path / "stop", tmp_path / "counter"
    source.mkdir()
    (source / "distiller.nf").write_text(PIPELINE)
    (source / "nextflow.config").write_text(PROFILES)
    chosen = options(retries=0, memory_gb=1, cpus=2)
    content = {
        "input": {"raw_reads_paths": {"R1": {}}},
        "map": {"chunksize": 7},
        "output": {"dirs": {"pairs_library": f"{folder}/pairs_library"}},
        "counter": str(counter),
        "stop": str(stop),
    }
    (tmp_path / "project.yml").write_text(distiller_project.as_yaml(content))
    (tmp_path / "nextflow.config").write_text(distiller_project.nextflow_config(chosen))
    call = distiller_project.command(
        chosen, tmp_path / "project.yml", tmp_path / "nextflow.config", folder / "work", path=source
    )
    head = [sys.executable, "-c", HEAD, str(folder), str(folder / "work"), *call]

    def steps():
        return len(counter.read_text().split()) if counter.exists() else 0

    stop.write_text("")
    with open(tmp_path / "log", "w") as log:
        process = subprocess.Popen(head, env=nextflow, stdout=log, stderr=log, cwd=ROOT)
        end = time.monotonic() + 120
        while not steps() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.2)
        assert steps() == 1, (tmp_path / "log").read_text()
        process.kill()  # Nextflow and its step live on, without a parent
        process.wait()
    assert distiller_run.local_leftovers(str(folder))
    stop.unlink()
    done = subprocess.run(head, env=nextflow, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not distiller_run.local_leftovers(str(folder))
    assert (folder / "pairs_library" / "R1.txt").read_text() == "R1 7\n"
    before = steps()
    again = subprocess.run(head, env=nextflow, capture_output=True, text=True, cwd=ROOT)
    assert again.returncode == 0, again.stdout
    assert steps() == before and "Stored process" in again.stdout


def test_a_signal_to_end_also_ends_nextflow(tmp_path):
    program(tmp_path / "bin", "nextflow", f"touch {tmp_path}/started; exec sleep 60")
    head = [
        sys.executable,
        "-c",
        HEAD,
        str(tmp_path / "run"),
        str(tmp_path / "work"),
        str(tmp_path / "bin" / "nextflow"),
    ]
    process = subprocess.Popen(head, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    end = time.monotonic() + 30
    while not (tmp_path / "started").exists() and time.monotonic() < end:
        time.sleep(0.1)
    process.terminate()
    assert process.wait(30) == 128 + signal.SIGTERM
    assert not distiller_run.local_leftovers(str(tmp_path / "run"))


def test_a_failure_shows_the_last_output_of_nextflow(tmp_path):
    program(tmp_path / "bin", "nextflow", "echo Error executing process map; exit 3")
    with pytest.raises(RuntimeError, match=r"(?s)status 3.*Error executing process map"):
        distiller_run.run([str(tmp_path / "bin" / "nextflow")], str(tmp_path / "run"), str(tmp_path / "work"), {})
