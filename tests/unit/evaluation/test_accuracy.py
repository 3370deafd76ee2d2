"""Evaluation: predictions in record order, pooled scores, intervals over contigs, the split-read ceiling, figures."""

import re
import types

import cooler
import h5py
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from fakes import FakeModel, random_genome, table_of_windows
from scipy.stats import pearsonr, spearmanr

from akitaflow.dataset.targets import TargetSteps
from akitaflow.dataset.windows import fold_windows
from akitaflow.errors import InputError
from akitaflow.evaluation import accuracy, ceiling, scores
from akitaflow.plotting import accuracy as plots
from akitaflow.prediction.predictor import Predictor


def test_windows_of_a_fold_are_numbered_as_its_records():
    table = table_of_windows(5)
    table.loc[1, "kept"] = False
    table.loc[3, "fold"] = "train"
    chosen = fold_windows(table, "test")
    assert chosen["window"].tolist() == [0, 1, 2] and chosen["start"].tolist() == [0, 200, 400]
    with pytest.raises(InputError, match="fold 'valid' has no window left"):
        fold_windows(table, "valid")


def test_targets_of_a_fold_follow_its_windows(tmp_path):
    table = table_of_windows(5)
    table.loc[1, "kept"] = False
    path = tmp_path / "A.h5"
    with h5py.File(path, "w") as file:
        file["values"] = np.arange(10, dtype=np.float16).reshape(5, 2)
    np.testing.assert_array_equal(accuracy.fold_targets(path, table, "test")[:, 0], [0, 4, 6, 8])


@pytest.fixture
def evaluated(tmp_path):
    model, genome = FakeModel(), random_genome(c=2000)
    windows = fold_windows(table_of_windows(), "test")
    codes = np.stack([genome.fetch("c", start, start + 192) for start in windows["start"]])
    predicted = model.predict_codes(codes)
    targets = (predicted + np.random.default_rng(0).normal(0, 0.05, predicted.shape)).astype(np.float16)
    path = str(tmp_path / "predictions.h5")
    accuracy.predict_fold(path, Predictor(model, genome, batch_size=5), windows, targets, attributes={"model": "m"})
    return path, windows, targets, predicted


def test_predictions_and_targets_are_in_the_order_of_the_records(evaluated, tmp_path):
    path, windows, targets, predicted = evaluated
    for column, dataset in enumerate("AB"):
        stored = accuracy.read_dataset(path, dataset)
        np.testing.assert_array_equal(stored[0], targets[:, :, column].astype(np.float32))
        np.testing.assert_allclose(stored[1], predicted[:, :, column], rtol=1e-6)
    assert [file.name for file in tmp_path.iterdir()] == ["predictions.h5"]
    with pytest.raises(InputError, match="not 'C'"):
        accuracy.read_dataset(path, "C")


def test_targets_of_another_shape_are_refused(tmp_path):
    windows = fold_windows(table_of_windows(3), "test")
    targets = np.zeros((3, 7, 2), np.float16)
    with pytest.raises(InputError, match="make the records again"):
        accuracy.predict_fold(str(tmp_path / "p.h5"), Predictor(FakeModel(), random_genome(c=2000)), windows, targets)


def test_metrics_agree_with_scipy(evaluated):
    path, windows, targets, predicted = evaluated
    pooled, per_window = accuracy.metrics(path, windows)
    assert pooled["dataset"].tolist() == ["A", "B", "all"] and (pooled["n_windows"] == 12).all()
    every = pooled.set_index("dataset").loc["all"]
    assert every["pearson"] == pytest.approx(pearsonr(targets.ravel().astype(float), predicted.ravel())[0], abs=1e-6)
    assert every["spearman"] == pytest.approx(spearmanr(targets.ravel(), predicted.ravel())[0], abs=1e-6)
    assert every["mse"] == pytest.approx(np.mean((targets.astype(float) - predicted) ** 2), rel=1e-5)
    row = per_window[(per_window["dataset"] == "B") & (per_window["window"] == 7)].iloc[0]
    assert row["pearson"] == pytest.approx(pearsonr(targets[7, :, 1].astype(float), predicted[7, :, 1])[0], abs=1e-6)
    assert row["target_variance"] == pytest.approx(targets[7, :, 1].astype(float).var(), rel=1e-5)
    assert row["start"] == 700


def test_intervals_over_contigs_cover_the_truth():
    """Correlated errors within contigs: of 95 % intervals, most cover the true correlation."""
    random = np.random.default_rng(0)
    true, covered, trials = 0.6, 0, 60
    blocks = np.repeat(np.arange(25), 2)
    for trial in range(trials):
        t = random.normal(size=(25, 30)).repeat(2, 0)  # both windows of a contig see the same
        p = true * t + np.sqrt(1 - true**2) * random.normal(size=(25, 30)).repeat(2, 0)
        measured, low, high = accuracy.intervals(t, p, blocks, 200, (trial, "coverage"))["pearson"]
        assert low < measured < high
        covered += low <= true <= high
    assert 0.83 <= covered / trials <= 1


