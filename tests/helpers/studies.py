"""A study still smaller than the miniature, and the way to run the workflow on it."""

import copy
import os
import shutil
import tempfile
from pathlib import Path

import cooler
import numpy as np
import pandas as pd
import yaml
from places import ROOT
from snakemake_server import SERVER

# One dataset of 200 kb in windows of 16 bins: enough for every rule to run, not enough to learn anything.
TINY = {
    "seed": 3,
    "geometry": {"bin_size": 128, "pools": [2] * 7, "window": 2048, "crop": 256, "diagonal_offset": 2},
    "genomes": {"human": {"fasta": "results/simulation/human.fa"}},
    "datasets": "datasets.tsv",
    "runs": "runs.tsv",
    "splits": {
        "main": {
            "genome": "human",
            "max_contig_bins": 64,
            "stride_bins": {"train": 16, "valid": 16, "test": 16},
            "max_filtered": 0.5,
        }
    },
    "targets": {"expected": "genome", "min_finite": 0.1},
    "models": {
        "main": {
            "split": "main",
            "architecture": {
                "stem_filters": 8,
                "tower_filters": 8,
                "dilated_blocks": 1,
                "dilated_filters": 4,
                "bottleneck_filters": 8,
                "map_filters": 8,
                "map_blocks": 1,
                "map_block_filters": 4,
            },
            "training": {"optimizer": "adam", "learning_rate": 0.001, "epochs": 2, "device": "cpu", "threads": 1},
        }
    },
    "evaluation": {"bootstrap": 50},
    "mutagenesis": {"motifs": ["CTCF"], "draws": 1, "examples": 2},
    "simulation": {
        "genomes": {"human": {"chromosomes": {"chr1": 119808, "chr2": 79872}}},
        "datasets": {"A": {"genome": "human", "pairs": 100000}},
    },
}
DATASET = {"dataset": "A", "genome": "human", "entry": "fastq", "min_mapq": 30}
READS = "results/simulation/reads/A/{library}/{run}_{mate}.fastq.gz"
RUNS = [
    {
        "dataset": "A",
        "library": library,
        "run": run,
        **{f"fastq_{mate}": READS.format(library=library, run=run, mate=mate) for mate in (1, 2)},
    }
    for library, run in (("R1", "lane1"), ("R1", "lane2"), ("R2", "lane1"))
]


PARTS = ("akitaflow", "config", "envs", "profiles", "report", "resources", "rules", "scripts")  # beside the Snakefile


def copy_workflow(folder):
    """Copy the Snakefile and all that it needs to a folder, so that a test may edit it; returns the folder."""
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Snakefile", folder)
    return folder


def snakemake(workflow, folder, *arguments, env=None):
    """Run the Snakefile of a folder in another one, with these variables; returns (exit status, output)."""
    variables = {name: value for name, value in (env or os.environ).items() if name != "PYTHONDONTWRITEBYTECODE"}
    call = ["--snakefile", workflow / "Snakefile", "--directory", folder, "--cores", "2", *arguments]
    with tempfile.NamedTemporaryFile() as output:
        status = SERVER.run([str(argument) for argument in call], workflow, variables, output.name)
        return status, Path(output.name).read_text()


class Study:
    """A folder with a config and tables in which the workflow runs."""

    def __init__(self, folder, workflow):
        self.folder, self.workflow = Path(folder), workflow
        self.config = copy.deepcopy(TINY)
        self.datasets = [dict(DATASET)]
        self.runs = copy.deepcopy(RUNS)

    def copy(self, folder, workflow=None):
        """A copy of the study with its results, for another workflow if one is given."""
        shutil.copytree(self.folder, folder, symlinks=True, dirs_exist_ok=True)
        other = copy.deepcopy(self)
        other.folder, other.workflow = Path(folder), workflow or self.workflow
        return other

    def remove(self, *paths):
        """Remove files and folders of the study."""
        for path in map(self.path, paths):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def path(self, *parts):
        return self.folder.joinpath(*parts)

    def enter(self, entry, path, genome, **columns):
        """Let dataset A enter at a map of a finished study instead of at reads."""
        self.datasets = [{**DATASET, "entry": entry, "path": str(path), **columns}]
        self.runs = []
        self.config["genomes"]["human"]["fasta"] = str(genome)
        del self.config["simulation"]

    def write(self):
        folder = self.path("config")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.yaml").write_text(yaml.safe_dump(self.config))
        pd.DataFrame(self.datasets).to_csv(folder / "datasets.tsv", sep="\t", index=False)
        columns = dict.fromkeys(["dataset", "library", "run", "fastq_1", "fastq_2", *sum(map(list, self.runs), [])])
        pd.DataFrame(self.runs, columns=list(columns)).to_csv(folder / "runs.tsv", sep="\t", index=False)

    def snakemake(self, *arguments):
        """Run Snakemake in the folder; returns (exit status, output)."""
        self.write()
        return snakemake(self.workflow, self.folder, *arguments)

    def make(self, *arguments):
        """Run Snakemake and show its output if it fails."""
        status, output = self.snakemake(*arguments)
        assert status == 0, output[-6000:]
        return output

    def fails(self, *arguments):
        """Run Snakemake, which has to fail; returns its output."""
        status, output = self.snakemake(*arguments)
        assert status != 0, output[-6000:]
        return output


def pixels(path):
    clr = cooler.Cooler(str(path))
    return clr.pixels()[:], clr.bins()["weight"][:].to_numpy()


def assert_same_map(one, other):
    (pixels_one, weights_one), (pixels_other, weights_other) = pixels(one), pixels(other)
    pd.testing.assert_frame_equal(pixels_one, pixels_other)
    np.testing.assert_array_equal(weights_one, weights_other)
