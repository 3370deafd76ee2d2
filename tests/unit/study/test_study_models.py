"""What a study tells of its models and of their analyses, by which the rules find files, GPUs and settings."""

import copy
from dataclasses import replace

import pytest
import yaml
from places import ROOT

from akitaflow.study.loading import load


@pytest.fixture(scope="module")
def demo():
    """A function that gives the study of the miniature with some values of its filled config replaced."""
    folder = ROOT / "demo" / "config"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT / "demo")
        study = load(yaml.safe_load((folder / "config.yaml").read_text()), folder, "config.yaml", ROOT)

    def changed(values=()):
        config = copy.deepcopy(study.config)
        for path, value in dict(values).items():
            *blocks, key = path.split(".")
            block = config
            for name in blocks:
                block = block[name]
            block[key] = value
        return replace(study, config=config)

    return changed


def test_genomes_follow_the_model_unless_the_config_names_one(demo):
    study = demo()
    assert (study.split_of_model("main"), study.genome_of_model("main")) == ("main", "human")
    assert study.genome_of_deletion("lmo2", "main") == "human"
    assert demo({"deletions.lmo2.genome": "mouse"}).genome_of_deletion("lmo2", "main") == "mouse"
    predictions = {"own": {"model": "main", "genome": None}, "other": {"model": "main", "genome": "mouse"}}
    study = demo({"predictions": predictions})
    assert [study.genome_of_prediction(name) for name in predictions] == ["human", "mouse"]
    assert demo({"models.main.split": "mouse"}).genome_of_model("main") == "mouse"


@pytest.mark.parametrize(
    "device, gpus, predicting, training",
    [
        ("cpu", 1, 0, 0),
        ("cpu", "all", 0, 0),
        ("auto", 1, 1, 1),
        ("gpu", 1, 1, 1),
        ("gpu", 4, 1, 4),
        ("auto", "all", 1, 1),
    ],
)
def test_gpus_follow_the_device_and_those_of_a_training_the_config(demo, device, gpus, predicting, training):
    study = demo({"models.main.training.device": device, "models.main.training.gpus": gpus})
    assert (study.gpus_of_model("main"), study.gpus_of_training("main")) == (predicting, training)


def test_enzymes_and_ceilings_are_those_of_the_compared_datasets(demo):
    study = demo()
    assert study.enzymes_of_model("main") == {name: study.datasets.loc[name, "enzyme"] for name in ("A", "B")}
    assert study.datasets_with_ceiling("main") == ["A", "B"]
    assert demo({"evaluation.ceiling": False}).datasets_with_ceiling("main") == []
    with_records = demo({"splits.main.records": {"outputs": ["A", "B"]}})
    assert with_records.compared_outputs("main") == ["A", "B"] and with_records.datasets_with_ceiling("main") == []


@pytest.mark.parametrize("filters, times", [({"high": 96}, 3), ({"high": 16}, 1), (None, 1)])
def test_a_search_asks_for_the_memory_of_its_largest_trial(demo, filters, times):
    study = demo({"search.space.filters": filters})
    assert study.config["models"]["main"]["architecture"]["stem_filters"] == 32
    assert study.filters_of_search("main") == times


def test_alternatives_with_other_targets_have_separate_records(demo):
    study = demo()
    assert study.records_of_alternative("base") == "results/records/main"
    assert study.records_of_alternative("zeros") == "results/comparison/zeros/records"
    plain = study.target_settings()
    assert "min_finite" not in plain and plain["missing"] != "zero"
    assert study.target_settings("zeros") == {**plain, "missing": "zero"}
    assert study.target_settings("max") == plain
    assert study.settings_of_alternative("max")["architecture"] == {"pairs": "max"}
    assert "description" not in study.settings_of_alternative("max")


def test_figures_of_alternatives_show_the_base_and_one_kind(demo):
    study = demo()
    about = study.alternatives_about("architecture")
    assert list(about)[0] == "base" and "lstm" in about and "zeros" not in about
    assert list(study.alternatives_about("tasks")) == ["base", "single_A", "single_B"]
    assert list(study.alternatives_about()) == ["base"]
    assert demo({"models": {}}).alternatives() == {}


@pytest.mark.parametrize("motifs, motif", [(["own", "CTCF"], "own"), ([], "CTCF")])
def test_one_motif_is_shown_and_deleted_whether_motifs_are_mutated_or_not(demo, motifs, motif):
    study = demo({"mutagenesis.motifs": motifs})
    assert (study.shown_motif(), study.motif_of_deletion("lmo2")) == (motif, motif)
    study = demo({"mutagenesis.motifs": motifs, "deletions.lmo2.sites.motif": "another"})
    assert (study.shown_motif(), study.motif_of_deletion("lmo2")) == (motif, "another")


def test_sites_in_the_margins_are_left_alone_where_the_config_says_so(demo):
    assert demo({"mutagenesis.margin": True}).motif_margin() == 0
    assert demo({"mutagenesis.margin": False}).motif_margin() == 512