def test_one_contig_gives_no_interval():
    t = np.random.default_rng(0).normal(size=(4, 20))
    measured, low, high = accuracy.intervals(t, t, np.zeros(4), 50, (1, "x"))["pearson"]
    assert measured == pytest.approx(1) and np.isnan([low, high]).all()


def test_a_comparison_is_paired():
    """Two predictions that differ little have a narrow difference, though each has a wide interval."""
    random = np.random.default_rng(1)
    # contigs differ a lot in how well they can be predicted
    noise = np.repeat(random.uniform(0.1, 5, 20), 2)[:, None]
    t = random.normal(size=(40, 50))
    first = t + noise * random.normal(size=t.shape)
    second = first + 0.3 * random.normal(size=t.shape)
    blocks = np.repeat(np.arange(20), 2)
    difference = accuracy.compare(t, first, second, blocks, 300, (1, "paired"))[0]
    _, low, high = accuracy.intervals(t, first, blocks, 300, (1, "alone"))["pearson"]
    assert difference["metric"] == "pearson" and difference["n_contigs"] == 20
    assert difference["difference"] == pytest.approx(scores.pearson(t, first) - scores.pearson(t, second))
    assert difference["low"] < difference["difference"] < difference["high"]
    assert difference["high"] - difference["low"] < (high - low) / 2


def test_attainable_correlation_is_that_of_a_perfect_prediction():
    random = np.random.default_rng(2)
    pure = random.normal(size=200_000)
    halves = [pure + 1.5 * random.normal(size=pure.shape) for _ in range(2)]
    full = np.mean(halves, axis=0)
    r = scores.pearson(*halves)
    assert ceiling.attainable(r) == pytest.approx(scores.pearson(pure, full), abs=0.01)
    assert ceiling.attainable(-0.1) == 0 and np.isnan(ceiling.attainable(np.nan))


@pytest.fixture
def contacts(tmp_path):
    bins = cooler.binnify(pd.Series({"c": 4000}), 100)
    rows, columns = np.triu_indices(40)
    counts = np.random.default_rng(0).poisson(20, len(rows))
    pixels = pd.DataFrame({"bin1_id": rows, "bin2_id": columns, "count": counts})
    path = str(tmp_path / "A.cool")
    cooler.create_cooler(path, bins, pixels)
    return path, counts


def test_halves_sum_to_the_contacts_and_are_binomial(contacts, tmp_path, monkeypatch):
    path, counts = contacts
    monkeypatch.setattr(ceiling, "PIXELS", 100)  # several chunks
    halves_paths = [str(tmp_path / f"{half}.cool") for half in "12"]
    ceiling.split_contacts(path, *halves_paths, 1, "A")
    first, second = (cooler.Cooler(half).matrix(balance=False)[:][np.triu_indices(40)] for half in halves_paths)
    np.testing.assert_array_equal(first + second, counts)
    assert abs(first.sum() - counts.sum() / 2) < 4 * np.sqrt(counts.sum()) / 2
    assert np.var(first - counts / 2) == pytest.approx(counts.mean() / 4, rel=0.2)
    ceiling.split_contacts(path, *halves_paths, 1, "A")
    np.testing.assert_array_equal(cooler.Cooler(halves_paths[0]).matrix(balance=False)[:][np.triu_indices(40)], first)


def test_halves_keep_the_bins_of_the_whole_map(contacts):
    """A filter that would leave nothing of a half does not act on it, and what the whole map lacks stays missing."""
    path, counts = contacts
    options = {"mad_max": 0, "min_nnz": 10, "min_count": 500, "ignore_diags": 2, "tol": 1e-5, "max_iters": 200}
    assert 2 * counts.sum() / 40 > 500 > counts.sum() / 40
    weights, _ = cooler.balance_cooler(cooler.Cooler(path), blacklist=[7], **options, store=True)
    assert np.flatnonzero(np.isnan(weights)).tolist() == [7]
    steps = TargetSteps(bin_size=100, window_bins=16, crop_bins=2)
    windows = pd.DataFrame({"chrom": "c", "start": [0, 2000], "end": [1600, 3600]})
    halves, finite = ceiling.half_targets(path, windows, steps, options, 1, "A")
    assert all(half.shape == (2, steps.n_values) and (half.std(axis=1) > 0.01).all() for half in halves)
    assert abs(scores.pearson(*halves)) < 0.5  # contacts are noise, so halves do not agree
    assert (finite > 0.8).all()


def test_windows_that_halving_leaves_empty_do_not_count():
    random = np.random.default_rng(4)
    pure = random.normal(size=(6, 500))
    halves = [(pure + random.normal(size=pure.shape)).astype(np.float32) for _ in range(2)]
    for half in halves:
        half[4:] = -2 + 1e-3 * pure[4:]  # nothing but the floor: both halves agree about nothing
    windows = pd.DataFrame({"fold": "test", "contig": [0, 0, 1, 1, 2, 2]})
    row = ceiling.ceiling_row("A", halves, np.array([1, 1, 0.6, 1, 0, 0.4]), windows, 0.5, 100, 1)
    assert row["n_windows"] == 4 and row["n_contigs"] == 2
    assert row["halves_pearson"] == pytest.approx(0.5, abs=0.06)
    assert row["pearson"] == pytest.approx(np.sqrt(2 / 3), abs=0.04)
    nothing = ceiling.ceiling_row("A", halves, np.zeros(6), windows, 0.5, 100, 1)
    assert nothing["n_windows"] == 0 and np.isnan(nothing["pearson"])


