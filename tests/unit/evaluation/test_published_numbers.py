"""Published numbers beside measured ones: what is measured, when a claim holds, and what was not run."""

import ast
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
HEADER = "id\tclaim\tplace\texpected\ttolerance\tfile\twhere\tcolumn\tstatistic\tnote\tcomparison\n"

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
        column="pearson", statistic="value", comparison=""):  # fmt: skip
    about = (name, "The correlation is .61", "Results", expected, tolerance)
    return (*about, file, where, column, statistic, "sure", comparison)


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
        ("", "pearson - 0.6", "share", 2 / 3),
        ("", "mse - 0.1", "share", 1 / 2),  # of the values that are there
        ("", "pearson ; n_windows / pearson", "spearman", -1),
        ("", "pearson ; mse", "spearman", -1),
        # an expression is of all rows: the second of .7, .61 and .52 as a share of the largest
        ("dataset == 'all'", "pearson / pearson.max()", "value", 0.61238 / 0.7),
        ("dataset == 'all'", "pearson / pearson.groupby(fold).transform('max')", "value", 0.61238 / 0.7),
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
        ("", "pearson / missing", "mean", "pearson / missing: .*missing"),
        ("", "pearson ; n_windows", "spearman", "pearson ; n_windows: 3 rows of which one column has a single value"),
    ],
)
def test_missing_columns_and_rows_are_not_measured(where, column, statistic, reason):
    with pytest.raises(published_numbers.NotMeasured, match=reason):
        published_numbers.measure(METRICS, where, column, statistic)


def judged(tmp_path, files, *rows):
    return published_numbers.judge(read_claims(table(tmp_path, *rows)), files).set_index("id")


def test_a_claim_holds_within_its_tolerance_and_fails_beyond(tmp_path, results):
    table = judged(
        tmp_path,
        results,
        row("inside"),
        row("below", expected="0.62"),
        row("mean", expected="0.6", tolerance="0.01", where="", statistic="mean"),
        row("json", expected="7", tolerance="0", file="results/model.json", where="", column="best_epoch"),
        row("nested", expected="1", tolerance="0", file="results/model.json", where="", column="training.momentum"),
    )
    # the mean of .7, .52 and .61238 is .61079
    assert table["holds"].to_dict() == {
        "inside": "yes",
        "below": "no",
        "mean": "no",
        "json": "yes",
        "nested": "no",
    }
    assert table["measured"].tolist() == pytest.approx([0.61238, 0.61238, 0.610793, 7, 0.5], abs=1e-6)
    assert (table["remark"] == "").all()


def test_a_count_of_no_rows_says_so(tmp_path, results):
    """The count may be right, or a name in ``where`` mistyped."""
    counted = {"column": "", "statistic": "count", "tolerance": "0"}
    table = judged(
        tmp_path,
        results,
        row("some", expected="1", where="dataset == 'A'", **counted),
        row("none", expected="0", where="dataset == 'a'", **counted),
    )
    assert table["holds"].tolist() == ["yes", "yes"]
    assert table["remark"].tolist() == ["", "no row where dataset == 'a'"]


def test_a_difference_of_exactly_the_tolerance_holds(tmp_path, results):
    table = judged(tmp_path, results, row(where="dataset == 'A'", expected="0.8", tolerance="0.1"))
    assert abs(0.7 - 0.8) > 0.1 and table["holds"].tolist() == ["yes"]  # in binary digits it is more


@pytest.mark.parametrize(
    ("comparison", "expected", "verdict"),
    [
        ("equal", 0.6, "no"),
        ("equal", 0.615, "yes"),
        ("at_least", 0.5, "yes"),
        ("at_least", 0.615, "yes"),
        ("at_least", 0.62, "no"),
        ("at_most", 0.7, "yes"),
        ("at_most", 0.61, "yes"),
        ("at_most", 0.6, "no"),
    ],
)
def test_kinds_of_comparison(tmp_path, results, comparison, expected, verdict):
    """Of .61238 with a number, within .005."""
    table = judged(tmp_path, results, row(comparison=comparison, expected=str(expected)))
    assert table["holds"].tolist() == [verdict]


