"""Folds under every option: no base in two of them; cross-validation tests every contig once, and names its parts."""

import copy

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from akitaflow.dataset import cross_validation
from akitaflow.dataset.split import FOLDS, assign_folds, cut_contigs, find_contigs
from akitaflow.dataset.windows import make_windows
from akitaflow.errors import InputError
from akitaflow.genome.intervals import COLUMNS, parse_region
from akitaflow.study import loading

FRACTIONS = {"train": 0.8, "valid": 0.1, "test": 0.1}
STRIDES = {"train": 3, "valid": 6, "test": 6}
BIN, WINDOW, LONGEST = 100, 12, 48


@st.composite
def genomes(draw):
    """Chromosome sizes and contigs of them, around gaps that are not on bin boundaries."""
    sizes = {f"chr{i}": draw(st.integers(6_000, 24_000)) for i in range(draw(st.integers(3, 6)))}
    gaps = []
    for chrom, size in sizes.items():
        for start in draw(st.lists(st.integers(0, size - 1), max_size=3)):
            gaps.append((chrom, start, min(size, start + draw(st.integers(1, 3_000)))))
    contigs = find_contigs(sizes, BIN, WINDOW, [pd.DataFrame(gaps, columns=COLUMNS)])
    return sizes, cut_contigs(contigs, BIN, LONGEST, WINDOW)


def covered(windows, sizes):
    """Which bases of the genome the windows cover."""
    bases = {chrom: np.zeros(size, bool) for chrom, size in sizes.items()}
    for chrom, start, end in windows[COLUMNS].itertuples(index=False):
        bases[chrom][start:end] = True
    return np.concatenate(list(bases.values()))


def assert_no_base_is_shared(contigs, sizes, seed):
    windows = make_windows(contigs, BIN, WINDOW, STRIDES, seed)
    folds = {fold: covered(windows[windows["fold"] == fold], sizes) for fold in FOLDS}
    assert (sum(bases.astype(int) for bases in folds.values()) <= 1).all()
    of_fold = {fold: covered(contigs[contigs["fold"] == fold], sizes) for fold in FOLDS}
    for fold in FOLDS:
        assert not (folds[fold] & ~of_fold[fold]).any()
    return folds


@settings(max_examples=15, deadline=None)
@given(genomes(), st.integers(0, 2**31), st.sampled_from(["draw", "chromosomes", "holdout", "both"]), st.data())
def test_no_base_is_in_two_folds_under_any_placement(genome, seed, option, data):
    sizes, contigs = genome
    placed = {}
    if option in ("chromosomes", "both"):
        placed["chromosomes"] = {"test": ["chr0"], "valid": ["chr1"]}
    if option in ("holdout", "both"):
        chrom = data.draw(st.sampled_from(sorted(set(contigs["chrom"]) - {"chr0", "chr1"} or {"chr0"})))
        if option == "both" and chrom == "chr0":
            return
        start = data.draw(st.integers(0, sizes[chrom] - 500))
        placed["holdout"] = [{"region": f"{chrom}:{start}-{start + 400}", "fold": "test"}]
    try:
        folds = assign_folds(contigs, FRACTIONS, seed, chromsizes=sizes, **placed)
    except InputError:  # a fold stays empty
        return
    bases = assert_no_base_is_shared(folds, sizes, seed)
    if option != "draw" and option != "holdout":
        starts = dict(zip(sizes, np.cumsum([0, *sizes.values()]), strict=False))
        chr0 = slice(starts["chr0"], starts["chr0"] + sizes["chr0"])
        assert not bases["train"][chr0].any() and not bases["valid"][chr0].any()
    if "holdout" in placed:
        region = parse_region(placed["holdout"][0]["region"])
        before = sum(size for chrom, size in list(sizes.items())[: list(sizes).index(region.chrom)])
        held = slice(before + region.start, before + region.end)
        assert not bases["train"][held].any() and not bases["valid"][held].any()


