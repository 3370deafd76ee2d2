"""Hyperparameter search with Optuna: several workers share one study, and each trial is a training.

A worker (:func:`work`) draws a trial's parameters with a tree-structured Parzen estimator from the results of all
workers, trains it, reports the validation loss of each epoch, and prunes it if the loss is above the median of the
completed trials at that epoch. The study is a journal file that is only appended to, under a lock that works on network
file systems, so that workers can run on several machines. An interrupted worker resumes its trial at its last epoch.

The five parameters are those of the published search (which used Dragonfly).
"""

import json
import os
import shutil
import sys
import warnings
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

import numpy as np
import optuna
import pandas as pd
import yaml
from optuna.distributions import FloatDistribution, IntDistribution
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
from optuna.trial import TrialState

from akitaflow.errors import Diverged, InputError
from akitaflow.seeds import derive

#: parameter -> keys of a model that it sets, as (block of the config, key)
SETS = {
    "learning_rate": [("training", "learning_rate")],
    "momentum": [("training", "momentum")],
    "clip_norm": [("training", "clip_norm")],
    "dropout": [("architecture", "dilated_dropout")],
    "filters": [("architecture", "stem_filters"), ("architecture", "tower_filters")],
}
DIGITS = 6  #: significant digits of a value, in the training and in the table
GRACE = 30  # seconds after which the lock of a killed worker is released
STARTS = 3  # starts of a trial before it fails, because the trial itself may kill its workers
FEW = 20  # finished trials below which no importance is computed
STATES = {TrialState.COMPLETE: "complete", TrialState.PRUNED: "pruned", TrialState.FAIL: "failed"}
FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)

optuna.logging.set_verbosity(optuna.logging.WARNING)


def distributions(space, optimizer):
    """Distributions of the searched parameters.

    Parameters
    ----------
    space : dict of str to (dict or None)
        Ranges by parameter of :data:`SETS`: ``low``, ``high`` and ``log`` or, for numbers of filters, ``step``. A
        parameter with None keeps the model's value.
    optimizer : str
        Of the model; only ``sgd`` has a momentum.

    Returns
    -------
    dict of str to optuna distribution

    Raises
    ------
    InputError
        If no parameter has a range.
    """
    drawn = {}
    for name, limits in space.items():
        if limits is None or (name == "momentum" and optimizer != "sgd"):
            continue
        if "step" in limits:
            drawn[name] = IntDistribution(limits["low"], limits["high"], step=limits["step"])
        else:
            drawn[name] = FloatDistribution(limits["low"], limits["high"], log=limits["log"])
    if not drawn:
        raise InputError("search.space: every parameter is null, so there is nothing to search; give one a range")
    return drawn


def apply(values, architecture, training):
    """Architecture and training of a model with the parameters of a trial.

    Parameters
    ----------
    values : dict of str to float
        By parameter.
    architecture, training : dict
        As in the config. Not modified.

    Returns
    -------
    (dict, dict)
        Architecture and training.
    """
    blocks = {"architecture": dict(architecture), "training": dict(training)}
    for name, value in values.items():
        for block, key in SETS[name]:
            blocks[block][key] = value
    return blocks["architecture"], blocks["training"]


def own_numbers(numbers, architecture):
    """A model's ``architecture`` of the config with the values of its parameter file filled in.

    Parameters
    ----------
    numbers : dict
        As in the config; if ``params`` names a file, the other keys are ignored.
    architecture : dict
        Values of the model (``Architecture.to_dict()``).

    Returns
    -------
    dict
        With ``params`` None.
    """
    return {**{key: architecture.get(key, value) for key, value in numbers.items()}, "params": None}


def study_name(model, identity, drawn):
    """Name of a study. It differs between studies whose losses or parameters cannot be compared.

    Parameters
    ----------
    model : str
    identity : dict
        JSON values: all data and settings that affect the validation loss, except the searched parameters.
    drawn : dict of str to optuna distribution
        Of :func:`distributions`. Limits may change within a study.

    Returns
    -------
    str
    """
    kinds = {name: [type(distribution).__name__, distribution.log] for name, distribution in drawn.items()}
    text = json.dumps([identity, kinds], sort_keys=True)
    return f"{model}-{blake2b(text.encode(), digest_size=6).hexdigest()}"


