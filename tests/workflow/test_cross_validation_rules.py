"""Cross-validation through the rules: parts of one draw, and their accuracy in one table."""

import pandas as pd
import pytest


@pytest.fixture
def parts(finished, study):
    """The tiny study in three parts, from the finished one's map."""
    study.enter("cool", finished.path("results/coolers/A.cool"), finished.path("results/simulation/human.fa"))
    study.config["splits"]["main"]["cross_validation"] = 3
    return study


def contigs(study, part):
    return pd.read_csv(study.path(f"results/split/main_{part}/contigs.tsv"), sep="\t")


def test_the_parts_of_a_split_divide_the_contigs(parts):
    parts.make(*(f"results/split/main_{part}/windows.tsv" for part in (1, 2, 3)))
    first = contigs(parts, 1)
    tested = sum((contigs(parts, part)["fold"] == "test").astype(int) for part in (1, 2, 3))
    assert (tested == 1).all() and set(first["group"]) == {1, 2, 3}
    for part in (1, 2, 3):
        table = contigs(parts, part)
        pd.testing.assert_frame_equal(table.drop(columns="fold"), first.drop(columns="fold"))
        windows = pd.read_csv(parts.path(f"results/split/main_{part}/windows.tsv"), sep="\t")
        assert set(windows["fold"]) == {"train", "valid", "test"}
        for fold, group in (("test", part), ("valid", part % 3 + 1)):
            assert set(table.loc[table["fold"] == fold, "group"]) == {group}


def test_every_part_is_trained_and_the_table_has_all(parts):
    output = parts.make("--dry-run")
    for job in ("train_model", "evaluate_model"):
        assert f"{job} 3" in " ".join(output.split("Job stats:")[1].split()), job
    assert "results/cross_validation/main.tsv" in output


@pytest.mark.optin
def test_the_table_of_a_cross_validation_has_every_part(parts):
    parts.make("results/cross_validation/main.tsv")
    table = pd.read_csv(parts.path("results/cross_validation/main.tsv"), sep="\t", dtype={"fold": str})
    assert (
        list(table["fold"]) == ["1", "2", "3", "mean", "sd"] * 2 and list(table["dataset"]) == ["A"] * 5 + ["all"] * 5
    )
    for part in (1, 2, 3):
        own = pd.read_csv(parts.path(f"results/evaluation/main_{part}/metrics.tsv"), sep="\t").iloc[0]
        row = table[(table["dataset"] == "A") & (table["fold"] == str(part))].iloc[0]
        assert row["mse"] == pytest.approx(own["mse"]) and row["n_windows"] == own["n_windows"]