@settings(max_examples=15, deadline=None)
@given(genomes(), st.integers(0, 2**31), st.integers(3, 6))
def test_cross_validation_tests_every_contig_once_and_shares_no_base(genome, seed, k):
    sizes, contigs = genome
    if len(contigs) < k:
        with pytest.raises(InputError, match=f"{k} groups, but there are {len(contigs)} contigs"):
            cross_validation.assign_folds(contigs, k, 1, seed)
        return
    parts = [cross_validation.assign_folds(contigs, k, number, seed) for number in range(1, k + 1)]
    in_fold = {fold: sum((part["fold"] == fold).to_numpy().astype(int) for part in parts) for fold in FOLDS}
    assert (in_fold["test"] == 1).all() and (in_fold["valid"] == 1).all() and (in_fold["train"] == k - 2).all()
    for number, part in enumerate(parts, start=1):
        pd.testing.assert_frame_equal(part[COLUMNS], contigs)
        assert set(part["fold"]) == set(FOLDS)
        assert (part["group"] == parts[0]["group"]).all()
        assert set(part.loc[part["fold"] == "test", "group"]) == {number}
        assert set(part.loc[part["fold"] == "valid", "group"]) == {number % k + 1}
        assert_no_base_is_shared(part, sizes, seed)


def test_groups_are_of_about_equal_length_and_the_seed_decides_them():
    rng = np.random.default_rng(0)
    lengths = rng.integers(WINDOW, LONGEST, 100) * BIN
    contigs = pd.DataFrame({"chrom": [f"c{i}" for i in range(100)], "start": 0, "end": lengths})
    groups = []
    for seed in range(10):
        assigned = cross_validation.assign_folds(contigs, 5, 1, seed)
        filled = assigned["end"].groupby(assigned["group"]).sum()
        assert filled.max() - filled.min() <= 1.5 * WINDOW * BIN + BIN, filled  # the shortest contigs come last
        groups.append(tuple(assigned["group"]))
    assert len(set(groups)) == 10
    assert groups[3] == tuple(cross_validation.assign_folds(contigs, 5, 4, 3)["group"])


RAW = """
geometry: {bin_size: 8, pools: [2, 2, 2], window: 128, crop: 16, diagonal_offset: 2}
genomes: {toy: {fasta: genome.fa, chromosomes: [chr1, chr2]}}
splits:
  plain: {genome: toy, max_contig_bins: 64}
  main: {genome: toy, max_contig_bins: 64, cross_validation: 3}
models:
  other: {split: plain}
  main: {split: main}
  tuned: {split: main, start: {model: main}}
figures: {model: main}
"""


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Load the config above, with blocks of it changed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "genome.fa").write_text(">chr1\nACGT\n>chr2\nACGT\n")
    (tmp_path / "a.cool").write_text("")
    (tmp_path / "datasets.tsv").write_text("dataset\tgenome\tentry\tpath\nA\ttoy\tcool\ta.cool\n")

    def loaded(splits=None, models=None, raw=None, **blocks):
        raw = copy.deepcopy(raw or yaml.safe_load(RAW))
        for block, changes in (("splits", splits), ("models", models)):
            for name, keys in (changes or {}).items():
                raw[block][name] = {**raw[block].get(name, {}), **keys}
        return loading.load({**raw, **blocks}, "", "config.yaml")

    return loaded


def test_splits_and_models_are_written_out(load):
    study = load()
    assert list(study.config["splits"]) == ["plain", "main_1", "main_2", "main_3"]
    assert list(study.config["models"]) == ["other"] + [f"{name}_{i}" for name in ("main", "tuned") for i in (1, 2, 3)]
    assert study.config["splits"]["main_2"]["cross_validation"] == {"split": "main", "groups": 3, "number": 2}
    assert study.config["splits"]["plain"]["cross_validation"] is None
    assert study.config["models"]["main_3"]["split"] == "main_3"
    assert study.config["models"]["tuned_2"]["start"]["model"] == "main_2"  # which left out the same contigs
    assert study.config["figures"]["model"] == "main_1" and study.config["figures"]["dataset"] == "A"
    assert study.cross_validated == {name: [f"{name}_{i}" for i in (1, 2, 3)] for name in ("main", "tuned")}
    assert load(figures={"model": "tuned_3"}).config["figures"]["model"] == "tuned_3"