@pytest.mark.parametrize(
    ("file", "target"),
    [
        ("results/evaluation/published/metrics.tsv", "reproduce_published"),
        ("results/comparison/comparison.tsv", "compare_models"),
        ("results/motif_sweep/published/motifs.tsv", "results/motif_sweep/published/motifs.tsv"),
    ],
)
def test_what_is_not_run_names_the_command_that_runs_it(tmp_path, results, file, target):
    table = judged(tmp_path, results, row("measured"), row("missing", file=file), row("empty", where="dataset == 'C'"))
    commands = ["", f"snakemake --use-conda --cores all {target}", ""]
    assert table["command"].tolist() == commands


def test_without_a_number_a_claim_is_not_run(tmp_path, results):
    table = judged(
        tmp_path,
        results,
        row("elsewhere", file="results/motif_sweep/motifs.tsv"),
        row("empty", file="results/empty.tsv"),
        row("no_row", where="dataset == 'C'"),
        row("no_column", column="rank"),
    )
    assert (table["holds"] == "not run").all() and table["measured"].isna().all()
    assert table.loc["elsewhere", "remark"] == "results/motif_sweep/motifs.tsv is not there"
    assert table["remark"].str.len().gt(0).all()


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
        ([row(comparison="above")], r"column comparison: found 'above'; write one of equal, at_least, at_most"),
        ([row(statistic="spearman")], r"'pearson' has 1 columns, statistic spearman is of 2; write x ; y"),
        ([row(column="pearson ; mse")], r"'pearson ; mse' has 2 columns, statistic value is of 1; write x"),
        ([row(column="pearson -")], r"column column: 'pearson -' is no expression"),
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
    sizes = published_numbers.read_results(tmp_path / "w.h5").set_index("array")["size"].to_dict()
    assert sizes == {"layers/conv/vars/0": 12, "layers/conv/vars/1": 5}


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


def columns(expression):
    """Names of columns in an expression."""
    return {node.id for part in expression.split(";") if part for node in ast.walk(ast.parse(part.strip()))
            if isinstance(node, ast.Name)}  # fmt: skip


def test_the_paper_s_claims_name_results_and_columns_that_exist():
    """Of each file docs/outputs.md has a row that names the column; expressions use columns of that row too."""
    rows = dict(re.findall(r"^\| `(results/[^`]+)` \| [^|]+ \| (.*) \|$", (ROOT / "docs/outputs.md").read_text(), re.M))
    patterns = {}
    for path, text in rows.items():
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))
        # {tsv,html} stands for two files
        pattern = re.sub(r"\\{([\w,]+)\\}", lambda match: f"({match[1].replace(',', '|')})", pattern)
        patterns[pattern] = text
    for claim in read_claims(PAPER).to_dict("records"):
        columns_known = [text for pattern, text in patterns.items() if re.fullmatch(pattern, claim["file"])]
        assert columns_known, f"{claim['id']}: no rule makes {claim['file']}"
        if claim["file"].endswith(".tsv"):
            names = set(re.findall(r"\w+", " ".join(columns_known)))
            used = columns(claim["column"]) | columns(claim["where"])
            assert used <= names, f"{claim['id']}: {claim['file']} has no column {used - names}"


def test_the_paper_s_numbers_are_there():
    expected_by_id = read_claims(PAPER).set_index("id")["expected"]
    assert expected_by_id[["windows_train", "windows_valid", "windows_test"]].tolist() == [7008, 419, 413]
    assert expected_by_id[["mse_published", "pearson_published", "spearman_published"]].tolist() == [0.14, 0.61, 0.56]
    assert expected_by_id[["sweep_ctcf", "sweep_ctcfl"]].tolist() == [1, 2]
    assert expected_by_id[["mouse_spearman", "mouse_spearman_b2"]].tolist() == [0.5, 0.55]


SENTENCES = """
    sweep_ctcf sweep_ctcfl sweep_motifs sweep_others sweep_overlap ctcf_weaker strongest_predicted strongest_measured
    cell_types_small strength_measured strength_ctcf strength_dnase mouse_spearman mouse_spearman_b2 mouse_b2_share
    lmo2_merges lmo2_single_sites
"""


@pytest.mark.parametrize("name", SENTENCES.split())
def test_each_statement_of_the_paper_has_a_row_for_both_models(name):
    """The published weights and the retrained ones: the same rows and columns of their own tables."""
    claims = read_claims(PAPER).set_index("id")
    published, main = claims.loc[name], claims.loc[f"{name}_main"]
    same = ["claim", "expected", "comparison", "where", "column", "statistic"]
    assert published[same].equals(main[same])
    assert main["file"] == published["file"].replace("/published/", "/main/") != published["file"]


def paper_row(name):
    return read_claims(PAPER).set_index("id").loc[name]


