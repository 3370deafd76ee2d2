"""Another genome: elements found in windows, the control is as large, agreement per draw then averaged, claims."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from fakes import FakeModel, random_genome

from akitaflow.analyses import cross_species as lab
from akitaflow.evaluation import scores
from akitaflow.genome.intervals import Window
from akitaflow.plotting import cross_species as plots
from akitaflow.prediction.perturb import apply
from akitaflow.prediction.predictor import Predictor
from akitaflow.truth import cross_species as claims

MODEL = FakeModel()
LENGTH, N = MODEL.length, 8


@pytest.fixture
def genome():
    return random_genome(3, chr1=N * LENGTH)


@pytest.fixture
def windows():
    start = np.arange(N) * LENGTH
    table = pd.DataFrame({"window": range(N), "chrom": "chr1", "start": start, "end": start + LENGTH})
    return table.assign(fold="test", contig=np.arange(N) // 2)


ELEMENTS = pd.DataFrame(
    {"chrom": "chr1", "start": [10, 30, LENGTH - 5, 2 * LENGTH + 40], "end": [34, 50, LENGTH + 20, 2 * LENGTH + 60]}
)


@pytest.fixture
def placed(genome, windows):
    return lab.place(genome, windows, ELEMENTS, 2, 1, "B2")


def test_elements_inside_a_window_are_kept_and_overlapping_ones_are_merged(windows):
    inside = lab.elements_in_windows(ELEMENTS, windows)
    assert inside[["window", "start", "end"]].values.tolist() == [[0, 10, 50], [2, 2 * LENGTH + 40, 2 * LENGTH + 60]]
    assert len(lab.elements_in_windows(ELEMENTS.assign(chrom="chr9"), windows)) == 0


def test_each_draw_has_a_control_of_the_same_lengths_elsewhere_in_the_window(placed, windows):
    elements = placed[placed["kind"] == "elements"]
    for draw in range(2):
        control = placed[(placed["kind"] == "control") & (placed["draw"] == draw)]
        assert (control["window"].to_numpy() == elements["window"].to_numpy()).all()
        lengths = (control["end"] - control["start"]).to_numpy()
        assert (lengths == (elements["end"] - elements["start"]).to_numpy()).all()
        for row in control.itertuples():
            assert windows["start"][row.window] <= row.start and row.end <= windows["end"][row.window]
            assert not ((ELEMENTS["start"] < row.end) & (ELEMENTS["end"] > row.start)).any()
    request = lab.Comparison(placed, "B2", 1, 2).request(0, Window("chr1", 0, LENGTH))
    assert [len(alternative) for alternative in request.alternatives] == [1] * 4
    assert len({edit.seed for alternative in request.alternatives for edit in alternative}) == 4


def test_agreement_is_computed_for_each_draw_and_then_averaged(genome, windows, placed):
    targets = np.random.default_rng(0).normal(size=(N, MODEL.n_values))
    comparison = lab.Comparison(placed, "B2", 1, 2)
    output = MODEL.outputs[1]
    table = lab.score(Predictor(MODEL, genome, batch_size=3), windows, targets, output, comparison)
    request = comparison.request(0, Window("chr1", 0, LENGTH))
    sequences = [apply(genome, request.window, edits, 16).codes for edits in request.alternatives]
    each = [scores.spearman(targets[0], MODEL.predict_codes(codes[None])[0][:, 1]) for codes in sequences]
    assert table["spearman_elements"][0] == pytest.approx(np.mean(each[::2]))
    assert table["spearman_control"][0] == pytest.approx(np.mean(each[1::2]))
    reference = MODEL.predict_codes(genome.fetch("chr1", 0, LENGTH)[None])[0][:, 1]
    assert table["spearman"][0] == pytest.approx(scores.spearman(targets[0], reference))
    assert table["n_elements"].tolist() == [1, 0, 1, 0, 0, 0, 0, 0]
    assert table["element_share"][0] == pytest.approx(40 / LENGTH)
    untouched = table[table["n_elements"] == 0]
    assert (untouched["spearman_elements"] == untouched["spearman"]).all()
    maps = lab.example_maps(Predictor(MODEL, genome), table.iloc[[0]], comparison, output)
    assert maps["reference"][0] == pytest.approx(reference, abs=1e-6)
    mean = np.mean([MODEL.predict_codes(codes[None])[0][:, 1] for codes in sequences[::2]], axis=0)
    assert maps["elements"][0] == pytest.approx(mean, abs=1e-6)


def scored(gain, control):
    random = np.random.default_rng(1)
    table = pd.DataFrame({"contig": np.arange(40) // 5, "spearman": random.uniform(0.3, 0.7, 40)})
    table["spearman_elements"] = table["spearman"] + gain + random.normal(0, 0.01, 40)
    table["spearman_control"] = table["spearman"] + control + random.normal(0, 0.01, 40)
    return table.assign(element_share=0.8 - table["spearman"], pearson=table["spearman"])


@pytest.mark.parametrize(
    ("gain", "control", "holds"),
    [(0.05, -0.02, [True, True]), (0.0, -0.02, [False, True]), (0.05, 0.04, [True, False])],
)
def test_claims_hold_where_elements_help_and_the_control_does_not(gain, control, holds):
    table = scored(gain, control)
    summary = lab.summarise(table, 200, (1, "x"))
    row = summary.set_index("quantity").loc["elements - reference"]
    assert row["mean"] == pytest.approx((table["spearman_elements"] - table["spearman"]).mean())
    before = summary.set_index("quantity").loc["reference"]
    assert before["median"] == pytest.approx(table["spearman"].median())
    assert before["median_low"] < before["median"] < before["median_high"]
    assert before["share_spearman"] == pytest.approx(-1) and before["share_high"] == pytest.approx(-1)
    figure = plots.draw_windows(table, summary, [], "B2", 10, "title")
    below = figure.axes[-1]
    assert "Spearman" in below.get_ylabel() and below.get_title().startswith("ρ = -1.00 [-1.00, -1.00], n = 40 windows")
    plt.close(figure)
    figure = plots.draw_gain(table, summary, "B2", "title")
    assert f"median {before['median']:.3f}" in figure.axes[1].get_xticklabels()[0].get_text()
    plt.close(figure)
    assert [claim["holds"] for claim in claims.gains(summary, "M", "B2", 0.01)] == holds
    assert claims.density(table, "M", "B2", 100, 1)["holds"]
    assert not claims.density(table.assign(pearson=table["element_share"]), "M", "B2", 100, 1)["holds"]
