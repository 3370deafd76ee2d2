"""Both engines of mapping give the same pairs, duplicates, pixels and weights on real reads of yeast.

What distiller-nf gave is in tests/data/distiller_yeast.json, made by `python tests/workflow/test_engines.py FOLDER` on
a run of it, and the native engine is always held against that. With a checkout of distiller-nf, named by DISTILLER_NF,
both engines run (--optin), one of them killed and resumed.
"""

import gzip
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import cooler
import numpy as np
import pandas as pd
import pytest
import yaml
from studies import assert_same_map, snakemake

ROOT = Path(__file__).resolve().parents[2]
KNOWN = ROOT / "tests" / "data" / "distiller_yeast.json"
DATASETS = ("MATa", "MATalpha")
MAPS = [f"results/coolers/{dataset}.cool" for dataset in DATASETS]
FILES = MAPS + [f"results/pairs/{dataset}/{dataset}_R{i}.nodups.pairs.gz" for dataset in DATASETS for i in (1, 2)]


def digest(content):
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def fingerprint(folder):
    """Counts of every library and map of a folder with results, and digests of its pairs, pixels and weights."""
    digests = {"libraries": {}, "maps": {}}
    for dataset in DATASETS:
        for path in sorted((folder / "results" / "pairs" / dataset).glob("*.nodups.pairs.gz")):
            with gzip.open(path, "rb") as file:
                rows = sorted(line for line in file if not line.startswith(b"#"))
            stats = pd.read_csv(
                path.with_name(path.name.partition(".")[0] + ".stats"), sep="\t", header=None, dtype=str
            )
            counts = {key: int(value) for key, value in stats.to_numpy() if value.isdigit() and "freq" not in key}
            digests["libraries"][path.name.partition(".")[0]] = {
                "stats": {key: counts[key] for key in sorted(counts) if "/" not in key},
                "all_stats": digest(json.dumps(counts, sort_keys=True).encode()),
                "pairs": len(rows),
                "pairs_digest": digest(b"".join(rows)),
            }
        clr = cooler.Cooler(str(folder / "results" / "coolers" / f"{dataset}.cool"))
        pixels, weights = clr.pixels()[:].astype(np.int64), clr.bins()["weight"][:].to_numpy()
        digests["maps"][dataset] = {
            "contacts": int(pixels["count"].sum()),
            "pixels": len(pixels),
            "pixels_digest": digest(pixels.to_numpy().tobytes()),
            "filtered_bins": int(np.isnan(weights).sum()),
            # to nine digits, so that another order of sums on another machine does not count
            "weights_digest": digest(" ".join(f"{weight:.9g}" for weight in weights).encode()),
        }
    return digests


def yeast(folder, shared, *arguments, path=None, **mapping):
    """Write the config of the yeast study to a folder of its own; returns Snakemake's arguments to run it there."""
    config = yaml.safe_load((ROOT / "config" / "yeast" / "config.yaml").read_text())
    data = shared / "data" / "yeast"
    config["paths"] = {
        "reads": str(data / "fastq"),
        "genome": str(data / "genome"),
        "map": str(data / "maps" / "scer_g1_2kb_SRR8769554.cool"),
    }
    # so few reads balance well in large bins only
    config["geometry"] = {"bin_size": 20000, "pools": [4, 2, 4, 5, 5, 5, 5], "window": 1280000, "crop": 80000}
    config["mapping"] = mapping
    (folder / "config").mkdir(parents=True, exist_ok=True)
    for name in ("datasets.tsv", "runs.tsv"):
        shutil.copy(ROOT / "config" / "yeast" / name, folder / "config")
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump(config))
    return [*arguments, "--configfile", str(folder / "config" / "config.yaml")]


def make(folder, *arguments, env=None, **options):
    status, output = snakemake(ROOT, folder, *yeast(folder, *arguments, **options), env=env)
    assert status == 0, output[-6000:]
    return output


@pytest.fixture(scope="module")
def native(tmp_path_factory, shared):
    """A folder in which the native engine has mapped all reads, each run in one piece."""
    folder = tmp_path_factory.mktemp("native")
    make(folder, shared, *FILES, engine="native", chunks=1)
    return folder


@pytest.mark.slow
def test_the_native_engine_gives_what_distiller_gave_on_real_reads(native):
    native_digests, known = fingerprint(native), json.loads(KNOWN.read_text())
    assert native_digests["libraries"] == known["libraries"]
    assert native_digests["maps"] == known["maps"]


@pytest.mark.slow
def test_reads_give_the_known_counts_in_one_piece_and_in_three(native, shared):
    """The counts that distiller gives for the same 10,000 read pairs."""
    from akitaflow.mapping.statistics import library_row, read_stats

    library = "results/pairs/MATa/MATa_R1"
    counts = []
    for chunks in (1, 3):
        if chunks > 1:
            make(native, shared, f"{library}.stats", "--forcerun", "merge_dedup", engine="native", chunks=chunks)
        stats = library_row(read_stats(native / f"{library}.stats"))
        known = {"read_pairs": 10000, "unmapped": 1112, "one_sided": 3773, "mapped": 5115, "duplicates": 3}
        assert {name: stats[name] for name in known} == known
        with gzip.open(native / f"{library}.nodups.pairs.gz", "rt") as file:
            counts.append([line for line in file if not line.startswith("#")])
    assert len(counts[0]) == 5112
    assert sorted(counts[0]) == sorted(counts[1])
    assert not list(native.glob("results/mapping/MATa/runs/*"))  # intermediate files are gone


