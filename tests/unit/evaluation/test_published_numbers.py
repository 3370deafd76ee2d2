"""Published numbers beside measured ones: what is measured, when a claim holds, and what was not run."""

import json
import re

import h5py
import numpy as np
import pandas as pd
import pytest
from places import ROOT

from akitaflow.errors import InputError
from akitaflow.evaluation import published_numbers
from akitaflow.study.tables import read_claims

PAPER = ROOT / "config/claims.tsv"
HEADER = "id\tclaim\tplace\texpected\ttolerance\tfile\twhere\tcolumn\tstatistic\tnote\n"

METRICS = pd.DataFrame(
    {
        "dataset": ["A", "B", "all"],
        "fold": "test",
        "n_windows": 413,
        "pearson": [0.7, 0.52, 0.61238],
        "mse": [0.1, np.nan, 0.14],
    }
)


def table(tmp_path, *rows):
    path = tmp_path / "claims.tsv"
    path.write_text(HEADER + "".join("\t".join(row) + "\n" for row in rows))
    return path


def row(name="pearson", expected="0.61", tolerance="0.005", file="results/metrics.tsv", where="dataset == 'all'",
        column="pearson", statistic="value"):  # fmt: skip
    return (name, "The correlation is .61", "Results", expected, tolerance, file, where, column, statistic, "sure")