def test_counts_that_are_not_whole_are_refused(tmp_path):
    bins = cooler.binnify(pd.Series({"c": 300}), 100)
    pixels = pd.DataFrame({"bin1_id": [0, 1], "bin2_id": [1, 2], "count": [0.5, 2.0]})
    path = str(tmp_path / "f.cool")
    cooler.create_cooler(path, bins, pixels, dtypes={"count": float})
    with pytest.raises(InputError, match="dataset F.*ceiling: false"):
        ceiling.split_contacts(path, str(tmp_path / "1.cool"), str(tmp_path / "2.cool"), 1, "F")


def test_example_windows_lie_at_the_quantiles():
    table = pd.DataFrame({"window": range(21), "pearson": np.random.default_rng(0).permutation(21) / 20})
    table.loc[21] = [21, np.nan]
    chosen = plots.choose_windows(table)
    np.testing.assert_allclose(chosen["pearson"], plots.QUANTILES, atol=0.026)
    assert len(plots.choose_windows(table[:2])) == 2 and plots.choose_windows(table[:0]).empty


def test_example_maps_hold_the_stored_values_at_their_places(evaluated):
    path, windows, targets, predicted = evaluated
    _, per_window = accuracy.metrics(path, windows)
    chosen = plots.choose_windows(per_window[per_window["dataset"] == "B"])
    pixels, maps, starts, bin_size = plots.read_maps(path, "B", chosen)
    first = chosen.iloc[0]
    assert starts[0] == first["start"] + 32 and bin_size == 16  # two bins are cropped
    np.testing.assert_allclose(maps[0][1][0, 2], predicted[first["window"], 0, 1], rtol=1e-6)
    row = pixels[pixels["window"] == first["window"]].iloc[0]
    assert (row["start_1"], row["start_2"]) == (starts[0], starts[0] + 32)
    figure = plots.draw_examples(chosen, maps, starts, bin_size, "title")
    limits = {image.get_clim() for ax in figure.axes for image in ax.get_images()}
    assert len(limits) == 1
    plt.close(figure)


def test_figure_of_accuracy_is_drawn_with_windows_without_a_correlation(evaluated):
    path, windows, _, _ = evaluated
    _, per_window = accuracy.metrics(path, windows)
    per_window.loc[0, ["pearson", "spearman"]] = np.nan
    figure = plots.draw_accuracy(per_window, "title")
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels[0].startswith("A: n = 11") and labels[1].startswith("B: n = 12")
    histogram, _, variance = figure.axes
    assert [outline.get_data().values.sum() for outline in histogram.patches] == [11, 12]
    assert len({outline.get_linestyle() for outline in histogram.patches}) == 2
    figure.canvas.draw()
    low, high = variance.get_xlim()
    ticks = [label for label in variance.get_xticklabels() if low <= label.get_position()[0] <= high]
    assert len([label for label in ticks if label.get_text()]) >= 2
    assert variance.get_legend() is None  # no text over the points
    plt.close(figure)


CAPTIONS = ["workflow", "figure_1a", "figure_1b", "figure_1c", "figure_baselines", "figure_search", "metrics", "truth"]


@pytest.mark.parametrize("caption", CAPTIONS)
@pytest.mark.parametrize("folder", ["demo/config", "config", "config/yeast", "config/full_geometry"])
def test_captions_render_for_every_config_of_the_repository(root, caption, folder):
    import jinja2
    import yaml
    from docutils.core import publish_parts

    from akitaflow.study.loading import load

    path = root / folder / "config.yaml"
    config = load(yaml.safe_load(path.read_text()), folder=path.parent).config
    params = {"model": "main", "dataset": "A", "fold": "test", "bootstrap": 1000, "seed": 1}
    params["average"] = config["evaluation"]["average"]
    snakemake = types.SimpleNamespace(
        config=config, params=types.SimpleNamespace(**params), wildcards=types.SimpleNamespace(model="main")
    )
    text = (root / "report" / f"{caption}.rst").read_text()
    options = {"trim_blocks": True, "lstrip_blocks": True}  # those of Snakemake
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, **options)
    rendered = environment.from_string(text).render(snakemake=snakemake)
    publish_parts(rendered, writer_name="html", settings_overrides={"halt_level": 2})  # a warning is an error
    if caption == "workflow":
        assert f"{config['geometry']['window']} bp" in rendered
        assert ("**Simulation.**" in rendered) == ("simulation" in config)
        paragraphs = rendered.split("\n\n")
        assert (
            sum(part.strip().startswith("**") for part in paragraphs) == len(re.findall(r"\*\*\w+\.\*\*", rendered)) > 4
        )