def test_the_stored_results_of_distiller_are_of_all_reads():
    known = json.loads(KNOWN.read_text())
    assert sum(library["stats"]["total"] for library in known["libraries"].values()) == 50000
    for library in known["libraries"].values():
        assert library["pairs"] == library["stats"]["total_nodups"] > 5000
    assert all(known["maps"][dataset]["contacts"] > 10000 for dataset in DATASETS)


@pytest.fixture
def both(tmp_path):
    """Variables of a process that finds Nextflow and all that distiller-nf calls, and its checkout."""
    checkout = os.environ.get("DISTILLER_NF")
    if not checkout:
        pytest.skip("needs a checkout of distiller-nf, named by the variable DISTILLER_NF")
    env = {**os.environ, "PATH": f"{ROOT / '.nextflow.installed' / 'bin'}:{os.environ['PATH']}"}
    for program in ("nextflow", "pairix"):
        if shutil.which(program, path=env["PATH"]) is None:
            pytest.skip(f"needs {program}")
    return env, checkout


@pytest.mark.optin
def test_both_engines_give_every_pair_pixel_and_weight_alike_also_after_a_kill(tmp_path, shared, both):
    env, checkout = both
    native, other = tmp_path / "native", tmp_path / "distiller"
    make(native, shared, *FILES, engine="native")
    shutil.copytree(native / "results" / "genomes", other / "results" / "genomes")
    options = {"path": checkout, "cpus": 2, "memory_gb": 4, "chunk_size": 4000}
    engine = {"engine": "distiller", "distiller": options}

    # killed after the first reads are mapped: Snakemake, the script and Nextflow at once, so that steps live on
    call = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", other, "--cores", "2"]
    call += yeast(other, shared, *FILES, **engine)
    process = subprocess.Popen(
        list(map(str, call)), cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    end = time.monotonic() + 900
    while not (chunks := mapped(other)) and process.poll() is None and time.monotonic() < end:
        time.sleep(0.2)
    assert chunks and process.poll() is None
    process.kill()
    process.wait()
    for parent in heads(other):
        os.kill(parent, signal.SIGKILL)
    before = {path: path.stat().st_mtime_ns for path in mapped(other)}
    make(other, shared, "--unlock", **engine, env=env)
    make(other, shared, *FILES, "--rerun-incomplete", **engine, env=env)
    assert before
    assert fingerprint(native) == fingerprint(other) == json.loads(KNOWN.read_text())
    for path in MAPS:
        one, two = (cooler.Cooler(str(folder / path)) for folder in (native, other))
        pd.testing.assert_frame_equal(one.pixels()[:], two.pixels()[:])
        np.testing.assert_array_equal(one.bins()["weight"][:], two.bins()["weight"][:])

    # another option must not be answered with what is there
    options["chunk_size"] = 0
    make(other, shared, *FILES, **{**engine, "max_mismatch": 50}, env=env)
    changed = fingerprint(other)
    stats = [
        digests["libraries"]["MATalpha_R1"]["stats"]["total_dups"]
        for digests in (json.loads(KNOWN.read_text()), changed)
    ]
    assert stats[0] < stats[1]
    make(native, shared, *FILES, engine="native", max_mismatch=50)
    assert fingerprint(native) == changed


@pytest.mark.optin
def test_reads_become_a_figure_with_distiller_in_one_graph_of_jobs(study, finished, both, monkeypatch):
    """The tiny study with this engine: reads, distiller-nf, map, targets, training, evaluation, figure."""
    env, checkout = both
    monkeypatch.setenv("PATH", env["PATH"])
    options = {"path": checkout, "cpus": 2, "memory_gb": 4}
    study.config["mapping"] = {"engine": "distiller", "distiller": options}
    output = study.make("results/figures/figure_1c.png")
    for rule in ("simulate_reads", "run_distiller", "compute_targets", "train_model", "evaluate_model", "figure_1c"):
        assert f"rule {rule}:" in output
    assert "rule map_run:" not in output
    # distiller-nf passes on the pairs of the native engine, so everything that follows is the same, too
    assert_same_map(finished.path("results/coolers/A.cool"), study.path("results/coolers/A.cool"))
    for name in ("evaluation/main/metrics.tsv", "figures/figure_1c.tsv"):
        assert study.path("results", name).read_bytes() == finished.path("results", name).read_bytes()


def mapped(folder):
    return sorted((folder / "results" / "distiller").glob("*/*/mapped_parsed_sorted_chunks/*.pairsam.gz"))


def heads(folder):
    """Processes of Nextflow, and of the script that started it, in a folder."""
    lines = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            call = Path("/proc", name, "cmdline").read_bytes()
            inside = str(folder).encode() in call or os.readlink(f"/proc/{name}/cwd").startswith(str(folder))
        except OSError:  # gone, or someone else's
            continue
        if inside and (b"nextflow.cli.Launcher" in call or b"snakemake" in call):
            lines.append(int(name))
    return lines


if __name__ == "__main__":
    print(json.dumps(fingerprint(Path(sys.argv[1])), indent=1, sort_keys=True))