@pytest.fixture
def results(tmp_path, monkeypatch):
    """A folder with results, in which the test stands."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").mkdir()
    METRICS.to_csv("results/metrics.tsv", sep="\t", index=False)
    (tmp_path / "results/empty.tsv").write_text("")
    (tmp_path / "results/model.json").write_text(json.dumps({"best_epoch": 7, "training": {"momentum": 0.5}}))
    return {"results/metrics.tsv", "results/empty.tsv", "results/model.json"}


@pytest.mark.parametrize(
    ("where", "column", "statistic", "expected"),
    [
        ("dataset == 'all'", "pearson", "value", 0.61238),
        ("", "", "count", 3),
        ("fold == 'valid'", "", "count", 0),
        ("dataset != 'all' and pearson > 0.6", "pearson", "value", 0.7),
        ("dataset != 'all'", "pearson", "mean", 0.61),
        ("", "pearson", "median", 0.61238),
        ("", "pearson", "min", 0.52),
        ("", "pearson", "max", 0.7),
        ("~dataset.str.contains('^a')", "pearson", "sum", 1.22),
        ("", "mse", "mean", 0.12),
    ],
)
def test_statistics_of_chosen_rows(where, column, statistic, expected):
    assert published_numbers.measure(METRICS, where, column, statistic) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("where", "column", "statistic", "reason"),
    [
        ("dataset == 'C'", "pearson", "value", "no row where dataset == 'C'"),
        ("", "pearson", "value", "3 rows where there should be one; statistic value is of one row"),
        ("", "spearman", "median", "no column 'spearman'; there are dataset, fold, n_windows, pearson, mse"),
        ("dataset == 'B'", "mse", "value", "no number in column mse"),
        ("nowhere == 1", "mse", "value", "nowhere == 1: .*nowhere"),
        ("dataset > 1", "", "count", "dataset > 1: "),
    ],
)
def test_what_is_not_there_is_not_measured(where, column, statistic, reason):
    with pytest.raises(published_numbers.NotMeasured, match=reason):
        published_numbers.measure(METRICS, where, column, statistic)


def judged(tmp_path, files, *rows):
    return published_numbers.judge(read_claims(table(tmp_path, *rows)), files).set_index("id")


def test_a_claim_holds_within_its_tolerance_and_fails_beyond(tmp_path, results):
    found = judged(
        tmp_path,
        results,
        row("inside"),
        row("below", expected="0.62"),
        row("mean", expected="0.6", tolerance="0.01", where="", statistic="mean"),
        row("json", expected="7", tolerance="0", file="results/model.json", where="", column="best_epoch"),
        row("nested", expected="1", tolerance="0", file="results/model.json", where="", column="training.momentum"),
    )
    # the mean of .7, .52 and .61238 is .61079
    assert found["holds"].to_dict() == {
        "inside": "yes",
        "below": "no",
        "mean": "no",
        "json": "yes",
        "nested": "no",
    }
    assert found["measured"].tolist() == pytest.approx([0.61238, 0.61238, 0.610793, 7, 0.5], abs=1e-6)
    assert (found["remark"] == "").all()


def test_a_difference_of_exactly_the_tolerance_holds(tmp_path, results):
    found = judged(tmp_path, results, row(where="dataset == 'A'", expected="0.8", tolerance="0.1"))
    assert abs(0.7 - 0.8) > 0.1 and found["holds"].tolist() == ["yes"]  # in binary digits it is more


def test_without_a_number_a_claim_is_not_run(tmp_path, results):
    found = judged(
        tmp_path,
        results,
        row("elsewhere", file="results/motif_sweep/motifs.tsv"),
        row("empty", file="results/empty.tsv"),
        row("no_row", where="dataset == 'C'"),
        row("no_column", column="rank"),
    )
    assert (found["holds"] == "not run").all() and found["measured"].isna().all()
    assert found.loc["elsewhere", "remark"] == "results/motif_sweep/motifs.tsv is not there"
    assert found["remark"].str.len().gt(0).all()


def test_only_the_files_that_are_given_count(tmp_path, results):
    """So that the table says what its inputs say, not what another job happens to write meanwhile."""
    assert judged(tmp_path, set(), row())["holds"].tolist() == ["not run"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row(), row()], r"claims.tsv, row 3, column id: 'pearson' stands in row 2; write another"),
        ([row(expected=".6 or so")], r"row 2, column expected: found '.6 or so'; write a number"),
        ([row(tolerance="-1")], r"column tolerance: found -1.0; write a number of at least 0"),
        ([row(column="")], r"column column: empty, but the value of a column is asked for"),
        ([row(statistic="variance")], r"column statistic: found 'variance'; write one of value, count"),
        ([row(where="dataset = 'all'")], r"column where: \"dataset = 'all'\" is no expression; write one as fold =="),
        ([row(file="metrics.tsv")], r"column file: found 'metrics.tsv'; write text that matches"),
        ([row(file="")], r"column file: the cell is empty"),
        ([], r"the table has a header but no row; write one row per number, or claims: null"),
    ],
)
def test_mistakes_in_the_table_are_named(tmp_path, rows, message):
    with pytest.raises(InputError, match=message):
        read_claims(table(tmp_path, *rows))


def test_arrays_of_weights_are_a_table(tmp_path):
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file["layers/conv/vars/0"] = np.zeros((3, 4))
        file["layers/conv/vars/1"] = np.zeros(5)
    found = published_numbers.read_results(tmp_path / "w.h5").set_index("array")["size"].to_dict()
    assert found == {"layers/conv/vars/0": 12, "layers/conv/vars/1": 5}


@pytest.mark.tensorflow
def test_the_paper_s_expressions_count_parameters_as_keras_does(tmp_path):
    """Of a model of another size: all parameters, and those that are trained."""
    from akitaflow.model.folding_model import save_model
    from akitaflow.model.network import Architecture, build

    architecture = Architecture.from_params(json.loads((ROOT / "tests/data/tiny_params.json").read_text()))
    network = build(architecture, 3)
    save_model(tmp_path, network, {"architecture": architecture.to_dict(), "outputs": ["A", "B", "C"]})
    arrays = published_numbers.read_results(tmp_path / "model.weights.h5")
    paper = read_claims(PAPER).set_index("id")
    for name, expected in (
        ("parameters", network.count_params()),
        ("parameters_trainable", sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)),
    ):
        assert published_numbers.measure(arrays, paper.loc[name, "where"], "size", "sum") == expected
    assert paper.loc["parameters", "expected"] - paper.loc["parameters_trainable", "expected"] == 5504


def test_the_paper_s_claims_name_results_and_columns_that_exist():
    """Of each file docs/outputs.md has a row that names the column; expressions use columns of that row too."""
    rows = dict(re.findall(r"^\| `(results/[^`]+)` \| [^|]+ \| (.*) \|$", (ROOT / "docs/outputs.md").read_text(), re.M))
    patterns = {re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)): text for path, text in rows.items()}
    for claim in read_claims(PAPER).to_dict("records"):
        found = [text for pattern, text in patterns.items() if re.fullmatch(pattern, claim["file"])]
        assert found, f"{claim['id']}: no rule makes {claim['file']}"
        if claim["file"].endswith(".tsv"):
            names = set(re.findall(r"\w+", found[0]))
            used = {claim["column"]} - {""} | set(re.findall(r"(\w+) ==", claim["where"]))
            assert used <= names, f"{claim['id']}: {claim['file']} has no column {used - names}"


def test_the_paper_s_numbers_are_there():
    found = read_claims(PAPER).set_index("id")["expected"]
    assert found[["windows_train", "windows_valid", "windows_test"]].tolist() == [7008, 419, 413]
    assert found[["mse_published", "pearson_published", "spearman_published"]].tolist() == [0.14, 0.61, 0.56]
    assert found[["sweep_ctcf", "sweep_ctcfl"]].tolist() == [1, 2]
    assert found[["mouse_spearman", "mouse_spearman_b2"]].tolist() == [0.5, 0.55]
