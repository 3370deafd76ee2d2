"""A trial of a search is a training with the trial's numbers, resumed, given up and found diverged."""

import numpy as np
import optuna
import pytest
from networks import tiny
from searches import Searched
from trainings import QUICK, examples

from akitaflow.errors import Diverged, InputError
from akitaflow.training import loop, search, search_trial

pytestmark = pytest.mark.tensorflow

GEOMETRY = ("length", "pools", "crop_bins", "diagonal_offset")
ARCHITECTURE = tiny(dilated_blocks=1, map_blocks=0, dilated_dropout=0.2, stem_filters=4, tower_filters=4)
NUMBERS = {**vars(QUICK), "device": "cpu", "threads": 1}
VALUES = {"learning_rate": 0.02, "dropout": 0.1, "filters": 8}
DRAWN = search.distributions(
    {
        "learning_rate": {"low": 0.001, "high": 0.05, "log": True},
        "dropout": {"low": 0.0, "high": 0.5, "log": False},
        "filters": {"low": 4, "high": 8, "step": 4},
    },
    "adam",
)


def trainer(**numbers):
    a = ARCHITECTURE.to_dict()
    geometry = {key: a.pop(key) for key in GEOMETRY}
    geometry.update(bin_size=ARCHITECTURE.bin_size, window_bins=geometry.pop("length") // ARCHITECTURE.bin_size)
    return search_trial.Trainer(examples(), geometry, {**a, "params": None}, {**NUMBERS, **numbers}, ["A", "B"], 1)


def test_a_trial_trains_with_its_numbers(tmp_path, monkeypatch):
    seen, real = {}, loop.train

    def train(data, architecture, numbers, *others, **named):
        seen.update(architecture=architecture, numbers=numbers)
        return real(data, architecture, numbers, *others, **named)

    monkeypatch.setattr(loop, "train", train)
    rows = []
    loss = trainer()(VALUES, tmp_path, rows.append)
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    assert loss == min(row["valid_loss"] for row in rows)
    architecture, numbers = seen["architecture"], seen["numbers"]
    assert (architecture.stem_filters, architecture.tower_filters, architecture.dilated_dropout) == (8, 8, 0.1)
    assert architecture.map_filters == ARCHITECTURE.map_filters
    assert (numbers.learning_rate, numbers.clip_norm) == (0.02, QUICK.clip_norm)


def test_a_killed_trial_resumes_at_its_epoch_and_gives_the_same_result(tmp_path):
    results = []
    for name, killed_after in (("undisturbed", None), ("killed", 2)):
        (tmp_path / name).mkdir()
        searched, done = Searched(tmp_path / name), []

        def train(values, folder, on_epoch, kill=killed_after, done=done):
            def epoch(row):
                on_epoch(row)
                done.append(row["epoch"])
                if kill == len(done):
                    raise KeyboardInterrupt

            return trainer(epochs=4)(values, folder, epoch)

        if killed_after:
            with pytest.raises(KeyboardInterrupt):
                searched.work(train, drawn=DRAWN, trials=1)
        assert searched.work(train, drawn=DRAWN, trials=1) == [0]
        assert done == [1, 2, 3, 4]
        results.append(searched.table(DRAWN).drop(columns="seconds"))
    np.testing.assert_array_equal(*(table.to_numpy() for table in results))


def test_divergence_is_distinguished_from_errors(tmp_path):
    with pytest.raises(Diverged, match="training has diverged"):
        trainer(clip_norm=1e30)({**VALUES, "learning_rate": 1e30}, tmp_path, print)
    with pytest.raises(InputError, match="batch_size") as mistake:
        trainer(batch_size=1000)(VALUES, tmp_path, print)
    assert not isinstance(mistake.value, Diverged)


def test_a_trial_is_recorded_as_diverged_with_any_message(tmp_path, monkeypatch):
    def diverge(*args, **kwargs):
        raise Diverged("other words")

    def mistake(*args, **kwargs):
        raise InputError("batch_size: training has diverged from what the config says")

    searched = Searched(tmp_path)
    monkeypatch.setattr(loop, "train", diverge)
    searched.work(trainer(), drawn=DRAWN, trials=1)
    assert list(searched.table(DRAWN)["state"]) == ["diverged"]
    monkeypatch.setattr(loop, "train", mistake)
    with pytest.raises(InputError, match="batch_size"):
        searched.work(trainer(), drawn=DRAWN, trials=2)
    assert list(searched.table(DRAWN)["state"]) == ["diverged", "failed"]


def test_a_trial_ends_with_an_exception_of_the_search(tmp_path):
    def on_epoch(row):
        raise optuna.TrialPruned

    with pytest.raises(optuna.TrialPruned):
        trainer()(VALUES, tmp_path, on_epoch)
