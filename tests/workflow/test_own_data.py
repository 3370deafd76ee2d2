"""The walk of docs/own_data.md: its config, word for word, on a genome and a map whose names and ends do not agree."""

import gzip
import re

import cooler
import numpy as np
import pandas as pd
import pytest
import yaml
from places import ROOT
from studies import Study

PAGE = ROOT / "docs" / "own_data.md"
BIN = 2000
GAP = (120_000, 126_000)  # N in the first chromosome
# Name in the FASTA (up to the first blank), name in the map, bp of the FASTA, bp that the map lacks at the end.
CHROMOSOMES = [
    ("gi|101|ref|NC_1.2|", "1", 601_234, 0),
    ("7", "Chr.VII", 500_000, 4_000),
    ("Z_random:v2", "Z", 450_500, 0),
    ("scaffold_12", "12", 30_100, 0),  # shorter than a window
]
LEFT_OUT = ("MT", 20_000)  # of the map only

# What makes the page's study small enough for a test: windows of 32 bins and a network to match.
SMALL = {
    "geometry": {"window": 64000, "crop": 4000},
    "splits": {"main": {"max_contig_bins": 64, "stride_bins": {"train": 16, "valid": 16, "test": 16}}},
    "models": {
        "main": {
            "architecture": {
                "stem_filters": 4,
                "tower_filters": 4,
                "dilated_blocks": 1,
                "dilated_filters": 4,
                "bottleneck_filters": 4,
                "map_filters": 4,
                "map_blocks": 1,
                "map_block_filters": 4,
            },
            "training": {"epochs": 2, "steps_per_epoch": 4, "device": "cpu", "threads": 1},
        }
    },
    "evaluation": {"bootstrap": 20, "batch_size": 2},
    "depth": {"factors": [1, 2], "windows": 8},
}
MADE = [
    "figure_mapping",
    "figure_targets",
    "figure_training",
    "figure_1a",
    "figure_1b",
    "figure_1c",
    "figure_baselines",
]
MADE += ["supplement_2"]


def block(first):
    """The indented block of the page that begins with these words, as it would be copied."""
    match = re.search(rf"^    {re.escape(first)}.*\n(?:(?:    .*)?\n)*", PAGE.read_text(), re.M)
    return re.sub(r"^    ", "", match[0].rstrip() + "\n", flags=re.M)


def write_genome(path, draw):
    with gzip.open(path, "wt") as file:
        for name, _, length, _ in CHROMOSOMES:
            bases = draw.choice(np.frombuffer(b"ACGTacgt", np.uint8), length)
            if name == CHROMOSOMES[0][0]:
                bases[slice(*GAP)] = ord("N")
            text = bases.tobytes().decode()
            file.write(f">{name} some species, draft assembly\n")
            file.writelines(f"{text[low : low + 70]}\n" for low in range(0, length, 70))


def write_map(path, draw):
    """Contacts that fall off with distance, on chromosomes in another order than the FASTA's; balanced."""
    sizes = {name: length - lacks for _, name, length, lacks in reversed(CHROMOSOMES)} | dict([LEFT_OUT])
    bins = cooler.binnify(pd.Series(sizes), BIN)
    one, two = np.triu_indices(len(bins))
    same = bins["chrom"].to_numpy()[one] == bins["chrom"].to_numpy()[two]
    counts = draw.poisson(np.where(same, 300 / (1.0 + two - one), 0.5))
    pixels = pd.DataFrame({"bin1_id": one, "bin2_id": two, "count": counts})[counts > 0]
    cooler.create_cooler(str(path), bins, pixels, ordered=True)
    cooler.balance_cooler(cooler.Cooler(str(path)), mad_max=0, min_nnz=0, store=True)


