"""FASTQ files and temporary folders whose names a shell or a program would read otherwise are mapped as they are."""

import gzip
import shutil

import pytest

# FASTQ of mate 1 of each run; an unquoted S[1]_1.fastq.gz is a pattern of S1_1.fastq.gz, which stands beside it
NAMES = {
    "lane1": "-t 'x' \\n; touch x & $(touch x) `touch x` <~* {a_1.fastq.gz",
    "lane2": "S[1]_1.fastq.gz",
}
PAIRS = "results/pairs/A/R1.nodups.pairs.gz"


def lines(path):
    with gzip.open(path, "rt") as file:
        return [line for line in file if not line.startswith("#")]


@pytest.fixture
def renamed(study, finished, monkeypatch):
    """The study with the reads of a library of the finished one, under the names above in the folder where it runs."""
    study.enter("fastq", "", finished.path("results", "simulation", "human.fa"))
    del study.datasets[0]["path"]
    reads = finished.path("results", "simulation", "reads", "A")
    for run, name in NAMES.items():
        files = {mate: name.replace("_1.", f"_{mate}.") for mate in (1, 2)}
        study.runs.append({"dataset": "A", "library": "R1", "run": run, "fastq_1": files[1], "fastq_2": files[2]})
        for mate, file in files.items():
            shutil.copy(reads / "R1" / f"{run}_{mate}.fastq.gz", study.path(file))
            shutil.copy(reads / "R2" / f"lane1_{mate}.fastq.gz", study.path(f"S1_{mate}.fastq.gz"))
    monkeypatch.setenv("TMPDIR", str(study.path("tmp of $(touch x) {user}")))
    return study


@pytest.mark.slow
def test_reads_of_any_name_are_mapped_as_the_same_reads_of_plain_names(renamed, finished):
    renamed.make(PAIRS)
    assert lines(renamed.path(PAIRS)) == lines(finished.path(PAIRS))
    scratch = renamed.path("tmp of $(touch x) {user}")
    assert scratch.is_dir() and not list(scratch.glob("tmp.*"))
    assert not list(renamed.path().rglob("x"))


@pytest.mark.slow
def test_reads_of_any_name_are_cut_into_chunks(renamed):
    renamed.config["mapping"] = {"chunks": 2}
    renamed.make("--notemp", *(f"results/mapping/A/chunks/R1.{run}.1-of-2_1.fastq.gz" for run in NAMES))
    for run, name in NAMES.items():
        parts = [renamed.path(f"results/mapping/A/chunks/R1.{run}.{part}-of-2_1.fastq.gz") for part in (1, 2)]
        assert sum(map(lines, parts), []) == lines(renamed.path(name))
    assert not list(renamed.path().rglob("x"))


@pytest.mark.parametrize("name", ["{sample}_1.fastq.gz", "a/{1,2}/b_1.fastq.gz"])
def test_a_name_that_snakemake_takes_for_a_wildcard_is_refused(study, name):
    for mate in (1, 2):
        study.runs[0][f"fastq_{mate}"] = name.replace("_1.", f"_{mate}.")
        path = study.path(study.runs[0][f"fastq_{mate}"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    output = study.fails("--dry-run")
    assert f"runs.tsv, row 2, column fastq_1: {study.runs[0]['fastq_1']} has braces" in output.replace("\n", " ")
