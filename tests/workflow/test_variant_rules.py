"""Variants by the rules: the scores are those of the command and of Python, and a damaged file is found first."""

import gzip
import shutil

import numpy as np
import pandas as pd
import pybigtools
import pytest

import akitaflow
from akitaflow.cli import main
from akitaflow.genome.intervals import read_bed
from akitaflow.genome.sequence import Genome, decode
from akitaflow.variants.background import Background
from akitaflow.variants.runs import FLOAT_FORMAT, identity
from akitaflow.variants.scoring import Scorer, Settings
from akitaflow.variants.top import KINDS

pytestmark = pytest.mark.tensorflow

SCORING = ("prepare_genome", "check_variants", "score_random_variants", "score_variants")
SHOWING = ("predict_top_variants", "write_variant_coolers", "figure_variants", "write_variant_page")
ALLOWED = ("--allowed-rules", *SCORING, *SHOWING)
SHOWN = ("results/variants/calls/page.html", "results/variants/calls/maps", "results/figures/figure_variants_calls.png")
MODEL, BACKGROUND = "results/models/main", "results/variants/background/main"
N_RANDOM = 3


@pytest.fixture
def with_model(study, finished):
    """A study with the model and the windows of the finished one, and a VCF on its genome."""
    fasta = finished.path("results/genomes/human/genome.fa")
    study.enter("cool", "results/never.cool", fasta)
    shutil.copytree(finished.path(MODEL), study.path(MODEL))
    study.path("results/records/main").mkdir(parents=True)
    shutil.copy(finished.path("results/records/main/windows.tsv"), study.path("results/records/main"))
    text = decode(Genome(fasta).fetch("chr1", 0, 60000))
    lines = ["##fileformat=VCFv4.2", "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]
    for pos in (30000, 30001, 50000):
        lines.append(f"1\t{pos}\tsnv{pos}\t{text[pos - 1]}\t{'A' if text[pos - 1] != 'A' else 'C'}\t.\t.\t.")
    lines.append("1\t40000\tdel\tN\t<DEL>\t.\t.\tEND=40200")
    lines.append("1\t40000\tany\tN\t<NON_REF>\t.\t.\t.")
    study.path("calls.vcf").write_text("\n".join(lines) + "\n")
    study.config["variants"] = {"sets": {"calls": {"file": "calls.vcf"}}, "random": N_RANDOM}
    return study


def scores(path):
    return gzip.decompress(path.read_bytes()).decode()


def test_workflow_command_and_python_give_equal_scores(with_model):
    study = with_model
    study.make(*SHOWN, *ALLOWED)
    workflow_scores = scores(study.path("results/variants/calls/scores.tsv.gz"))
    table = pd.read_csv(study.path("results/variants/calls/scores.tsv.gz"), sep="\t")
    assert table["status"].tolist() == ["ok"] * 4 + ["unsupported_allele"]
    assert (table["disruption"][:4] > 0).all() and table["disruption_sd"][:4].notna().all()
    assert table["background_n"].tolist() == [N_RANDOM] * 4 + [0]
    status = pd.read_csv(study.path("results/variants/calls/status.tsv"), sep="\t")
    assert status[["status", "alleles"]].values.tolist() == [["ok", 4], ["unsupported_allele", 1]]
    alleles = pd.read_csv(study.path("results/variants/calls/alleles.tsv"), sep="\t", keep_default_na=False)
    assert alleles.values.tolist() == [["snv", "ok", 3], ["deletion", "ok", 1], ["", "unsupported_allele", 1]]
    top = pd.read_csv(study.path("results/variants/calls/top.tsv"), sep="\t")
    assert top["disruption"].tolist() == sorted(table["disruption"][:4], reverse=True)
    coolers = {path.name for path in study.path("results/variants/calls/maps").glob("*.mcool")}
    assert coolers == {f"{rank}.{kind}.mcool" for rank in range(1, 5) for kind in KINDS}
    # by command, which uses the random variants of the workflow
    fasta, held_out = study.path("results/genomes/human/genome.fa"), study.path(BACKGROUND, "held_out.bed")
    random = ["--held-out", held_out, "--background", study.path(BACKGROUND), "--random", N_RANDOM, "--seed", 3]
    stored = {path.name: path.stat().st_mtime_ns for path in study.path(BACKGROUND).glob("*_*.tsv.gz")}
    assert set(stored) == {"snv_1.tsv.gz", "deletion_128.tsv.gz"}
    arguments = ["-m", study.path(MODEL), "-f", fasta, "-o", study.path("out"), "--batch-size", 8, "-q", *random]
    assert main(["variants", *map(str, [study.path("calls.vcf"), *arguments])]) == 0
    assert scores(study.path("out", "scores.tsv.gz")) == workflow_scores
    assert {path.name: path.stat().st_mtime_ns for path in study.path(BACKGROUND).glob("*_*.tsv.gz")} == stored
    # in Python
    model, genome, settings = akitaflow.load_model(study.path(MODEL)), Genome(fasta), Settings()
    scorer = Scorer(model, genome, settings)
    background = Background(
        study.path(BACKGROUND), scorer, read_bed(held_out), identity(scorer), N_RANDOM, study.config["seed"]
    )
    table = model.score_variants(genome, study.path("calls.vcf"), settings=settings, background=background)
    assert table.to_csv(sep="\t", index=False, float_format=FLOAT_FORMAT) == workflow_scores


def test_a_damaged_file_is_found_before_anything_is_computed(with_model):
    with_model.path("calls.vcf").write_bytes(b"\x1f\x8b\x08\x04damaged")
    output = with_model.fails("results/variants/calls/scores.tsv.gz", *ALLOWED)
    assert "error: calls.vcf cannot be read" in output
    assert not with_model.path(BACKGROUND).exists()


EXPERIMENTS = (
    "saturate_region",
    "write_saturation_track",
    "figure_saturation",
    "insert_sequences",
    "figure_experiment",
)


def test_saturation_and_inserted_sequences_by_the_rules(with_model):
    study = with_model
    study.config["saturation"] = {"site": {"region": "chr1:30000-30004"}}
    arrangements = {name: {"sites": sites, "spacing": 640} for name, sites in (("one", ["x+"]), ("two", ["x+", "x-"]))}
    study.config["experiments"] = {
        "pairs": {"backgrounds": 2, "inserts": {"x": "TGGCCACCAGGGGGCGCTA"}, "arrangements": arrangements}
    }
    figures = [f"results/figures/figure_{name}.png" for name in ("saturation_site", "experiment_pairs")]
    study.make("results/saturation/site/A.bw", *figures, "--allowed-rules", "prepare_genome", *EXPERIMENTS)
    effects = pd.read_csv(study.path("results/saturation/site/effects.tsv"), sep="\t")
    assert effects["start"].tolist() == [30000, 30001, 30002, 30003] and (effects["effect"] > 0).all()
    with open(study.path("results/saturation/site/A.bw"), "rb") as file:
        values = pybigtools.open(file).values("chr1", 30000, 30004)
    np.testing.assert_allclose(values, effects["effect"], rtol=1e-4)
    # the command gives the same scores
    output = study.path("site.tsv")
    arguments = ["-m", study.path(MODEL), "-f", study.path("results/genomes/human/genome.fa"), "--batch-size", 8, "-q"]
    assert main(["mutagenesis", "chr1:30000-30004", "-o", str(output), *map(str, arguments)]) == 0
    assert output.read_text() == scores(study.path("results/saturation/site/scores.tsv.gz"))
    table = pd.read_csv(study.path("results/experiments/pairs/scores.tsv"), sep="\t")
    assert table["arrangement"].tolist() == ["one", "two"] * 2 and (table["disruption"] > 0).all()
    assert table["change_in_contact"].notna().tolist() == [False, True] * 2