@pytest.fixture(scope="module")
def own(tmp_path_factory, workflow):
    """The page's study with a genome and a map in place, run with the small sizes."""

    class Written(Study):
        """A study whose config is the page's."""

        def write(self):
            pass

    study = Written(tmp_path_factory.mktemp("own"), workflow)
    draw = np.random.default_rng(5)
    study.path("data").mkdir()
    study.path("config").mkdir()
    write_genome(study.path("data/mine.fa.gz"), draw)
    write_map(study.path("data/mine.cool"), draw)
    study.path("config/config.yaml").write_text(block("seed: 1"))
    study.path("config/datasets.tsv").write_text(block("dataset\tgenome").replace("\t0\n", "\t4000\n"))
    names = [f"{name}\t{new}\n" for new, name, _, _ in CHROMOSOMES]
    study.path("config/rename.tsv").write_text("".join([*names, f"{LEFT_OUT[0]}\t-\n"]))
    study.path("config/small.yaml").write_text(yaml.safe_dump(SMALL))
    return study


def contacts(clr, chrom):
    """Contacts within a chromosome; cooler takes names with colons as tuples only."""
    return int(clr.matrix(balance=False).fetch((chrom, None, None)).sum())


def small(study):
    return "--configfile", study.path("config/config.yaml"), study.path("config/small.yaml")


@pytest.fixture(scope="module")
def run(own):
    own.make("all", "depth_report", *small(own))
    return own


def test_the_config_of_the_page_is_valid_as_it_stands(own):
    assert 20 <= len(block("seed: 1").splitlines()) <= 30
    assert "rule train_model" in own.make("--dry-run")


def test_every_figure_is_made_or_listed_with_what_it_lacks(run):
    for name in MADE:
        for suffix in ("pdf", "png", "tsv"):
            assert run.path("results", "figures", f"{name}.{suffix}").stat().st_size > 0, name
    left_out = pd.read_csv(run.path("results/run/left_out.tsv"), sep="\t").set_index("figure")["reason"]
    assert {"figure_2b", "figure_2c", "figure_2d", "figure_2e", "figure_3a", "figure_3b"} <= set(left_out.index)
    assert {"figure_ctcf", "figure_ctcf_examples", "supplement_4", "supplement_6"} <= set(left_out.index)
    assert left_out["figure_ctcf"] == "mutagenesis.motifs is empty" and (left_out.str.len() > 10).all()
    drawn = {path.stem.split(".")[0] for path in run.path("results/figures").glob("*.png")}
    assert drawn == {*MADE, "figure_depth"} and not drawn & set(left_out.index)


def test_names_of_the_genome_are_used_everywhere_and_what_the_map_lacks_is_missing(run):
    clr = cooler.Cooler(str(run.path("results/coolers/mine.cool")))
    assert clr.chromsizes.to_dict() == {name: length for name, _, length, _ in CHROMOSOMES}
    assert np.isnan(clr.bins().fetch("7")["weight"].to_numpy()[-2:]).all()
    source = cooler.Cooler(str(run.path("data/mine.cool")))
    for name, map_name, _, _ in CHROMOSOMES:
        assert contacts(clr, name) == contacts(source, map_name) > 0


def test_no_window_touches_a_gap_and_short_contigs_have_none(run):
    windows = pd.read_csv(run.path("results/records/main/windows.tsv"), sep="\t", dtype={"chrom": str})
    windows = windows[windows["kept"]]
    assert set(windows["fold"]) == {"train", "valid", "test"}
    assert set(windows["chrom"]) == {name for name, *_ in CHROMOSOMES[:3]}
    first = windows[windows["chrom"] == CHROMOSOMES[0][0]]
    assert ((first["end"] <= GAP[0]) | (first["start"] >= GAP[1])).all()


def test_the_report_on_depth_has_a_row_per_bin_size_and_advice(run):
    report = pd.read_csv(run.path("results/depth/main/report.tsv"), sep="\t")
    assert list(report["bin_size"]) == [BIN, 2 * BIN]
    assert report["advice"].str.startswith("mine: at 2,000 bp a perfect prediction would reach r = ").all()


def test_the_model_is_evaluated_beside_its_baselines(run):
    metrics = pd.read_csv(run.path("results/evaluation/main/metrics.tsv"), sep="\t")
    assert list(metrics["dataset"]) == ["mine", "all"] and np.isfinite(metrics["mse"]).all()
    baselines = pd.read_csv(run.path("results/evaluation/main/baselines.tsv"), sep="\t")
    assert {"main", "mean_target", "local_composition", "ceiling"} <= set(baselines["model"])
