"""Motif mutagenesis: requests, scores averaged over draws, examples and their maps."""

import h5py
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from fakes import FakeModel, random_genome

from akitaflow.analyses import mutagenesis as lab
from akitaflow.dataset.windows import fold_windows
from akitaflow.errors import InputError
from akitaflow.evaluation import scores
from akitaflow.genome.intervals import Window
from akitaflow.genome.motifs import COLUMNS
from akitaflow.geometry import to_map
from akitaflow.plotting import mutagenesis as plots
from akitaflow.prediction.perturb import apply
from akitaflow.prediction.predictor import Predictor
from akitaflow.prediction.stream import Average

LENGTH = FakeModel().length
PLAN = lab.Mutagenesis("CTCF", seed=1, draws=3)


@pytest.fixture
def genome():
    return random_genome(6, chr1=2000)


@pytest.fixture
def windows():
    rows = [
        ("chr1", 0, LENGTH, "test", True),
        ("chr1", 100, 100 + LENGTH, "train", True),
        ("chr1", 96, 96 + LENGTH, "test", True),
        ("chr1", 500, 500 + LENGTH, "test", False),
        ("chr1", 700, 700 + LENGTH, "test", True),
        ("chr1", 1000, 1000 + LENGTH, "test", True),
    ]
    return fold_windows(pd.DataFrame(rows, columns=["chrom", "start", "end", "fold", "kept"]), "test")


@pytest.fixture
def pairs():
    rows = [
        (0, "chr1", 110, 129, "+"),
        (1, "chr1", 110, 129, "+"),
        (1, "chr1", 120, 139, "-"),
        (1, "chr1", 200, 219, "-"),
        (3, "chr1", 1050, 1069, "+"),
    ]
    table = [(w, chrom, start, end, "CTCF", 9.0, strand) for w, chrom, start, end, strand in rows]
    return pd.DataFrame(table, columns=["window", *COLUMNS])


def test_windows_are_numbered_as_the_records(windows):
    assert windows["window"].tolist() == [0, 1, 2, 3]
    assert windows["start"].tolist() == [0, 96, 700, 1000]
    with pytest.raises(InputError, match="valid"):
        fold_windows(windows, "valid")


def test_overlapping_sites_are_one_interval(genome, windows, pairs):
    requests = list(PLAN.requests(genome, windows, pairs))
    assert [len(r.alternatives) for r in requests] == [3, 3, 0, 3]
    first = requests[1].alternatives[0]
    assert [(edit.start, edit.end) for edit in first] == [(110, 139), (200, 219)]
    # each draw, window and site has random bases of its own, whatever else is asked for
    drawn = {r.window.start: [apply(genome, r.window, a, 16).codes for a in r.alternatives] for r in requests}
    assert not np.array_equal(drawn[0][0], drawn[0][1])
    assert not np.array_equal(drawn[0][0][110:129], drawn[96][0][14:33])
    (alone,) = PLAN.requests(genome, windows.iloc[[1]], pairs)
    assert alone == requests[1]
    assert lab.Mutagenesis("CTCF", seed=2, draws=3).request(genome, alone.window, [(110, 139)]) != alone


def test_compositions(genome):
    window = Window("chr1", 0, LENGTH)
    for composition in ("uniform", "shuffle"):
        request = lab.Mutagenesis("CTCF", 1, 1, composition).request(genome, window, [(10, 20)])
        assert request.alternatives[0][0].composition == composition
    request = lab.Mutagenesis("CTCF", 1, 1, "window").request(genome, window, [(10, 20)])
    frequencies = np.bincount(genome.fetch(*window), minlength=4) / LENGTH
    assert request.alternatives[0][0].composition == pytest.approx(tuple(frequencies))
    assert lab.base_frequencies(np.full(9, 4, np.uint8)) == (0.25,) * 4
    with pytest.raises(InputError, match="composition"):
        lab.Mutagenesis("CTCF", 1, 1, "gc")


def test_scores_are_of_each_draw_then_averaged(genome, windows, pairs):
    model = FakeModel()
    references, draws = lab.score_draws(Predictor(model, genome, batch_size=4), windows, pairs, PLAN)
    assert len(references) == 4 * 2 and len(draws) == 3 * 3 * 2
    table = lab.summarise(windows, pairs, references, draws)
    assert len(table) == 8 and not table.isna().any().any()
    for request, number in zip(PLAN.requests(genome, windows, pairs), windows["window"], strict=True):
        reference = model.predict_codes(genome.fetch(*request.window)[None])[0]
        predicted = [
            model.predict_codes(apply(genome, request.window, a, 16).codes[None])[0] for a in request.alternatives
        ]
        for output, dataset in enumerate(model.outputs):
            row = table[(table["window"] == number) & (table["dataset"] == dataset)].iloc[0]
            before = scores.signal(reference[:, output])
            assert row["signal"] == pytest.approx(before) and row["n_draws"] == len(predicted)
            assert row["n_sites"] == (pairs["window"] == number).sum()
            if not predicted:
                assert row["disruption"] == row["change_in_signal"] == 0 and row["signal_mutated"] == row["signal"]
                continue
            after = [scores.signal(m[:, output]) for m in predicted]
            changes = [scores.disruption(reference[:, output], m[:, output]) for m in predicted]
            assert row["disruption"] == pytest.approx(np.mean(changes)) and np.std(changes) > 0
            assert row["signal_mutated"] == pytest.approx(np.mean(after))
            assert row["change_in_signal"] == pytest.approx(before - np.mean(after))


def test_without_any_site_the_table_is_whole(genome, windows, pairs):
    model, none = FakeModel(), pairs.iloc[:0]
    references, draws = lab.score_draws(Predictor(model, genome), windows, none, PLAN)
    table = lab.summarise(windows, none, references, draws)
    assert len(table) == 8 and (table["n_sites"] == 0).all() and (table["disruption"] == 0).all()
    assert len(model.sequences) == 4
    assert lab.choose_examples(table, 3) == []


