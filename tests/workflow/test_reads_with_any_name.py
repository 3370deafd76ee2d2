"""FASTQ files and temporary folders whose names a shell or a program would read otherwise are mapped as they are."""

import gzip
import shutil

import pytest

# name of the first mate of a run and, beside it, of a file that an unquoted pattern or word would take instead
NAMES = {
    ("R1", "lane1"): "of $(touch x)/a `touch x` {name}_1.fastq.gz",
    ("R1", "lane2"): "S[1]_1.fastq.gz",
    ("R2", "lane1"): "-t 'x' \\n; touch x & <~*_1.fastq.gz",
}
LIBRARIES = [f"results/pairs/A/{library}.nodups.pairs.gz" for library in ("R1", "R2")]


def body(path):
    with gzip.open(path, "rt") as file:
        return [line for line in file if not line.startswith("#")]


def name_reads(study, finished):
    """Let the study map the reads of the finished one, under the names above, relative to its folder."""
    study.enter("fastq", "", finished.path("results", "simulation", "human.fa"))
    del study.datasets[0]["path"]
    for (library, run), name in NAMES.items():
        row = {"dataset": "A", "library": library, "run": run}
        for mate in (1, 2):
            row[f"fastq_{mate}"] = name.replace("_1.fastq", f"_{mate}.fastq")
            path = study.path(row[f"fastq_{mate}"])
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(finished.path("results", "simulation", "reads", "A", library, f"{run}_{mate}.fastq.gz"), path)
            other = finished.path("results", "simulation", "reads", "A", "R2", f"lane1_{mate}.fastq.gz")
            shutil.copy(other, study.path(f"S1_{mate}.fastq.gz"))
        study.runs.append(row)


@pytest.mark.parametrize("chunks", [1, 2])
def test_reads_of_any_name_are_mapped_as_the_same_reads_of_plain_names(study, finished, monkeypatch, chunks):
    name_reads(study, finished)
    study.config["mapping"] = {"chunks": chunks}
    scratch = study.path("tmp of $(touch x) {user}")
    monkeypatch.setenv("TMPDIR", str(scratch))
    study.make(*LIBRARIES)
    for library in LIBRARIES:
        assert body(study.path(library)) == body(finished.path(library))
    assert not list(study.path().rglob("x"))
    assert not list(scratch.glob("tmp.*"))
