"""Alternatives of a model: which there are, what they learn from, how they are scored, and the figures of them."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
import yaml
from trainings import NETWORK, made_up

from akitaflow.dataset.targets import TargetSteps, target
from akitaflow.errors import InputError
from akitaflow.evaluation import scores
from akitaflow.geometry import flip_index, to_map
from akitaflow.model.network import build
from akitaflow.plotting import comparison as plots
from akitaflow.study import loading
from akitaflow.study.alternative_models import PUBLISHED, chosen_alternatives, kind
from akitaflow.study.checks.comparison import check_comparison
from akitaflow.study.study import Study
from akitaflow.training import comparison
from akitaflow.training.examples import Examples, InMemory
from akitaflow.training.loop import Trained

pytestmark = pytest.mark.tensorflow


# --- which alternatives there are -------------------------------------------------------------------------------------
def study(root, monkeypatch, folder="demo", **changes):
    monkeypatch.chdir(root / folder)
    raw = yaml.safe_load((root / folder / "config" / "config.yaml").read_text())
    return loading.load({**raw, **changes}, root / folder / "config", "config.yaml", root)


def test_the_alternatives_of_the_paper_need_not_be_written(root, monkeypatch):
    alternatives = study(root, monkeypatch, comparison={}).config["comparison"]["alternatives"]
    assert list(alternatives) == [*PUBLISHED, "single_A", "single_B"]
    assert {kind(alternatives[name]) for name in ("single_A", "single_B")} == {"tasks"}
    assert alternatives["single_B"]["datasets"] == ["B"]
    assert {name for name in alternatives if kind(alternatives[name]) == "data"} == {
        "base",
        "no_augmentation",
        "quantile",
        "zeros",
    }
    keys = {"description", "architecture", "training", "targets", "datasets", "quantile"}
    assert all(set(alternative) == keys for alternative in alternatives.values())


def test_own_alternatives_are_added_and_a_choice_is_kept_with_the_base(root, monkeypatch):
    own = {
        "wide": {"architecture": {"stem_kernel": 25}},
        "max": {"description": "mine", "architecture": {"pairs": "max"}},
    }
    alternatives = study(root, monkeypatch, comparison={"alternatives": own}).config["comparison"]["alternatives"]
    assert list(alternatives)[-1] == "wide" and len(alternatives) == len(PUBLISHED) + 3
    assert alternatives["wide"]["architecture"] == {"stem_kernel": 25}, (
        "an alternative must not be filled with defaults"
    )
    assert alternatives["max"]["description"] == "mine" and alternatives["wide"]["description"] == "wide"
    chosen = study(root, monkeypatch, comparison={"alternatives": own, "choice": ["wide"]}).config["comparison"][
        "alternatives"
    ]
    assert list(chosen) == ["base", "wide"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"choice": ["lsmt"]}, "comparison.choice: 'lsmt' is no alternative of this study; did you mean 'lstm'"),
        ({"alternatives": {"x": {"datasets": ["C"]}}}, "alternatives.x.datasets: 'C' is no dataset of the model"),
        ({"alternatives": {"x": {"architecture": {"pears": "max"}}}}, "alternatives.x.architecture.pears: unknown key"),
        ({"alternatives": {"x": {"architecture": {"pairs": "sum"}}}}, "alternatives.x.architecture.pairs: found 'sum'"),
        (
            {"alternatives": {"x": {"architecture": {"head": "zigzag", "pairs": "max"}}}},
            "alternatives.x.architecture.pairs: a head zigzag has no map",
        ),
        (
            {"alternatives": {"x": {"training": {"gpus": 2}}}},
            "alternatives.x.training.gpus: all alternatives train for equal",
        ),
        (
            {"alternatives": {"x": {"training": {"epochs": 3}}}},
            "alternatives.x.training.epochs: all alternatives train for equal",
        ),
        (
            {"alternatives": {"x": {"targets": {"min_finite": 0}}}},
            "alternatives.x.targets.min_finite: alternatives are compared",
        ),
        (
            {"alternatives": {"x": {"architecture": {"params": "p.json"}}}},
            "architecture.params: an alternative changes single",
        ),
    ],
)
def test_invalid_alternatives_are_refused(root, monkeypatch, changes, message):
    with pytest.raises(InputError) as error:
        study(root, monkeypatch, comparison=changes)
    assert message in str(error.value)


def test_a_model_with_invalid_options_stops_before_any_job(root, monkeypatch):
    models = {"main": {"split": "main", "architecture": {"head": "virtual_4c", "distance": False}}}
    with pytest.raises(InputError, match="models.main.architecture.distance: a head virtual_4c has no map"):
        study(root, monkeypatch, models=models)


def test_given_records_leave_out_other_targets_and_one_dataset_leaves_out_single_tasks():
    empty = {"choice": None, "alternatives": {}}
    model, split = {"split": "s", "architecture": {}}, {"genome": "toy", "records": {"outputs": ["A"]}}
    raw = {"figures": {"model": "m"}, "models": {"m": model}, "splits": {"s": split}, "comparison": empty}
    assert set(chosen_alternatives(raw, ["A"])) == set(PUBLISHED) - {"zeros"}
    raw["comparison"] = {"choice": None, "alternatives": {"z": {"targets": {"clip": 1.0}}}}
    with pytest.raises(InputError, match="z.targets: the split's records are given"):
        check_comparison(Study(config=raw, roots={}, source="c.yaml"))


def test_all_alternatives_train_for_equal_steps():
    base = {"epochs": 40, "patience": 8, "steps_per_epoch": None, "shift": 11, "device": "cpu"}
    assert comparison.settings(base, {"shift": 0}) == {**base, "shift": 0, "patience": 40}
    short = comparison.settings(base, {}, epochs=5, steps_per_epoch=7)
    assert (short["epochs"], short["patience"], short["steps_per_epoch"]) == (5, 5, 7)


# --- what they learn from -----------------------------------------------------------------------------------------
BINS, OFFSET = 12, 2
DISTANCES = comparison.distances(BINS, OFFSET)


def decaying(windows, seed):
    """Targets whose mean and spread depend on distance."""
    draw = np.random.default_rng(seed).normal(size=(windows, len(DISTANCES), 2))
    return (draw * (0.2 + 0.1 * DISTANCES[:, None]) - 0.1 * DISTANCES[:, None]).astype(np.float16)


def test_distances_are_those_of_the_map():
    distance = to_map(DISTANCES.astype(float), BINS, OFFSET, fill=0)
    rows, columns = np.indices((BINS, BINS))
    np.testing.assert_array_equal(distance, np.where(abs(rows - columns) >= OFFSET, abs(rows - columns), 0))


def test_normalised_targets_have_one_distribution_at_all_distances():
    train = decaying(3000, 1)
    normalisation = comparison.QuantileNormalisation(train, DISTANCES)
    fresh = normalisation.normalise(decaying(3000, 2))
    pooled = np.quantile(train, [0.1, 0.5, 0.9], axis=(0, 1))
    for distance in (2, 5, 10):
        here = fresh[:, distance == DISTANCES]
        np.testing.assert_allclose(np.quantile(here, [0.1, 0.5, 0.9], axis=(0, 1)), pooled, atol=0.12)
    assert np.quantile(decaying(3000, 2)[:, DISTANCES == 10], 0.1) < pooled[0].min() - 0.3  # the plain ones differ


def test_normalisation_keeps_ranks_and_can_be_turned_back():
    normalisation = comparison.QuantileNormalisation(decaying(300, 1), DISTANCES)
    rising = np.linspace(-2, 2, 81)[:, None, None] * np.ones((1, len(DISTANCES), 2))
    normalised = normalisation.normalise(rising)
    assert (np.diff(normalised, axis=0) >= 0).all()
    train = decaying(300, 1).astype(np.float32)
    np.testing.assert_allclose(normalisation.restore(normalisation.normalise(train)), train, atol=0.02)
    single = train[0]
    np.testing.assert_array_equal(
        normalisation.normalise(single), normalisation.normalise(train)[0]
    )  # any leading axes
    flip = flip_index(BINS, OFFSET)
    np.testing.assert_array_equal(normalisation.normalise(single[flip]), normalisation.normalise(single)[flip])


def test_ties_have_one_value():
    train = np.clip(decaying(300, 1), 0, None)  # half of the values are 0
    normalisation = comparison.QuantileNormalisation(train, DISTANCES)
    zeros = normalisation.normalise(np.zeros((1, len(DISTANCES), 2), np.float32))
    above = normalisation.normalise(np.full((1, len(DISTANCES), 2), 1e-3, np.float32))
    assert np.isfinite(zeros).all() and (above >= zeros).all()


def in_memory(targets, seed=0):
    sequences = np.random.default_rng(seed).integers(0, 2, (len(targets), 8, 4), dtype=np.uint8)
    return InMemory(sequences, targets)


def targets_of(dataset):
    return np.stack([targets for _, targets in dataset.as_numpy_iterator()])


def test_normalisation_is_fitted_on_the_training_fold_alone():
    train, valid = decaying(60, 1), decaying(20, 2) + np.float16(5)
    first = comparison.fit_normalisation(Examples(in_memory(train), in_memory(valid), "x"), BINS, OFFSET)
    other = comparison.fit_normalisation(Examples(in_memory(train), in_memory(valid * 0), "x"), BINS, OFFSET)
    np.testing.assert_array_equal(first.normalise(valid), other.normalise(valid))
    direct = comparison.QuantileNormalisation(train, DISTANCES)
    np.testing.assert_array_equal(first.normalise(valid), direct.normalise(valid))
    assert first.normalise(valid).max() <= train.max()


def test_changed_examples_keep_their_order_and_sequences():
    train, valid = decaying(10, 1), decaying(4, 2)
    data = Examples(in_memory(train), in_memory(valid), "digest")
    only = comparison.changed(data, [1])
    np.testing.assert_array_equal(targets_of(only.train.ordered()), train[..., [1]])
    np.testing.assert_array_equal(targets_of(only.train.shuffled(7)), targets_of(data.train.shuffled(7))[..., [1]])
    assert only.train.count == 10 and only.digest != data.digest
    normalisation = comparison.fit_normalisation(only, BINS, OFFSET)
    both = comparison.changed(only, [0], normalisation)
    np.testing.assert_allclose(targets_of(both.valid.ordered()), normalisation.normalise(valid[..., [1]]), atol=2e-3)
    assert both.digest != only.digest and both.train.ordered().element_spec[1].shape == (len(DISTANCES), 1)
    assert both.train.ordered().element_spec[1].dtype == tf.float16
    for (a, _), (b, _) in zip(
        both.train.ordered().as_numpy_iterator(), data.train.ordered().as_numpy_iterator(), strict=True
    ):
        np.testing.assert_array_equal(a, b)


def test_missing_bins_are_zeros_where_asked_for_and_nothing_else_changes():
    draw = np.random.default_rng(4)
    numbers = {"bin_size": 100, "window_bins": 32, "crop_bins": 4, "smoothing_sigma": 0.0, "expected": "genome"}
    expected = 200 / (1 + np.arange(32))
    raw = draw.poisson(200 / (1 + np.abs(np.subtract.outer(range(32), range(32)))))
    raw = np.triu(raw) + np.triu(raw, 1).T
    balanced = raw.astype(float)
    balanced[[10, 20]] = balanced[:, [10, 20]] = np.nan
    steps = {treatment: TargetSteps(**numbers, missing=treatment) for treatment in ("interpolate", "zero")}
    targets_by_missing = {treatment: target(balanced, raw, steps[treatment], expected) for treatment in steps}
    assert targets_by_missing["zero"][1] == targets_by_missing["interpolate"][1]
    maps = {treatment: to_map(values, 24, 2, fill=0) for treatment, (values, _) in targets_by_missing.items()}
    gone = np.zeros((24, 24), bool)
    gone[[6, 16]] = gone[:, [6, 16]] = True
    assert (maps["zero"][gone] == 0).all() and (maps["interpolate"][gone] != 0).any()
    np.testing.assert_array_equal(maps["zero"][~gone], maps["interpolate"][~gone])
    with pytest.raises(InputError, match="write interpolate or zero"):
        TargetSteps(missing="drop")


# --- how they are scored ------------------------------------------------------------------------------------------
def trained():
    history = pd.DataFrame({"epoch": [1, 2, 3], "seconds": [9.0, 2.0, 4.0]})
    return Trained(build(NETWORK, 2), history, 2)


def test_an_alternative_is_scored_against_the_targets_of_all_and_its_own():
    own, base = made_up(5, seed=1), targets_of(made_up(5, seed=2).ordered())
    model = trained()
    table = comparison.judged(model, own.ordered(), base, [0, 1], ["A", "B"], batch_size=2)
    assert list(table["against"]) == ["base"] * 3 + ["own"] * 3
    assert list(table["dataset"]) == ["A", "B", "all"] * 2
    x = np.stack([sequence for sequence, _ in own.ordered().as_numpy_iterator()]).astype(np.float32)
    predictions = model.model(x, training=False).numpy()
    by = table.set_index(["against", "dataset"])
    assert by.loc[("base", "B"), "mse"] == pytest.approx(scores.mse(base[..., 1], predictions[..., 1]), rel=1e-4)
    assert by.loc[("own", "all"), "pearson"] == pytest.approx(
        scores.pearson(targets_of(own.ordered()), predictions), abs=1e-5
    )
    assert (table["parameters"] == model.model.count_params()).all()
    assert (table["seconds_per_epoch"] == 3).all()  # median of 2 and 4; the first epoch compiles
    assert table["asymmetry"].isna().all()


def test_predictions_of_normalised_targets_are_mapped_back_for_the_comparison():
    data = Examples(made_up(30, seed=1), made_up(4, seed=2), "x")
    plain = targets_of(data.valid.ordered())
    normalisation = comparison.fit_normalisation(data, NETWORK.map_bins, NETWORK.diagonal_offset)
    model = trained()
    table = comparison.judged(model, data.valid.ordered(), plain, [0, 1], ["A", "B"], normalisation).set_index(
        ["against", "dataset"]
    )
    predictions, _ = comparison.predict(model.model, data.valid.ordered(), 4)
    assert table.loc[("base", "A"), "mse"] == pytest.approx(
        scores.mse(plain[..., 0], normalisation.restore(predictions)[..., 0]), rel=1e-4
    )
    assert table.loc[("own", "A"), "mse"] == pytest.approx(
        scores.mse(normalisation.normalise(plain)[..., 0], predictions[..., 0]), rel=1e-4
    )


def test_a_single_task_has_no_score_of_all():
    own = made_up(4, outputs=2, seed=1)
    model = Trained(build(NETWORK, 1), pd.DataFrame({"seconds": [1.0]}), 1)
    table = comparison.judged(model, own.ordered(), targets_of(own.ordered()), [1], ["A", "B"], uneven=True)
    assert list(table["dataset"]) == ["B"] and list(table["against"]) == ["base"]
    assert table["asymmetry"].iloc[0] < 1e-4


def tables(seeds=3):
    """metrics and histories as three trainings of some alternatives leave them."""
    draw = np.random.default_rng(1)
    metrics, histories = [], []
    names = {name: ["A", "B", "all"] for name in PUBLISHED} | {"single_A": ["A"], "single_B": ["B"]}
    for i, (name, datasets) in enumerate(names.items()):
        for replicate in range(1, seeds + 1):
            for against in ["base", "own"] if name in ("quantile", "zeros") else ["base"]:
                for dataset in datasets:
                    luck = 0.01 * replicate
                    metrics.append(
                        {"alternative": name, "replicate": replicate, "against": against, "dataset": dataset}
                        | {
                            "mse": 0.1 + 0.01 * draw.normal(),
                            "pearson": 0.7 - 0.01 * i + luck,
                            "spearman": 0.6 + 0.02 * draw.normal(),
                        }
                        | {"pearson_window_median": 0.6, "asymmetry": 0.3 if name == "virtual_4c" else np.nan}
                        | {"parameters": 50000 + 100 * i, "seconds_per_epoch": 3.0 + replicate}
                    )
            for epoch in range(1, 11):
                rising = 0.7 / (1 + np.exp(6 - epoch)) + 0.02 * draw.normal()
                of_datasets = {f"valid_pearson_{dataset}": rising for dataset in datasets if dataset != "all"}
                row = {"alternative": name, "replicate": replicate, "epoch": epoch, "loss": 0.2, "valid_loss": 0.3}
                histories.append({**row, "valid_pearson": rising, **of_datasets, "learning_rate": 0.1, "seconds": 1.0})
    return pd.DataFrame(metrics), pd.DataFrame(histories)


def test_differences_are_paired_by_seed():
    metrics, _ = tables()
    table = comparison.summarise(metrics).set_index(["alternative", "against", "dataset", "metric"])
    row = table.loc[("max", "base", "all", "pearson")]
    assert (row["mean"], row["low"], row["high"]) == pytest.approx((0.69, 0.68, 0.70))
    assert row["sd"] == pytest.approx(0.01)
    # seeds move both by as much, so that their difference has no spread
    assert (row["difference"], row["difference_sd"]) == pytest.approx((-0.03, 0), abs=1e-9)
    assert (row["seeds"], row["parameters"], row["seconds_per_epoch"]) == (3, 50300, 5)
    assert table.loc[("single_B", "base", "B", "pearson"), "difference"] < 0
    assert np.isnan(table.loc[("quantile", "own", "A", "pearson"), "difference"])
    assert ("max", "base", "all", "asymmetry") not in table.index
    one = comparison.summarise(tables(seeds=1)[0])
    assert one["sd"].isna().all() and (one["seeds"] == 1).all()


def test_learning_curves_are_long():
    curves = comparison.learning_curves(tables()[1])
    assert set(curves["quantity"]) == {"loss", "valid_loss", "valid_pearson"}
    assert set(curves.loc[curves["quantity"] == "valid_pearson", "dataset"]) == {"A", "B", "all"}
    assert set(curves.loc[curves["quantity"] == "loss", "dataset"]) == {"all"}
    single = curves[(curves["alternative"] == "single_A") & (curves["dataset"] == "B")]
    assert single.empty


def descriptions(names):
    return {name: PUBLISHED.get(name, {}).get("description", name) for name in names}


ARCHITECTURES = ["base", *(name for name, alternative in PUBLISHED.items() if "architecture" in alternative)]


@pytest.mark.parametrize("seeds", [1, 3])
def test_figures_show_every_alternative(seeds):
    metrics, histories = tables(seeds)
    summary, curves = comparison.summarise(metrics), comparison.learning_curves(histories)
    table = plots.tidy(summary, metrics, curves, ARCHITECTURES)
    figure = plots.draw_architectures(table, descriptions(ARCHITECTURES), "title")
    first = figure.axes[0]
    labels = [label.get_text() for label in first.get_yticklabels()]
    assert labels[0] == "the model as it is\n(r = 0.710)" if seeds == 1 else "the model as it is\n(r = 0.720)"
    assert "head: virtual 4C\n(asymmetry 0.30)" in labels and len(labels) == len(ARCHITECTURES)
    points = first.lines[1]
    assert sorted(points.get_ydata()) == list(range(1, len(ARCHITECTURES)))
    wanted = table[(table["panel"] == "difference") & (table["metric"] == "pearson") & (table["dataset"] == "all")]
    np.testing.assert_allclose(points.get_xdata(), wanted["value"])
    plt.close(figure)

    single, data = ["base", "single_A", "single_B"], ["base", "no_augmentation", "quantile", "zeros"]
    table = plots.tidy(summary, metrics, curves, [*single, *data])
    figure = plots.draw_data(table, descriptions(single), descriptions(data), "title")
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert len(labels) == 6 and "own targets" in labels[4]
    plt.close(figure)
    figure = plots.draw_data(plots.tidy(summary, metrics, curves, data), descriptions(["base"]), descriptions(data), "")
    plt.close(figure)


@pytest.mark.parametrize("caption", ["supplement_1", "supplement_3"])
def test_captions_render(root, caption):
    import types

    import jinja2
    from docutils.core import publish_parts

    params = types.SimpleNamespace(model="main", fold="test", seeds=3)
    text = (root / "report" / f"{caption}.rst").read_text()
    rendered = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(text)
    rendered = rendered.render(snakemake=types.SimpleNamespace(params=params))
    publish_parts(rendered, writer_name="html", settings_overrides={"halt_level": 2})
