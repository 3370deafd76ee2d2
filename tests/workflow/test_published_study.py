"""The published study, as far as it can be planned without the net: what each target needs, and what is mapped."""

import shutil

import pandas as pd
import pytest
import yaml

from akitaflow.retrieve import ena

MAPPED = ["GM12878", "IMR90", "HCT116", "mESC"]  # the Hi-C datasets; reads of Micro-C need an account


@pytest.fixture
def paper(workflow, study):
    """A folder with the paper's configs."""
    shutil.copytree(workflow / "config", study.path("config"))
    study.write = lambda: None
    return study


def table(output):
    """Number of jobs of each rule."""
    rows = output.split("Job stats:")[1].split("\n\n")[0].splitlines()[3:]
    return {line.split()[0]: int(line.split()[1]) for line in rows if line.strip()}


def downloads(output):
    """Names of the files that are fetched."""
    lines = output.splitlines()
    at = [number for number, line in enumerate(lines) if line.endswith("rule download_file:")]
    return [next(line for line in lines[number:] if "output:" in line) for number in at]


def dry_run(study, config, *targets):
    return study.make("--configfile", study.path("config", config), "-n", *targets)


def test_from_pairs_nothing_is_mapped_and_nothing_comes_from_the_authors_bucket(paper):
    """The default target trains on the maps; the published weights and records may be gone."""
    output = dry_run(paper, "config.yaml")
    jobs = table(output)
    assert jobs["bin_pairs"] == 6 and jobs["train_model"] == 1 and jobs["compare_published_numbers"] == 1
    assert not {"run_distiller", "map_run", "import_model", "import_records"} & set(jobs)
    fetched = downloads(output)
    assert len(fetched) == jobs["download_file"] > 0
    assert not [name for name in fetched if "model_best" in name or name.endswith(".tfr")]


def test_claims_are_the_last_job_of_the_default_target(paper):
    """So that one run suffices: what the table names and the default target makes is an input."""
    output = dry_run(paper, "config.yaml")
    job = output.split("rule compare_published_numbers:")[1].split("output:")[0]
    for name in (
        "split/published/contigs.tsv",
        "split/published/windows.tsv",
        "evaluation/main/metrics.tsv",
        "motif_sweep/main/plan.tsv",
        "motif_sweep/main/motifs.tsv",
        "mutagenesis/main/CTCF/windows.tsv",
        "pattern_strength/main/HFF/correlations.tsv",
        "cell_types/main/windows.tsv",
        "cross_species/main/windows.tsv",
        "deletion/main/lmo2/subsets.tsv",
    ):
        assert f"results/{name}" in job
    assert "/published/metrics" not in job and "results/comparison" not in job


def test_the_reproduction_needs_two_files_of_records_and_no_map(paper):
    output = dry_run(paper, "config.yaml", "reproduce_published")
    jobs = table(output)
    needed = {"download_file", "import_records", "import_model", "evaluate_model", "compare_reproduced_numbers"}
    assert needed <= set(jobs) <= needed | {"prepare_genome", "reproduce_published", "total"}
    assert len([name for name in downloads(output) if name.endswith(".tfr")]) == 2


def test_all_analyses_can_be_run_with_the_published_weights(paper):
    """With all records nothing is left out but the training; with the test fold also what learns from others."""
    chosen = ["--config", "figures={model: published}"]
    jobs = table(dry_run(paper, "config.yaml", *chosen, "models={published: {split: authors}}"))
    assert {"fit_baselines", "figure_targets", "summarise_sweep"} <= set(jobs) and "train_model" not in jobs
    jobs = table(dry_run(paper, "config.yaml", *chosen))
    assert not {"fit_baselines", "figure_targets"} & set(jobs) and "summarise_sweep" in jobs


def test_from_reads_the_dataset_whose_runs_are_certain_is_mapped(paper):
    jobs = table(dry_run(paper, "from_reads/config.yaml", "maps"))
    expected = {"run_distiller": 1, "write_distiller_project": 1, "index_genome": 1, "check_fastq": 7, "bin_pairs": 5}
    assert {name: jobs[name] for name in expected} == expected
    assert jobs["download_file"] >= 2 * 7 + 5


def test_with_resolved_runs_every_hic_dataset_is_mapped_once(paper):
    """As docs/data.md says: the table of resolve_runs replaces runs.tsv, entries change, paths are emptied."""
    folder = paper.path("config/from_reads")
    datasets = pd.read_csv(folder / "datasets.tsv", sep="\t", comment="#", keep_default_na=False)
    datasets.loc[datasets["dataset"].isin(MAPPED), ["entry", "path"]] = ["fastq", ""]
    datasets.to_csv(folder / "datasets.tsv", sep="\t", index=False)
    rows = [
        {
            **{"dataset": dataset, "library": f"SRX{number}", "run": f"SRR{number}{run}", "read_count": 10},
            **{f"bytes_{mate}": 1000 for mate in (1, 2)},
            **{f"fastq_{mate}": f"https://example.org/SRR{number}{run}_{mate}.fastq.gz" for mate in (1, 2)},
            **{f"md5_{mate}": f"{number}{run}{mate}".zfill(32) for mate in (1, 2)},
        }
        for number, dataset in enumerate(("IMR90", "GM12878", "GM12878", "HCT116", "mESC"), start=1)
        for run in (1, 2)
    ]
    ena.write_runs(pd.DataFrame(rows, columns=ena.RUNS), folder / "runs.tsv")
    jobs = table(dry_run(paper, "from_reads/config.yaml", "maps"))
    expected = {"run_distiller": 4, "index_genome": 2, "check_fastq": 10, "import_distiller_map": 4, "bin_pairs": 2}
    assert {name: jobs[name] for name in expected} == expected


def test_the_table_of_accessions_is_resolved_by_the_config_from_reads(paper):
    jobs = table(dry_run(paper, "from_reads/config.yaml", "resolve_runs"))
    assert set(jobs) == {"resolve_runs", "total"}
    settings = yaml.safe_load(paper.path("config/from_reads/config.yaml").read_text())["mapping"]
    assert settings["engine"] == "distiller" and settings["distiller"]["executor"] == "slurm"
