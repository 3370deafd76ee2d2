"""The search: what it draws, how workers share a study, what survives a kill, and the model that comes out."""

import copy
import signal
import subprocess
import time

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import yaml
from places import ROOT
from searches import DRAWN, SPACE, Searched, loss_of, quick
from snakemake_server import SERVER

from akitaflow.errors import Diverged, InputError
from akitaflow.plotting import search as plots
from akitaflow.study import loading
from akitaflow.study.schema import load_schema
from akitaflow.training import search


@pytest.fixture
def searched(tmp_path):
    return Searched(tmp_path)


def test_a_search_finds_better_parameters_than_its_random_trials(searched):
    searched.work(trials=40)
    trials = searched.table()
    assert len(trials) == 40 and (trials["state"] == "complete").sum() >= 10
    assert trials["value"][10:].min() < trials["value"][:3].min()
    for name, limits in SPACE.items():
        assert trials[name].between(limits["low"], limits["high"]).all()
    assert (trials["filters"] % 16 == 0).all()
    best = search.best(trials)
    assert best["value"] == pytest.approx(loss_of(best) * (1 + 1 / 3))


def test_one_worker_gives_the_same_trials_also_after_an_interruption(tmp_path):
    """The parameters of trial n are a function of the seed, of n and of what was found before."""
    tables = []
    for name, steps in (("whole", [6]), ("parts", [2, 5, 6])):
        (tmp_path / name).mkdir()
        for trials in steps:  # each with the study opened anew
            searched = Searched(tmp_path / name)
            searched.work(trials=trials)
        tables.append(searched.table())
    pd.testing.assert_frame_equal(*tables)
    assert tables[0]["learning_rate"].nunique() == 6


def test_more_trials_continue_the_study_and_the_same_number_does_nothing(searched):
    assert searched.work(trials=2) == [0, 1]
    assert searched.work(trials=2) == []
    assert searched.work(trials=3) == [2]


def test_pruning_starts_after_the_plateau_and_stops_trials_above_the_median(tmp_path):
    searched = Searched(tmp_path, prune_from=4)
    level = iter([0.3, 0.2, 0.4, 0.9, 0.1])

    def train(values, folder, on_epoch):
        loss = next(level)
        for epoch in range(1, 9):
            on_epoch({"epoch": epoch, "valid_loss": loss, "seconds": 1.0})
        return loss

    searched.work(train, trials=5)
    trials = searched.table()
    assert list(trials["state"]) == ["complete"] * 3 + ["pruned", "complete"]
    assert list(trials["epochs"]) == [8, 8, 8, 4, 8]
    assert list(trials["seconds"]) == [8, 8, 8, 4, 8]
    assert search.best(trials)["number"] == 4


def test_a_diverged_training_is_a_finished_trial_and_never_the_best(searched):
    def train(values, folder, on_epoch):
        on_epoch({"epoch": 1, "valid_loss": 0.01, "seconds": 1.0})
        raise Diverged("the loss is nan")

    searched.work(train, trials=1)
    with pytest.raises(InputError, match="no trial was completed .1 diverged.*lower `high`"):
        search.best(searched.table())
    searched.work(trials=3)
    trials = searched.table()
    assert list(trials["state"]) == ["diverged", "complete", "complete"]
    assert search.best(trials)["number"] > 0


def test_an_error_of_a_training_ends_the_worker_and_does_not_count(searched):
    def train(values, folder, on_epoch):
        raise OSError("disk full")

    with pytest.raises(OSError):
        searched.work(train, trials=2)
    assert searched.work(trials=2) == [1, 2]
    assert list(searched.table()["state"]) == ["failed", "complete", "complete"]


def test_a_killed_worker_continues_its_trial_from_its_checkpoint(searched):
    def killed(values, folder, on_epoch):
        folder.mkdir(parents=True)
        (folder / "state").write_text(str(values))
        on_epoch({"epoch": 1, "valid_loss": 2.0, "seconds": 1.0})
        raise KeyboardInterrupt  # what a kill leaves behind: a trial that runs

    def resumed(values, folder, on_epoch):
        assert (folder / "state").read_text() == str(values)
        on_epoch({"epoch": 2, "valid_loss": 1.0, "seconds": 1.0})
        return 1.0

    with pytest.raises(KeyboardInterrupt):
        searched.work(killed, worker=2, workers=2, trials=2)
    # meanwhile the other worker starts no more than the study lacks
    assert searched.work(worker=1, workers=2, trials=2) == [1]
    assert searched.work(resumed, worker=2, workers=2, trials=2) == [0]
    trials = searched.table()
    assert list(trials["state"]) == ["complete", "complete"]
    assert (trials.loc[0, "epochs"], trials.loc[0, "seconds"], trials.loc[0, "worker"]) == (2, 2.0, 2)
    assert not list(searched.folder.iterdir())


