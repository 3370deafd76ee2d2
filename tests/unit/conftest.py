"""What tests of several packages share."""

import copy
import os
import shutil

import pytest
from configs import DATASETS, RUNS
from places import NEXTFLOW

from akitaflow.study import loading


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A small study in a folder of its own; the fixture's value loads it after an edit."""
    monkeypatch.chdir(tmp_path)
    for name in ("genome.fa", "a_1.fastq.gz", "a_2.fastq.gz", "c.cool"):
        (tmp_path / name).write_text("")
    raw = {
        "geometry": {"bin_size": 8, "pools": [2, 2, 2], "window": 128, "crop": 16, "diagonal_offset": 2},
        "genomes": {"toy": {"fasta": "genome.fa", "chromosomes": ["chr1", "chr2"]}},
        "splits": {"main": {"genome": "toy", "max_contig_bins": 64}},
        "models": {"main": {"split": "main"}},
    }
    rows = DATASETS + "A\ttoy\tfastq\t\ttrain\t30\nC\ttoy\tcool\tc.cool\tevaluate\t\n"
    runs = RUNS + "A\tR1\tlane1\ta_1.fastq.gz\ta_2.fastq.gz\n"

    def load(edit=None, datasets=rows, runs=runs):
        (tmp_path / "datasets.tsv").write_text(datasets)
        if runs is not None:
            (tmp_path / "runs.tsv").write_text(runs)
        changed = copy.deepcopy(raw)
        if edit is not None:
            edit(changed)
        return loading.load(changed, "", "config.yaml")

    load.rows, load.runs = rows, runs
    return load


@pytest.fixture(scope="session")
def nextflow():
    """The variables of a process that finds Nextflow."""
    path = f"{NEXTFLOW}:{os.environ['PATH']}"
    if shutil.which("nextflow", path=path) is None:
        pytest.skip("needs Nextflow: make nextflow puts it in place where java and mvn are")
    return {**os.environ, "PATH": path}