def verdict(name, table):
    claim = paper_row(name)
    measured = published_numbers.measure(table, claim["where"], claim["column"], claim["statistic"])
    return published_numbers.holds(measured, claim["expected"], claim["comparison"], claim["tolerance"])


SWEEP = pd.DataFrame(
    {
        "motif": ["CTCF", "CTCFL", "A", "B", "C", "D", "E"],
        "dataset": "HFF",
        "sites": [100, 90, 50, 10, 200, 80, 20],
        "overlap": [1, 0.9, 0.5, 0.1, 0.01, 0.05, 0.0],  # number of overlaps: 100, 81, 25, 1, 2, 4, 0
        "disruption": [1, 0.7, 0.04, 0.01, 0.02, 0.03, 0.005],
    }
)


SCORE = {"metric": "pearson", "against": "base"}


def subsets(rise=0.3, single=0.1):
    """A table of deletions, with the rise of contact and the disruption of a single site."""
    return pd.DataFrame(
        {
            "dataset": "HFF",
            "subset": ["deletion", "1", "2", "1+2"],
            "n_sites": [0, 1, 1, 2],
            "disruption": [1, 0.05, single, 0.8],
            "contact_before": 0.1,
            "contact_after": [0.1 + rise, 0.5, -0.5, 0.2],
        }
    )


def correlations(low):
    return pd.DataFrame(
        {"x": ["measured", "CTCF", "CTCF"], "y": ["predicted", "measured", "predicted"], "low": [0, 0, low]}
    )


def alternatives(differences):
    names = [f"single_{name}" for name in "ABCDE"]
    rows = {"alternative": names, "dataset": list("ABCDE"), "difference": differences, **SCORE}
    other = {**rows, "metric": "mse", "difference": 1.0}
    return pd.concat([pd.DataFrame(rows), pd.DataFrame(other)], ignore_index=True)


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("sweep_others", SWEEP, SWEEP.assign(disruption=1)),
        ("sweep_overlap", SWEEP, SWEEP.assign(disruption=[1, 0.7, 0.005, 0.03, 0.02, 0.01, 0.04])),
        (
            "sweep_motifs",
            pd.DataFrame({"left_out": [np.nan] * 579}),
            pd.DataFrame({"left_out": ["short"] * 84 + [np.nan] * 495}),
        ),
        (
            "ctcf_weaker",
            pd.DataFrame({"dataset": ["HFF"] * 3 + ["B"], "change_in_signal": [0.1, 0.2, 0, -1]}),
            pd.DataFrame({"dataset": ["HFF"] * 3 + ["B"], "change_in_signal": [0.1, 0, 0, 1]}),
        ),
        (
            "strongest_predicted",
            pd.DataFrame({"dataset": ["HFF", "B"] * 2, "signal": [3, 1, 1, 2]}),
            pd.DataFrame({"dataset": ["HFF", "B"] * 2, "signal": [1, 3, 2, 1]}),
        ),
        (
            "mouse_b2_share",
            pd.DataFrame({"element_share": [0.0, 0.1, 0.2], "spearman": [0.6, 0.5, 0.4]}),
            pd.DataFrame({"element_share": [0.0, 0.1, 0.2], "spearman": [0.4, 0.5, 0.6]}),
        ),
        ("lmo2_merges", subsets(rise=0.3), subsets(rise=-0.1)),
        ("lmo2_single_sites", subsets(single=0.1), subsets(single=0.9)),
        (
            "cell_types_small",
            pd.DataFrame({"strength_predicted": [0.1, 0.2], "strength_measured": [1, 1]}),
            pd.DataFrame({"strength_predicted": [0.8, 0.7], "strength_measured": [1, 1]}),
        ),
        ("strength_ctcf", correlations(low=0.2), correlations(low=-0.2)),
        ("multi_task", alternatives([-0.01] * 4 + [0.02]), alternatives([-0.01] * 3 + [0.02] * 2)),
        (
            "alternative_lstm",
            pd.DataFrame({"alternative": "lstm", "dataset": ["all", "A"], "difference": [-0.02, 0.1], **SCORE}),
            pd.DataFrame({"alternative": "lstm", "dataset": ["all", "A"], "difference": [0.02, -0.1], **SCORE}),
        ),
    ],
)
def test_rows_of_statements_hold_only_if_the_statement_is_true(name, right, wrong):
    assert verdict(name, right) and not verdict(name, wrong)