def test_a_trial_that_kills_its_worker_repeatedly_fails(searched):
    def killed(values, folder, on_epoch):
        raise KeyboardInterrupt

    for _ in range(search.STARTS):
        with pytest.raises(KeyboardInterrupt):
            searched.work(killed, trials=1)
    assert searched.work(trials=1) == [0, 1]
    assert list(searched.table()["state"]) == ["failed", "complete"]


def test_trials_of_removed_workers_do_not_block(searched):
    def killed(values, folder, on_epoch):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        searched.work(killed, worker=3, workers=3, trials=2)
    searched.study.ask()  # of a worker killed before it wrote its number
    assert searched.work(worker=1, workers=1, trials=2) == [2, 3]
    assert list(searched.table()["state"]) == ["failed", "failed", "complete", "complete"]


CHILD = """
import sys, time
from pathlib import Path
from searches import Searched, quick
searched = Searched(Path(sys.argv[1]))
def train(values, folder, on_epoch):
    time.sleep(0.1)
    return quick(values, folder, on_epoch)
print("ready", flush=True)
searched.work(train, worker=int(sys.argv[2]), workers=3, trials=12)
"""


def child(folder, worker):
    script = folder / "worker.py"
    script.write_text(CHILD)
    return SERVER.python(script, folder, worker, stdout=subprocess.PIPE)


@pytest.mark.slow
def test_simultaneous_workers_share_a_study_and_one_may_be_killed(tmp_path):
    workers = [child(tmp_path, number) for number in (1, 2, 3)]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    while set(Searched(tmp_path).table()["worker"].dropna()) < {1, 2, 3}:
        assert all(worker.poll() is None for worker in workers)
        time.sleep(0.05)
    workers[2].send_signal(signal.SIGKILL)
    workers[2].wait()
    assert [worker.wait() for worker in workers[:2]] == [0, 0]
    again = child(tmp_path, 3)
    assert again.wait() == 0
    for process in (*workers, again):
        process.stdout.close()
    trials = Searched(tmp_path).table()
    # what was interrupted was gone on with, unless it was killed in the moment in which it was taken
    finished = trials[trials["state"].isin(["complete", "pruned"])]
    assert len(trials) - len(finished) <= 1
    assert len(finished) == 12 and set(finished["worker"]) == {1, 2, 3}
    assert finished["learning_rate"].nunique() == 12


def test_an_incomplete_line_of_the_journal_is_removed(tmp_path):
    searched = Searched(tmp_path)
    searched.work(trials=2)
    with open(searched.path, "a") as file:
        file.write('{"op_code":4,"worker_')
    again = Searched(tmp_path)
    assert again.work(trials=3) == [2]
    assert len(Searched(tmp_path).table()) == 3


def test_other_data_or_settings_give_another_study_and_wider_ranges_do_not(tmp_path):
    identity = {"records": "abc", "architecture": {"stem_filters": 96}}
    name = search.study_name("main", identity, DRAWN)
    assert search.study_name("main", {**identity, "records": "abd"}, DRAWN) != name
    wider = {**SPACE, "learning_rate": {"low": 0.0001, "high": 0.5, "log": True}}
    assert search.study_name("main", identity, search.distributions(wider, "sgd")) == name
    linear = {**SPACE, "learning_rate": {"low": 0.0001, "high": 0.5, "log": False}}
    assert search.study_name("main", identity, search.distributions(linear, "sgd")) != name
    Searched(tmp_path).work(trials=3)
    widened = search.distributions(wider, "sgd")
    assert Searched(tmp_path).work(drawn=widened, trials=6) == [3, 4, 5]
    assert Searched(tmp_path, name="main-2").work(trials=1) == [0]


def test_momentum_is_searched_only_where_there_is_one():
    assert set(DRAWN) == set(SPACE) == set(search.SETS)
    assert set(search.distributions(SPACE, "adam")) == set(SPACE) - {"momentum"}
    with pytest.raises(InputError, match="nothing to search"):
        search.distributions(dict.fromkeys(SPACE), "sgd")


def test_parameters_set_keys_that_the_schema_has():
    model = load_schema("config")["properties"]["models"]["additionalProperties"]["properties"]
    for name, keys in search.SETS.items():
        for block, key in keys:
            part, limits = model[block]["properties"][key], SPACE[name]
            assert limits["low"] < part["default"] < limits["high"]  # the published number is within


def test_the_best_model_can_be_pasted_into_the_config(searched, monkeypatch):
    monkeypatch.chdir(ROOT / "demo")
    raw = yaml.safe_load((ROOT / "demo/config/config.yaml").read_text())
    loaded = loading.load(raw, ROOT / "demo/config").config
    base = copy.deepcopy(loaded["models"]["main"])
    drawn = search.distributions(SPACE, base["training"]["optimizer"])
    searched.work(drawn=drawn, trials=5)
    best = search.best(searched.table(drawn))
    text = search.to_paste("main_best", base, best, drawn, 5)
    raw["models"].update(yaml.safe_load(text)["models"])
    pasted = loading.load(raw, ROOT / "demo/config").config["models"]
    assert pasted["main"] == base
    model = pasted["main_best"]
    assert model["training"]["learning_rate"] == best["learning_rate"]
    assert model["architecture"]["stem_filters"] == model["architecture"]["tower_filters"] == best["filters"]
    assert model["architecture"]["dilated_dropout"] == best["dropout"]
    for block, keys in (("training", ("learning_rate", "clip_norm")), ("architecture", ("dilated_dropout",))):
        changed = {key for key in model[block] if model[block][key] != base[block][key]}
        assert changed <= {*keys, "stem_filters", "tower_filters"}