def test_examples_are_the_strongest_that_do_not_overlap():
    rows = [  # window, start, n_sites, signal of A, of B
        (0, 0, 2, 0.5, 0.5),
        (1, 50, 2, 0.9, 0.3),  # stronger in the mean than 0, which it overlaps
        (2, 100, 0, 9.0, 9.0),  # no sites
        (3, 200, 1, 0.1, 0.1),
        (4, 150, 1, 0.2, 0.2),  # touches 1 only
    ]
    table = pd.DataFrame(
        [(w, "chr1", s, s + 100, n, d, x) for w, s, n, a, b in rows for d, x in (("A", a), ("B", b))],
        columns=["window", "chrom", "start", "end", "n_sites", "dataset", "signal"],
    )
    assert lab.choose_examples(table, 5) == [1, 4]
    assert lab.choose_examples(table, 1) == [1]
    assert lab.choose_examples(table.assign(chrom=table["window"].astype(str)), 5) == [1, 0, 4, 3]


def test_example_maps_are_means_of_predicted_maps(genome, windows, pairs, tmp_path):
    model = FakeModel(asymmetric=True)
    chosen = windows.iloc[[1, 0]].reset_index(drop=True)
    example_pairs = pairs[pairs["window"].isin([0, 1])]
    average = Average(reverse_complement=True)
    reference, mutated = lab.mean_maps(Predictor(model, genome, 3, average), chosen, example_pairs, PLAN)
    assert reference.shape == mutated.shape == (2, model.n_values, 2)
    assert mutated.dtype == np.float32 and not np.allclose(reference, mutated)
    path = tmp_path / "maps.h5"
    lab.write_maps(
        str(path), model, chosen, example_pairs, reference, mutated, model="main", motif="CTCF", fold="test", draws=3
    )
    assert list(tmp_path.iterdir()) == [path]
    with h5py.File(path) as maps:
        examples = plots.example_maps(maps, "B")
        assert maps["window"][:].tolist() == [1, 0] and maps["sites/example"][:].tolist() == [1, 0, 0, 0]
    assert [e["start"] for e in examples] == [96 + 32, 0 + 32]
    assert [e["n_sites"] for e in examples] == [3, 1]
    expected = to_map(mutated[0, :, 1], 8, 2)
    assert np.array_equal(examples[0]["mutated"], expected, equal_nan=True)
    assert examples[0]["sites"]["strand"].tolist() == ["+", "-", "-"]
    table = plots.tabulate(examples)
    assert len(table) == 2 * model.n_values
    assert np.allclose(table["difference"], table["mutated"] - table["reference"])
    assert table["position_2"].max() == 128 + 7 * 16


def test_without_draws_the_mean_map_is_the_reference(genome, windows, pairs):
    reference, mutated = lab.mean_maps(Predictor(FakeModel(), genome), windows.iloc[[2]], pairs.iloc[:0], PLAN)
    assert np.array_equal(reference, mutated) and reference.any()


def test_titles_of_figures_have_motif_model_dataset_and_numbers(genome, windows, pairs):
    references, draws = lab.score_draws(Predictor(FakeModel(), genome), windows, pairs, PLAN)
    table = lab.summarise(windows, pairs, references, draws)
    figure = plots.draw_effect(table[table["dataset"] == "A"], "CTCF", "main", "A")
    title = figure._suptitle.get_text()
    for text in ("CTCF", "model main", "dataset A", "test fold", "n = 4 windows", "3 with sites", "3 draws"):
        assert text in title
    assert len(figure.axes[0].collections[0].get_offsets()) == 3
    bar = figure.axes[-1]
    names = [label.get_text() for label in bar.get_yticklabels()]
    assert names == [str(k) for k in range(table["n_sites"][table["n_sites"] > 0].min(), table["n_sites"].max() + 1)]
    plt.close(figure)
    figure = plots.draw_effect(table[table["n_sites"] == 0], "CTCF", "main", "A")  # none with sites
    plt.close(figure)
    figure = plots.draw_examples([], "CTCF", "main", "A", "test", 3)
    assert "no window" in figure.axes[1].texts[0].get_text()
    plt.close(figure)


@pytest.mark.parametrize(
    ("counts", "names"), [((2, 4), ["2", "3", "4"]), ((1, 24), [f"{k}–{k + 1}" for k in range(1, 25, 2)])]
)
def test_classes_of_numbers_of_sites_share_no_number(counts, names):
    edges = plots._class_edges(pd.Series(counts))
    assert plots._class_names(edges) == names
    classes = np.digitize(range(counts[0], counts[1] + 1), edges)
    assert classes.min() == 1 and classes.max() == len(names)


def test_no_example_is_an_empty_file_of_maps(genome, windows, pairs, tmp_path):
    path = tmp_path / "pairs.tsv"
    pairs.iloc[:0].to_csv(path, sep="\t", index=False)
    none, model = pd.read_csv(path, sep="\t"), FakeModel()
    references, draws = lab.score_draws(Predictor(model, genome), windows, none, PLAN)
    chosen = lab.choose_examples(lab.summarise(windows, none, references, draws), 4)
    examples = windows[windows["window"].isin(chosen)]
    maps = lab.mean_maps(Predictor(model, genome), examples, none, PLAN)
    lab.write_maps(str(tmp_path / "maps.h5"), model, examples, none, *maps, model="main")
    with h5py.File(tmp_path / "maps.h5") as file:
        assert file["reference"].shape == (0, model.n_values, 2)
        assert plots.example_maps(file, "A") == []
    assert plots.tabulate([]).empty
