"""Figures asked for by name: one, all panels of one, and those that the study cannot have."""

import re

import pytest


def jobs(output):
    """Number of jobs of each rule in a dry run."""
    return {rule: int(number) for rule, number in re.findall(r"^(\w+) +(\d+)$", output, re.M)}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("figure_1", {"figure_1a": 1, "figure_1b": 1, "figure_1c": 1}),
        ("figure_2", {"figure_2_panel": 4}),
        ("figure_2c", {"figure_2_panel": 1}),
        ("figure_3a", {"figure_3a": 1, "summarise_sweep": 1}),  # motif_sweep.run is false
        ("figure_3", {"figure_3a": 1}),  # the study has no other genome and no deletion
        ("supplement_6", {"supplement_6": 1}),
    ],
)
def test_a_figure_is_asked_for_by_its_name(study, target, expected):
    planned = jobs(study.make("--dry-run", "--quiet", "rules", "--", target))
    assert expected.items() <= planned.items()
    figures = {rule for rule in planned if rule.startswith(("figure_", "supplement_"))} - {target}
    assert figures <= set(expected)


@pytest.mark.parametrize(
    ("target", "lacking"),
    [
        ("figure_3c", "deletions is empty"),
        ("figure_3b", "cross_species.split is not given"),
        ("supplement_4", "model main has one output to compare only"),
        ("figure_ctcf_independent", "tracks.A lacks CTCF or DNase"),
    ],
)
def test_a_figure_that_lacks_an_input_is_an_error_of_one_line(study, target, lacking):
    lines = [line.strip() for line in study.fails("--dry-run", "--", target).splitlines()]
    assert [line for line in lines if line.endswith(f"{target} cannot be drawn: {lacking}")]
    assert not [line for line in lines if "KeyError" in line]


def test_a_study_without_models_has_no_figure_of_one(study):
    del study.config["models"]
    for target in ("figure_1b", "figure_2", "supplement_2"):
        assert "cannot be drawn: models is empty" in study.fails("--dry-run", "--", target)


@pytest.mark.parametrize(
    ("five_c", "lacking"),
    [(None, "measured.deletion and five_c"), ({"wild_type": "results/wild.gz"}, "five_c.deletion")],
)
def test_a_deletion_that_was_not_measured_is_listed_and_drawn(study, five_c, lacking):
    study.config["deletions"] = {"boundary": {"deletion": "chr1:60032-60288", "five_c": five_c}}
    study.make("results/run/left_out.tsv", "results/run/left_out.html")
    table = study.path("results/run/left_out.tsv").read_text()
    assert f"deletions.boundary lacks {lacking}" in table and "\nfigure_3c\t" not in table
    if five_c is None:
        assert jobs(study.make("--dry-run", "--quiet", "rules", "--", "figure_3c"))["figure_3c"] == 1