def test_measured_maps_of_a_deletion(demo):
    study = demo()
    assert study.shown_deletion() == "lmo2" and study.output_of_deletion("lmo2") == "A"
    assert study.maps_of_deletion("lmo2") == ["A", "D"] and study.has_five_c("lmo2")
    assert demo({"deletions.lmo2.dataset": "B"}).maps_of_deletion("lmo2") == ["B", "D"]
    study = demo({"deletions.lmo2.dataset": "B", "deletions.lmo2.measured.wild_type": "A"})
    assert study.output_of_deletion("lmo2") == "B" and study.maps_of_deletion("lmo2") == ["A", "D"]
    study = demo({"deletions.lmo2.measured.deletion": None, "deletions.lmo2.five_c": None})
    assert study.maps_of_deletion("lmo2") == [] and not study.has_five_c("lmo2")
    study = demo({"deletions": {}})
    assert study.shown_deletion() is None
    assert study.maps_of_deletion(None) == [] and not study.has_five_c(None)


def test_sites_of_a_deletion_are_ranked_by_a_track_where_one_is_named(demo):
    assert demo({"deletions.lmo2.sites.track": None}).track_of_deletion("lmo2") is None
    study = demo({"deletions.lmo2.sites.track": "B"})
    assert study.track_of_deletion("lmo2") == "results/simulation/tracks/B.CTCF.bw"


@pytest.mark.parametrize("written, datasets", [(["B", "A"], ["B", "A"]), (None, ["A", "B"])])
def test_datasets_that_are_compared_with_each_other(demo, written, datasets):
    assert demo({"cell_types.datasets": written}).cell_type_datasets() == datasets
    assert demo({"cell_types.datasets": None, "models": {}}).cell_type_datasets() == []


@pytest.mark.parametrize(
    ("changes", "datasets"),
    [
        ({}, ["A", "B"]),
        ({"figures.dataset": "B"}, ["B", "A"]),
        ({"tracks": {}, "ctcf_independent.dataset": None}, ["A"]),
        ({"models": {}}, []),
    ],
)
def test_the_strength_of_patterns_is_drawn_for_every_dataset_with_tracks(demo, changes, datasets):
    assert demo(changes).strength_datasets() == datasets


def test_ctcf_independent_structure_needs_both_tracks(demo):
    study = demo()
    assert study.ctcf_independent_dataset() == "B"
    folder = "results/simulation/tracks"
    assert study.ctcf_independent_tracks() == [f"{folder}/B.CTCF.bw", f"{folder}/B.DNase.bw"]
    study = demo({"ctcf_independent.dataset": None, "tracks": {"A": {"CTCF": "a.bw"}}})
    assert study.ctcf_independent_dataset() == "A" and study.ctcf_independent_tracks() == []


def test_another_genome(demo):
    study = demo()
    assert (study.cross_species_genome(), study.cross_species_output()) == ("mouse", "A")
    assert study.cross_species_repeats() == "results/simulation/mouse.rmsk.txt.gz"
    assert demo({"cross_species.output": "B"}).cross_species_output() == "B"
    assert demo({"cross_species.output": None}).cross_species_output() == "A"
    study = demo({"cross_species.split": None})
    assert (study.cross_species_genome(), study.cross_species_repeats()) == (None, None)


def test_a_region_of_the_config_takes_its_target_from_maps(demo):
    assert demo().datasets_of_region("main") == []
    assert demo({"region_panels.window": "chr4:80000-86144"}).datasets_of_region("main") == ["A", "B"]


def test_downloaded_records_may_have_no_training_windows(demo):
    records = {"folder": "https://example.org/x", "statistics": "s.json", "sequences": "s.bed", "outputs": ["A", "B"]}
    study = demo()
    splits = study.config["splits"]
    for name, files in (("some", {"train": 3, "valid": 0, "test": 1}), ("none", {"train": 0, "valid": 0, "test": 1})):
        splits[name] = {**splits["main"], "records": {**records, "files": files}}
    splits["local"] = {**splits["none"], "records": {**splits["none"]["records"], "folder": "x"}}
    assert [study.has_training_windows(name) for name in ("main", "some", "none", "local")] == [True, True, False, True]


def test_files_of_published_numbers_are_named_once_in_order(demo, tmp_path, monkeypatch):
    header = ["id", "claim", "place", "expected", "tolerance", "file", "where", "column", "statistic", "note"]
    names = ["b", "a", "b"]
    rows = [
        [f"{name}{i}", "r", "p. 1", "1", "0", f"results/{name}.tsv", "", "r", "mean", ""]
        for i, name in enumerate(names)
    ]
    (tmp_path / "claims.tsv").write_text("".join("\t".join(row) + "\n" for row in [header, *rows]))
    monkeypatch.chdir(tmp_path)
    study = replace(demo(), claims="claims.tsv")
    assert study.claimed_files() == ["results/b.tsv", "results/a.tsv"]
