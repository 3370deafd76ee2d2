"""k-fold cross-validation: every contig is tested once, by a model that was neither trained nor stopped on it.

The contigs of a split are shared out into k groups of about the same length. The split is made k times over: number i
tests on group i, validates on the group after it (the first after the last) and trains on the others; each model of the
split is trained on each of the k. :func:`expand` writes them out in the config as splits and models of their own,
``{name}_1`` to ``{name}_k``, so that everything that takes a split or a model takes these.
"""

import copy

import numpy as np
import pandas as pd

from akitaflow.errors import InputError
from akitaflow.seeds import generator

SCORES = ["n_windows", "mse", "pearson", "spearman"]


def expand(config, source):
    """Write out cross-validated splits, and the models on them, in a config; it is changed in place.

    An expanded split has under ``cross_validation`` the keys ``split`` (its name as given), ``groups`` and ``number``
    (from 1). A model that starts from another one of the same split starts from the one of its own number.
    Figures, search and predictions may name a model as given, which stands for its number 1.

    Parameters
    ----------
    config : dict
        With all defaults, splits and models checked.
    source : str
        Its file, for messages.

    Returns
    -------
    dict of str to list of str
        Cross-validated models as given -> their names after the expansion.

    Raises
    ------
    InputError
        If a split places contigs by hand as well or is the published one, a new name is taken, or a model starts from
        one that has seen what it is tested on.
    """
    folds = {}
    for name, split in config["splits"].items():
        if split["cross_validation"] is not None:
            _check(split, f"{source}, splits.{name}")
            folds[name] = split["cross_validation"]
    splits, models, members = {}, {}, {}
    for name, split in config["splits"].items():
        for new, number in _numbered(name, folds.get(name), config["splits"], f"{source}, splits.{name}"):
            splits[new] = copy.deepcopy(split)
            if number:
                splits[new]["cross_validation"] = {"split": name, "groups": folds[name], "number": number}
    for name, model in config["models"].items():
        k = folds.get(model["split"])
        for new, number in _numbered(name, k, config["models"], f"{source}, models.{name}"):
            models[new] = copy.deepcopy(model)
            if number:
                models[new]["split"] = f"{model['split']}_{number}"
                members.setdefault(name, []).append(new)
            _start(models[new], name, number, config["models"], folds, f"{source}, models.{name}.start.model")
    config.update(splits=splits, models=models)
    for block in (config["figures"], config["search"], *config["predictions"].values()):
        if block["model"] in members:
            block["model"] = members[block["model"]][0]
    return members


def _check(split, key):
    """A cross-validated split leaves the choice of contigs to the groups."""
    if split["records"] is not None:
        raise InputError(f"{key}.cross_validation: the folds of given records are fixed; write null, or delete records")
    if split["policy"] != "balanced":
        raise InputError(
            f"{key}.cross_validation: policy {split['policy']} repeats the published folds; write policy: balanced, "
            "or cross_validation: null"
        )
    placed = next((name for name in ("chromosomes", "holdout") if _filled(split[name])), None)
    if placed:
        raise InputError(
            f"{key}.{placed}: with cross_validation every contig is in the test fold once, so none can be placed by "
            f"hand; delete {placed} (a region is held out by the model in whose test fold it lies), or write "
            "cross_validation: null"
        )


def _filled(value):
    return any(value.values()) if isinstance(value, dict) else bool(value)


def _numbered(name, k, given, key):
    """(new name, number) of all that becomes of a name: the name itself and None where it is not cross-validated."""
    if k is None:
        return [(name, None)]
    pairs = [(f"{name}_{number}", number) for number in range(1, k + 1)]
    for new, _ in pairs:
        if new in given:
            raise InputError(
                f"{key}: cross-validation names one of its parts {new}, and so does the config; rename one"
            )
    return pairs


def _start(model, name, number, given, folds, place):
    """Let a model start from the one of its own number, which left out the same contigs."""
    if not model["start"]:
        return
    start = model["start"]["model"]
    theirs, ours = given[start]["split"], given[name]["split"]
    if theirs != ours and not given[start]["weights"] and (theirs in folds or ours in folds):
        raise InputError(
            f"{place}: {start} learns from split {theirs}, where other contigs are left out than in {ours}, so {name} "
            f"would be tested on what {start} has seen; put both on one split"
        )
    if theirs in folds:  # imported weights are the same whatever the number
        model["start"]["model"] = f"{start}_{number if theirs == ours else 1}"


def assign_folds(contigs, groups, number, seed):
    """Share contigs out into groups, and give each group's contigs to a fold.

    From the longest contig to the shortest, equals in a random order, each goes to a group drawn among those that hold
    at most half of its length more than the one that holds least.

    Parameters
    ----------
    contigs : pandas.DataFrame
        chrom, start, end.
    groups : int
        Number of groups.
    number : int
        Group of the test fold, from 1. The one after it is the validation fold, the others are the training fold.
    seed : int
        The same for all numbers.

    Returns
    -------
    pandas.DataFrame
        ``contigs`` with the columns fold and group (from 1).

    Raises
    ------
    InputError
        If there are fewer contigs than groups.
    """
    if len(contigs) < groups:
        raise InputError(
            f"cross_validation: {groups} groups, but there are {len(contigs)} contigs as long as a window; write a "
            "smaller number, or make max_contig_bins smaller"
        )
    lengths = (contigs["end"] - contigs["start"]).to_numpy()
    stream = generator(seed, "groups")
    shuffled = stream.permutation(len(contigs))
    filled, group = np.zeros(groups, int), np.zeros(len(contigs), int)
    for i in shuffled[np.argsort(-lengths[shuffled], kind="stable")]:
        chosen = stream.choice(np.flatnonzero(filled <= filled.min() + lengths[i] / 2))
        filled[chosen] += lengths[i]
        group[i] = chosen + 1
    fold = np.select([group == number, group == number % groups + 1], ["test", "valid"], "train")
    return contigs.assign(fold=fold, group=group)


def summarise(metrics):
    """Accuracy of all numbers of a cross-validated model in one table.

    Parameters
    ----------
    metrics : list of pandas.DataFrame
        Of :func:`akitaflow.evaluation.accuracy.metrics`, from number 1 on.

    Returns
    -------
    pandas.DataFrame
        dataset, fold (1, 2, ..., and for each dataset ``mean`` and ``sd`` over these, with one degree of freedom less),
        n_windows, mse, pearson, spearman.
    """
    tables = [table[["dataset", *SCORES]].assign(fold=number) for number, table in enumerate(metrics, start=1)]
    every = pd.concat(tables, ignore_index=True)
    rows = []
    for dataset, members in every.groupby("dataset", sort=False):
        rows.append(members)
        for name, value in (("mean", members[SCORES].mean()), ("sd", members[SCORES].std(ddof=1))):
            rows.append(pd.DataFrame([{"dataset": dataset, "fold": name, **value}]))
    return pd.concat(rows, ignore_index=True)[["dataset", "fold", *SCORES]].astype({name: float for name in SCORES})