def open_study(path, name, startup_trials=10, prune_from=12):
    """Open a study, or create it.

    Parameters
    ----------
    path : str or Path
        Journal file. It may contain other studies and be in use by other workers.
    name : str
    startup_trials : int
        Completed trials before which parameters are drawn at random and nothing is pruned.
    prune_from : int
        First epoch after which a trial may be pruned.

    Returns
    -------
    optuna.Study
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    _mend(path)
    return optuna.create_study(
        storage=_storage(path),
        study_name=name,
        load_if_exists=True,
        pruner=optuna.pruners.MedianPruner(startup_trials, prune_from),
    )


def load_study(path, name):
    """Open an existing study; see :func:`open_study`."""
    return optuna.load_study(storage=_storage(path), study_name=name)


def work(study, path, drawn, train, folder, worker=1, workers=1, trials=1, seed=1, startup_trials=10):
    """Run trials until the study has enough finished or running trials.

    Parameters
    ----------
    study : optuna.Study
        Of :func:`open_study`.
    path : str or Path
        Its journal.
    drawn : dict of str to optuna distribution
    train : callable (values, folder, on_epoch) -> float
        Trains with these parameters. Writes its checkpoint to the folder and resumes from an existing one, calls
        ``on_epoch({"epoch": ..., "valid_loss": ..., "seconds": ...})`` after each epoch, and returns the lowest
        validation loss. Raises :class:`akitaflow.errors.Diverged` if the training diverges.
    folder : str or Path
        For the checkpoint of this worker; deleted between trials.
    worker, workers : int
        Number of this worker (1-based), and number of workers. Workers that run at the same time need different
        numbers.
    trials : int
        Number of finished (completed or pruned) trials at which the study ends.
    seed : int
        The parameters of a trial depend on the seed, the number of the trial and the results so far.
    startup_trials : int
        As in :func:`open_study`.

    Returns
    -------
    list of int
        Numbers of the trials that this call ran.
    """
    ran = []
    while True:
        trial = _interrupted(study, worker)
        if trial is None:
            trial = _take(study, path, drawn, worker, workers, trials, seed, startup_trials)
        if trial is None:
            return ran
        ran.append(trial.number)
        starts = trial.user_attrs.get("starts", 0) + 1
        if starts > STARTS:
            _say(f"Trial {trial.number} was started {STARTS} times and never ended; it counts as failed.")
            study.tell(trial.number, state=TrialState.FAIL)
            continue
        if starts == 1:  # delete the checkpoint of another trial
            shutil.rmtree(folder, ignore_errors=True)
        trial.set_user_attr("starts", starts)
        _run(study, trial, drawn, train, folder)
        shutil.rmtree(folder, ignore_errors=True)


def values_of(trial, drawn):
    """Parameters of a trial, rounded to :data:`DIGITS` and within their limits; dict of str to float or int."""
    values = {}
    for name, value in trial.params.items():
        rounded = value if isinstance(value, int) else float(f"{value:.{DIGITS}g}")
        limits = drawn.get(name)
        values[name] = min(max(rounded, limits.low), limits.high) if limits else rounded
    return values


def _interrupted(study, worker):
    """The running trial of this worker from before an interruption, or None."""
    for frozen in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        if frozen.user_attrs.get("worker") == worker:
            _say(f"Going on with trial {frozen.number}.")
            return optuna.Trial(study, frozen._trial_id)
    return None


def _take(study, path, drawn, worker, workers, trials, seed, startup_trials):
    """A new trial, or None if enough are finished or running. A lock serialises the workers."""
    with _locked(f"{path}.take"):
        for frozen in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            owner = frozen.user_attrs.get("worker")
            if owner is None or owner > workers:  # interrupted before it had a worker, or of a removed worker
                study.tell(frozen.number, state=TrialState.FAIL)
        all_trials = study.get_trials(deepcopy=False)
        if sum(frozen.state in (*FINISHED, TrialState.RUNNING) for frozen in all_trials) >= trials:
            return None
        # A sampler per trial: a common one would repeat its first draws in every restarted worker.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)  # of constant_liar
            study.sampler = optuna.samplers.TPESampler(
                n_startup_trials=startup_trials,
                constant_liar=True,  # so that workers do not draw the same parameters at the same time
                seed=derive(seed, "search", len(all_trials)) % 2**32,
            )
        trial = study.ask(drawn)
        trial.set_user_attr("worker", worker)
        return trial


def _run(study, trial, drawn, train, folder):
    values = values_of(trial, drawn)
    parameters = ", ".join(f"{name} {value}" for name, value in values.items())
    _say(f"Trial {trial.number}: {parameters}")

    def on_epoch(row):
        trial.report(row["valid_loss"], row["epoch"])
        trial.set_user_attr("seconds", trial.user_attrs.get("seconds", 0.0) + row["seconds"])
        if trial.should_prune():
            raise optuna.TrialPruned

    try:
        loss = train(values, folder, on_epoch)
    except optuna.TrialPruned:
        study.tell(trial, state=TrialState.PRUNED)
        _say(f"Trial {trial.number} is pruned: the median of the completed ones was lower at this epoch.")
    except Diverged as error:
        trial.set_user_attr("diverged", True)
        study.tell(trial, state=TrialState.PRUNED)
        _say(f"Trial {trial.number} diverged: {error}")
    except Exception:
        study.tell(trial, state=TrialState.FAIL)
        raise
    else:
        study.tell(trial, loss)
        _say(f"Trial {trial.number}: validation loss {loss:.6g}")


def table(study, drawn):
    """Table of the trials of a study.

    Parameters
    ----------
    study : optuna.Study
    drawn : dict of str to optuna distribution

    Returns
    -------
    pandas.DataFrame
        number, state (complete, pruned, diverged, failed, running), value (lowest validation loss reached), the
        parameters, epochs, seconds (of training), worker.
    """
    rows = []
    for frozen in study.get_trials(deepcopy=False):
        reached = list(frozen.intermediate_values.values())
        lowest = min([*reached, frozen.value] if frozen.state == TrialState.COMPLETE else reached, default=None)
        state = "diverged" if frozen.user_attrs.get("diverged") else STATES.get(frozen.state, "running")
        values = values_of(frozen, drawn)
        rows.append(
            {
                "number": frozen.number,
                "state": state,
                "value": lowest,
                **{name: values.get(name) for name in drawn},
                "epochs": max(frozen.intermediate_values, default=0),
                "seconds": round(frozen.user_attrs.get("seconds", 0.0), 3),
                "worker": frozen.user_attrs.get("worker"),
            }
        )
    columns = ["number", "state", "value", *drawn, "epochs", "seconds", "worker"]
    return pd.DataFrame(rows, columns=columns).astype({"worker": "Int64"})


def best(trials):
    """The completed trial with the lowest value.

    Parameters
    ----------
    trials : pandas.DataFrame
        Of :func:`table`.

    Returns
    -------
    pandas.Series
        Its row.

    Raises
    ------
    InputError
        If no trial was completed.
    """
    complete = trials[trials["state"] == "complete"]
    if complete.empty:
        states = ", ".join(f"{count} {state}" for state, count in trials["state"].value_counts().items())
        raise InputError(
            f"search: no trial was completed ({states}). If trainings diverge, write a lower `high` for "
            "search.space.learning_rate or clip_norm; where all are pruned, a higher search.prune_from; then raise "
            "search.trials"
        )
    return complete.loc[complete["value"].idxmin()]


def to_paste(name, base, chosen, drawn, n_trials):
    """The best model as YAML for the config.

    Parameters
    ----------
    name : str
        Name of the model in the YAML.
    base : dict
        ``search.model`` as in the config, with every key filled in.
    chosen : pandas.Series
        Of :func:`best`.
    drawn : dict of str to optuna distribution
    n_trials : int
        For the comment.

    Returns
    -------
    str
    """
    values = {key: int(chosen[key]) if isinstance(drawn[key], IntDistribution) else float(chosen[key]) for key in drawn}
    architecture, training = apply(values, base["architecture"], base["training"])
    block = {"models": {name: {**base, "architecture": architecture, "training": training}}}
    comment = (
        f"# Trial {chosen['number']} of {n_trials}: validation loss {chosen['value']:.6g} "
        f"in {chosen['epochs']} epochs.\n"
        f"# Searched: {', '.join(f'{key} {value:g}' for key, value in values.items())}.\n"
        "# To train it to the end, copy the lines below `models:` to that key of the config.\n"
    )
    return comment + yaml.safe_dump(block, sort_keys=False)


def importance(trials, drawn):
    """Importance of each parameter: the part of the ranking of trials that only this parameter explains.

    The ranks of the finished trials' losses are fitted by a quadratic function of the ranks of all parameters, and
    again without each parameter. All parameters are fitted together because the estimator moves them to good values at
    the same time, so they are correlated. Pruned trials are included because trials with poor values of an important
    parameter are pruned.

    Parameters
    ----------
    trials : pandas.DataFrame
        Of :func:`table`.
    drawn : iterable of str
        Names of the parameters.

    Returns
    -------
    pandas.DataFrame
        parameter, importance (decrease of adjusted R^2 without it; missing with fewer than 20 finished trials).
    """
    drawn = list(drawn)
    finished = trials[trials["state"].isin(["complete", "pruned", "diverged"])].dropna(subset=drawn)
    importances = [None] * len(drawn)
    if len(finished) >= FEW:
        losses = finished["value"].where(finished["state"] != "diverged", np.inf).rank()  # diverged: the worst
        full = _explained(finished[drawn], losses)
        importances = [max(0.0, full - _explained(finished[drawn].drop(columns=name), losses)) for name in drawn]
    return pd.DataFrame({"parameter": drawn, "importance": pd.array(importances, dtype="Float64")})


def _explained(values, losses):
    """Adjusted R^2 of a quadratic fit of the losses by the ranks of each column."""
    ranks = values.rank() / len(values) - 0.5
    design = np.column_stack([np.ones(len(values)), ranks, ranks**2])
    residuals = losses - design @ np.linalg.lstsq(design, losses, rcond=None)[0]
    return 1 - (residuals @ residuals / (len(values) - design.shape[1])) / losses.var()


def _storage(path):
    # not the lock by a symbolic link: with a relative path its link is broken, and the lock is never released
    return JournalStorage(JournalFileBackend(str(path), JournalFileOpenLock(str(path), GRACE)))


@contextmanager
def _locked(path):
    lock = JournalFileOpenLock(str(path), GRACE)
    lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _mend(path):
    """Remove an incomplete last line of an interrupted writer; the journal could not be read with lines after it."""
    if not os.path.exists(path):
        return
    with _locked(path), open(path, "rb+") as file:
        content = file.read()
        file.truncate(content.rfind(b"\n") + 1)


def _say(line):
    print(line, file=sys.stderr, flush=True)