def test_the_config_as_written_gives_the_same_parts(load):
    study = load()
    written = yaml.safe_load(yaml.safe_dump(study.as_written()))
    again = load(raw=written)
    assert written["splits"]["main"]["cross_validation"] == 3
    assert again.config == study.config and again.cross_validated == study.cross_validated


def test_without_cross_validation_nothing_changes(load):
    study = load(splits={"main": {"cross_validation": None}})
    assert list(study.config["splits"]) == ["plain", "main"] and list(study.config["models"]) == [
        "other",
        "main",
        "tuned",
    ]
    assert study.cross_validated == {}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"splits": {"main": {"cross_validation": 2}}}, r"splits.main.cross_validation: found 2; write .* at least 3"),
        ({"splits": {"main": {"policy": "published"}}}, "repeats the published folds"),
        ({"splits": {"main": {"chromosomes": {"test": ["chr1"]}}}}, r"splits.main.chromosomes: .*delete chromosomes"),
        (
            {"splits": {"main": {"holdout": [{"region": "chr1:1-20", "fold": "test"}]}}},
            r"splits.main.holdout: with cross_validation every contig is in the test fold once",
        ),
        ({"splits": {"main_2": {"genome": "toy", "max_contig_bins": 64}}}, "names one of its parts main_2"),
        ({"models": {"tuned_1": {"split": "plain"}}}, "models.tuned: .* names one of its parts tuned_1"),
        (
            {"models": {"tuned": {"start": {"model": "other"}}}},
            r"models.tuned.start.model: other learns from split plain",
        ),
        ({"models": {"other": {"start": {"model": "main"}}}}, r"models.other.start.model: main learns from split main"),
        ({"figures": {"model": "main_4"}}, r"figures.model: 'main_4' is no model"),
    ],
)
def test_keys_that_contradict_cross_validation_are_refused(load, changes, message):
    with pytest.raises(InputError, match=message):
        load(**changes)


def test_the_summary_has_the_mean_and_spread_of_each_dataset():
    numbers = np.random.default_rng(1).random((3, 2, 3))
    tables = [
        pd.DataFrame(
            {
                "dataset": ["A", "all"],
                "fold": "test",
                "n_windows": 4 + part,
                **dict(zip(("mse", "pearson", "spearman"), numbers[part].T, strict=True)),
                "pearson_window_median": 0.0,
            }
        )
        for part in range(3)
    ]
    table = cross_validation.summarise(tables).set_index(["dataset", "fold"])
    assert list(table.index) == [(name, fold) for name in ("A", "all") for fold in (1, 2, 3, "mean", "sd")]
    assert table.loc[("A", 2), "pearson"] == numbers[1, 0, 1]
    spread = np.sqrt(((numbers[:, 1, 2] - numbers[:, 1, 2].mean()) ** 2).sum() / 2)
    assert np.isclose(table.loc[("all", "mean"), "spearman"], numbers[:, 1, 2].mean())
    assert np.isclose(table.loc[("all", "sd"), "spearman"], spread)
    assert table.loc[("A", "mean"), "n_windows"] == 5 and table.loc[("A", "sd"), "n_windows"] == 1


def test_the_methods_of_the_report_have_the_number_of_groups(load, root):
    import types

    import jinja2
    from docutils.core import publish_parts

    text = (root / "report" / "workflow.rst").read_text()
    rendered = {}
    for number in (1, None):
        study = load() if number else load(splits={"main": {"cross_validation": None}})
        environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
        rendered[number] = environment.from_string(text).render(snakemake=types.SimpleNamespace(config=study.config))
        publish_parts(rendered[number], writer_name="html", settings_overrides={"halt_level": 2})
    assert "3 groups of about equal length" in rendered[1] and "with the fractions" not in rendered[1]
    assert "groups" not in rendered[None] and "with the fractions" in rendered[None]
