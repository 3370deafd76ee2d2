"""FASTQ files and temporary folders whose names a shell or a program would read otherwise are mapped as they are."""

import gzip
import random

import pytest

# FASTQ of mate 1 of each run; an unquoted S[1]_1.fastq.gz is a pattern of S1_1.fastq.gz, which stands beside it
NAMES = {
    "lane1": "-t 'x' \\n; touch x & $(touch x) `touch x` <~* {a_1.fastq.gz",
    "lane2": "S[1]_1.fastq.gz",
}
DECOY = "S1_1.fastq.gz"
PAIRS = [f"results/pairs/{dataset}/R1.nodups.pairs.gz" for dataset in ("A", "plain")]
COMPLEMENT = str.maketrans("ACGT", "TGCA")


def lines(path):
    with gzip.open(path, "rt") as file:
        return [line for line in file if not line.startswith("#")]


def write_reads(paths, chromosome, draw):
    """200 pairs of reads of 60 bases."""
    starts = [(draw.randrange(len(chromosome) - 60), draw.randrange(len(chromosome) - 60)) for _ in range(200)]
    for mate, path in enumerate(paths):
        with gzip.open(path, "wt") as file:
            for number, pair in enumerate(starts):
                bases = chromosome[pair[mate] : pair[mate] + 60]
                bases = bases.translate(COMPLEMENT)[::-1] if mate else bases
                file.write(f"@{number}\n{bases}\n+\n{'I' * 60}\n")


@pytest.fixture
def renamed(study, monkeypatch):
    """A study of two datasets of the same reads: A with the names above, in the folder where it runs, and plain."""
    draw = random.Random(1)
    chromosome = "".join(draw.choices("ACGT", k=30000))
    study.path("genome.fa").write_text(f">chr1\n{chromosome}\n")
    study.enter("fastq", "", "genome.fa")
    del study.datasets[0]["path"]
    study.datasets.append({**study.datasets[0], "dataset": "plain"})
    names = [name.replace("_1.", f"_{mate}.") for name in (*NAMES.values(), DECOY) for mate in (1, 2)]
    for files in zip(names[::2], names[1::2], strict=True):
        write_reads([study.path(file) for file in files], chromosome, draw)
    for run, name in NAMES.items():
        for dataset in ("A", "plain"):
            row = {"dataset": dataset, "library": "R1", "run": run}
            for mate in (1, 2):
                row[f"fastq_{mate}"] = name.replace("_1.", f"_{mate}.")
                if dataset == "plain":
                    copy = f"{run}_{mate}.fastq.gz"
                    study.path(copy).write_bytes(study.path(row[f"fastq_{mate}"]).read_bytes())
                    row[f"fastq_{mate}"] = copy
            study.runs.append(row)
    monkeypatch.setenv("TMPDIR", str(study.path("tmp of $(touch x) {user}")))
    return study


def test_reads_of_any_name_are_mapped_as_the_same_reads_of_plain_names(renamed):
    renamed.make(*PAIRS)
    of_any_name, plain = (lines(renamed.path(path)) for path in PAIRS)
    assert of_any_name == plain and len(plain) > 350
    scratch = renamed.path("tmp of $(touch x) {user}")
    assert scratch.is_dir() and not list(scratch.glob("tmp.*"))
    assert not list(renamed.path().rglob("x"))


def test_reads_of_any_name_are_cut_into_chunks(renamed):
    renamed.config["mapping"] = {"chunks": 2}
    renamed.make("--notemp", *(f"results/mapping/A/chunks/R1.{run}.1-of-2_1.fastq.gz" for run in NAMES))
    for run, name in NAMES.items():
        parts = [renamed.path(f"results/mapping/A/chunks/R1.{run}.{part}-of-2_1.fastq.gz") for part in (1, 2)]
        assert sum(map(lines, parts), []) == lines(renamed.path(name))
    assert not list(renamed.path().rglob("x"))