def test_values_are_written_as_they_were_trained(searched):
    trained = []

    def train(values, folder, on_epoch):
        trained.append(values)
        return quick(values, folder, on_epoch)

    searched.work(train, trials=4)
    text = search.table(searched.study, DRAWN).to_csv(index=False, float_format="%.8g")
    for line, values in zip(pd.read_csv(pd.io.common.StringIO(text)).to_dict("records"), trained, strict=True):
        assert {name: line[name] for name in values} == values


def test_a_parameter_file_is_written_out_in_keys():
    numbers = {"params": "authors.json", "stem_filters": 96, "map_filters": 48}
    filled = search.own_numbers(numbers, {"length": 2**20, "stem_filters": 32, "map_filters": 8})
    assert filled == {"params": None, "stem_filters": 32, "map_filters": 8}


def test_importance_finds_the_relevant_parameter_also_with_pruned_trials(searched):
    few = pd.DataFrame({"number": [0], "state": ["complete"], "value": [1.0], **{name: [1.0] for name in DRAWN}})
    assert search.importance(few, DRAWN)["importance"].isna().all()
    searched.work(train=lambda values, *others: quick(values, *others, epochs=14), trials=40)
    trials = searched.table()
    assert (trials["state"] == "pruned").sum() > 5
    by_parameter = search.importance(trials, DRAWN).set_index("parameter")["importance"]
    assert by_parameter.idxmax() == "learning_rate" and by_parameter["learning_rate"] > 0.5
    assert by_parameter.between(0, 1).all()


def test_importance_of_a_correlated_parameter_is_about_0():
    draw = np.random.default_rng(1)
    trials = pd.DataFrame({name: draw.uniform(size=200) for name in ("first", "second", "third")})
    trials["third"] = trials["first"] + draw.normal(0, 0.1, 200)
    trials = trials.assign(state="complete", value=(trials["first"] - 0.3) ** 2 + 0.1 * trials["second"])
    by_parameter = search.importance(trials, ["first", "second", "third"]).set_index("parameter")["importance"]
    assert by_parameter["first"] > 0.05 and by_parameter["second"] > 0.02 and by_parameter["third"] < 0.01
    assert by_parameter["first"] > by_parameter["second"]


def test_the_figure_shows_every_trial_and_its_source_data(searched):
    def train(values, folder, on_epoch):
        if values["learning_rate"] > 0.03:
            raise Diverged("the loss is nan")
        return quick(values, folder, on_epoch, epochs=14)

    searched.work(train, trials=12)
    trials = searched.table()
    importance = search.importance(trials, DRAWN)
    source_data = plots.tidy(trials, importance)
    assert (source_data["panel"].value_counts()[["history", *DRAWN]] == 12).all()
    best = source_data[source_data["panel"] == "best"]["value"]
    assert best.is_monotonic_decreasing and best.iloc[-1] == search.best(trials)["value"]
    figure = plots.draw(trials, importance, SPACE, "search")
    assert len(figure.axes) == 1 + len(DRAWN)
    for ax in figure.axes:
        assert sum(len(points.get_offsets()) for points in ax.collections) == 12 + 1  # the best one has a star too
    assert [ax.get_xscale() for ax in figure.axes[1:]] == ["log", "linear", "log", "linear", "linear"]
    plt.close(figure)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"model": "mian"}, "search.model: 'mian' is no model.*did you mean 'main'"),
        ({"space": {"dropout": {"low": 0.5, "high": 0.1}}}, "search.space.dropout: low 0.5 is above high 0.1"),
        ({"space": {"dropout": {"log": True}}}, "search.space.dropout: a logarithmic scale has no 0"),
        ({"trials": 0}, "search.trials: found 0; write a whole number of at least 1"),
        ({"space": {"depth": None}}, "search.space.depth: unknown key"),
    ],
)
def test_an_invalid_search_is_refused(monkeypatch, changes, message):
    monkeypatch.chdir(ROOT / "demo")
    raw = yaml.safe_load((ROOT / "demo/config/config.yaml").read_text())
    with pytest.raises(InputError, match=message):
        loading.load({**raw, "search": changes}, ROOT / "demo/config")


def test_an_empty_search_is_that_of_the_defaults(monkeypatch):
    monkeypatch.chdir(ROOT / "demo")
    raw = yaml.safe_load((ROOT / "demo/config/config.yaml").read_text())
    for section in ({}, {"search": None}, {"search": {}}):
        loaded = loading.load({**raw, **section}, ROOT / "demo/config").config["search"]
        assert loaded["model"] == "main" and loaded["space"] == SPACE
