"""Downloads through the real rules, from a server on this machine that cuts, refuses and changes bytes."""

import gzip
import hashlib
import os
import subprocess
import sys

import numpy as np
import pandas as pd

BASES = "".join(np.random.default_rng(5).choice(list("ACGT"), 40_000))
CONTENT = gzip.compress(f">chr1\n{BASES}\n".encode(), mtime=0)
MD5 = f"md5:{hashlib.md5(CONTENT).hexdigest()}"
SIZES = "results/genomes/human/chrom.sizes"


def enter(study, url):
    """Let the genome of a study be downloaded; its map, which nobody asks for, would be too."""
    study.enter("cool", f"{url}.cool", url)


def describe(study, *rows):
    """Give the study a table of resources."""
    study.config["resources"] = "resources.tsv"
    study.path("config").mkdir(exist_ok=True)
    pd.DataFrame(rows).to_csv(study.path("config/resources.tsv"), sep="\t", index=False)


def downloads(study):
    return sorted(path.name for path in study.path("results/downloads").glob("*"))


def test_a_transfer_that_was_cut_is_resumed_and_the_genome_prepared(study, server):
    enter(study, server.put("genome.fa.gz", CONTENT, "cut"))
    study.make(SIZES)
    assert study.path(SIZES).read_text() == "chr1\t40000\n"
    assert server.ranges() == [0, len(CONTENT) // 2]
    (name,) = downloads(study)
    assert study.path("results/downloads", name).read_bytes() == CONTENT


def test_a_file_that_is_not_there_fails_with_its_address_and_leaves_nothing(study, server):
    url = server.url("other.fa.gz")
    enter(study, url)
    output = study.fails(SIZES)
    assert f"error: {url}: the server answers 404" in output and "Traceback" not in output
    assert downloads(study) == [] and len(server.asked) == 1


def test_the_table_of_resources_gives_checksum_and_mirror(study, server):
    url = server.put("genome.fa.gz", CONTENT, "flip", "flip")
    enter(study, "{here}/genome.fa.gz")
    study.config["paths"] = {"here": server.url("")[:-1]}
    row = {"name": "genome", "url": "{here}/genome.fa.gz", "checksum": MD5, "size": len(CONTENT), "mirror": ""}
    describe(study, row)
    output = study.fails(SIZES)
    assert f"{url}: its checksum is md5:" in output and f"but {MD5} is expected" in output
    assert downloads(study) == []
    server.put("mirror.fa.gz", CONTENT)
    describe(study, row | {"mirror": "{here}/mirror.fa.gz"})
    study.make(SIZES)
    assert server.asked[-1][1] == "/mirror.fa.gz"
    # what is known later of a file that is there does not fetch it anew; the check compares it
    describe(study, row | {"mirror": "", "checksum": "md5:" + "0" * 32})
    assert "Nothing to be done" in study.make(SIZES)
    study.make("check_resources")
    verdicts = pd.read_csv(study.path("results/resources/check.tsv"), sep="\t").set_index("name")
    assert verdicts.loc["genome", "verdict"] == "other checksum" and verdicts.loc["genome", "checksum_found"] == MD5
    (cool,) = set(verdicts.index) - {"genome"}  # of the table of datasets; the server does not have it
    assert cool.endswith("genome.fa.gz.cool") and verdicts.loc[cool, "reachable"] == "no"


def test_runs_are_resolved_fetched_and_counted(study, server):
    reads = [gzip.compress(f"@r/{mate}\nACG{base}\n+\nIIII\n".encode(), mtime=0) for mate, base in ((1, "T"), (2, "A"))]
    files = [server.put(f"SRR1_{mate}.fastq.gz", data) for mate, data in enumerate(reads, start=1)]
    md5 = [hashlib.md5(data).hexdigest() for data in reads]
    report = {
        "run_accession": "SRR1",
        "experiment_accession": "SRX1",
        "library_layout": "PAIRED",
        "read_count": "1",
        "fastq_ftp": ";".join(files),
        "fastq_md5": ";".join(md5),
        "fastq_bytes": ";".join(str(len(data)) for data in reads),
    }
    study.config["file_report"] = server.put(
        "report", "\t".join(report).encode() + b"\n" + "\t".join(report.values()).encode()
    )
    output = study.fails("resolve_runs")
    assert "accessions.tsv; write a table" in output
    study.path("config/accessions.tsv").write_text("dataset\tlibrary\taccession\nA\tR1\tSRX1\n")
    study.make("resolve_runs")
    study.runs = pd.read_csv(study.path("results/runs/resolved.tsv"), sep="\t", comment="#").to_dict("records")
    check = "results/mapping/A/checks/R1.SRR1.tsv"
    study.make(check)
    assert list(pd.read_csv(study.path(check), sep="\t")["reads"]) == [1, 1]
    study.runs[0]["read_count"] = 2
    assert "have 1 read pairs, but 2 are expected" in study.fails(check)


STAND_INS = {
    "prefetch": "while [ $# -gt 1 ]; do [ $1 = --output-directory ] && folder=$2; shift; done; mkdir -p $folder/$1; "
    "echo $1 > $folder/$1/$1.sra",
    "vdb-validate": 'grep -q SRR77 $1/*.sra || { echo "$1 is corrupt" >&2; exit 3; }',
    "fasterq-dump": "while [ $# -gt 1 ]; do [ $1 = --outdir ] && folder=$2; shift; done; "
    'for mate in 1 2; do base=$(echo $mate | tr 12 TA); printf "@r/$mate\\nACG$base\\n+\\nIIII\\n" '
    "> $folder/$(basename $1)_$mate.fastq; done",
    "pigz": "for file; do case $file in *.fastq) gzip -f $file;; esac; done",
}


def test_runs_of_sra_are_fetched_validated_and_compressed(study, monkeypatch):
    """With stand-ins for the programs: what is tested is the order of steps, the files and what a failure leaves."""
    folder = study.path("programs")
    folder.mkdir()
    for name, text in STAND_INS.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    study.runs = [
        {"dataset": "A", "library": "R1", "run": run, "fastq_1": f"sra:{run}", "fastq_2": f"sra:{run}"}
        for run in ("SRR77", "SRR88")
    ]
    study.make("results/mapping/A/checks/R1.SRR77.tsv")
    assert downloads(study) == ["sra"]
    names = sorted(path.name for path in study.path("results/downloads/sra").iterdir())
    assert names == ["SRR77_1.fastq.gz", "SRR77_2.fastq.gz"]
    assert "is corrupt" in study.fails("results/mapping/A/checks/R1.SRR88.tsv")
    assert not list(study.path("results/downloads/sra").glob("SRR88*.gz"))


def test_the_published_study_needs_no_net_and_few_seconds_to_plan(tmp_path, workflow):
    """The time is that of a processor, which other work on the machine does not stretch."""
    before = os.times()
    process = subprocess.run(
        [sys.executable, "-m", "snakemake", "--snakefile", workflow / "Snakefile", "--directory", tmp_path, "-n"]
        + ["--configfile", workflow / "config/config.yaml", "--cores", "2", "--quiet"],
        cwd=workflow,
        env={**os.environ, "https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr[-3000:]
    after = os.times()
    assert after.children_user + after.children_system - before.children_user - before.children_system < 10
