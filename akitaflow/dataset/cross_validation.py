"""k-fold cross-validation: every contig is in the test fold once, and never in the training or validation fold then.

The contigs of a split are divided into k groups of about the same length, and the split becomes k splits. Number i
tests on group i, validates on the next group (the first one follows the last) and trains on the others. Each model of
the split is trained on each of them. :func:`expand` adds these splits and models to the config as ``{name}_1`` to
``{name}_k``, so that the rest of the workflow treats them like any other.
"""

import copy

import numpy as np
import pandas as pd

from akitaflow.errors import InputError
from akitaflow.seeds import generator

SCORES = ["n_windows", "mse", "pearson", "spearman"]


def expand(config, source):
    """Replace cross-validated splits and their models in a config by the numbered ones; it is changed in place.

    An expanded split has under ``cross_validation`` the keys ``split`` (name in the config), ``groups`` and ``number``
    (from 1). A model that starts from another model of the same split starts from the one of its own number. Figures,
    search, predictions, variants and experiments may refer to a model by its name in the config, which means number 1.

    Parameters
    ----------
    config : dict
        Config with all defaults; splits and models are checked.
    source : str
        File of the config, for messages.

    Returns
    -------
    dict of str to list of str
        Name of each cross-validated model in the config -> names of the expanded models.

    Raises
    ------
    InputError
        If a split also assigns contigs by hand or is the published one, a new name exists already, or a model starts
        from one that was trained on its test contigs.
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
    named = (config["predictions"], config["variants"]["sets"], config["saturation"], config["experiments"])
    for block in (config["figures"], config["search"], *(block for blocks in named for block in blocks.values())):
        if block["model"] in members:
            block["model"] = members[block["model"]][0]
    return members


def _check(split, key):
    """Check that a cross-validated split does not assign contigs in another way."""
    if split["records"] is not None:
        raise InputError(f"{key}.cross_validation: the folds of given records are fixed; write null, or delete records")
    if split["policy"] != "balanced":
        raise InputError(
            f"{key}.cross_validation: policy {split['policy']} repeats the published folds; write policy: balanced, "
            "or cross_validation: null"
        )
    assigned = next((name for name in ("chromosomes", "holdout") if _filled(split[name])), None)
    if assigned:
        raise InputError(
            f"{key}.{assigned}: with cross_validation every contig is in the test fold once, so none can be placed by "
            f"hand; delete {assigned} (a region is held out by the model in whose test fold it lies), or write "
            "cross_validation: null"
        )


def _filled(value):
    return any(value.values()) if isinstance(value, dict) else bool(value)


def _numbered(name, k, names, key):
    """List of (new name, number) of a split or model; (name, None) if it is not cross-validated."""
    if k is None:
        return [(name, None)]
    pairs = [(f"{name}_{number}", number) for number in range(1, k + 1)]
    for new, _ in pairs:
        if new in names:
            raise InputError(
                f"{key}: cross-validation names one of its parts {new}, and so does the config; rename one"
            )
    return pairs


def _start(model, name, number, models, folds, key):
    """Set the start of a model to the model of its own number, which leaves out the same contigs."""
    if not model["start"]:
        return
    start = model["start"]["model"]
    start_split, split = models[start]["split"], models[name]["split"]
    if start_split != split and not models[start]["weights"] and (start_split in folds or split in folds):
        raise InputError(
            f"{key}: {start} learns from split {start_split}, where other contigs are left out than in {split}, so "
            f"{name} would be tested on what {start} has seen; put both on one split"
        )
    if start_split in folds:  # imported weights are the same for all numbers
        model["start"]["model"] = f"{start}_{number if start_split == split else 1}"


def assign_folds(contigs, groups, number, seed):
    """Divide contigs into groups, and assign the groups to folds.

    Contigs are assigned from the longest to the shortest; contigs of equal length in random order. The group is drawn
    from those that exceed the shortest group by at most half the length of the contig.

    Parameters
    ----------
    contigs : pandas.DataFrame
        chrom, start, end; 0-based, half-open, in bp.
    groups : int
        Number of groups.
    number : int
        Group of the test fold, from 1. The next group is the validation fold, the others are the training fold.
    seed : int
        Seed of the draws, the same for all numbers.

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
    group_lengths, group = np.zeros(groups, int), np.zeros(len(contigs), int)
    for i in shuffled[np.argsort(-lengths[shuffled], kind="stable")]:
        drawn = stream.choice(np.flatnonzero(group_lengths <= group_lengths.min() + lengths[i] / 2))
        group_lengths[drawn] += lengths[i]
        group[i] = drawn + 1
    fold = np.select([group == number, group == number % groups + 1], ["test", "valid"], "train")
    return contigs.assign(fold=fold, group=group)


def summarise(metrics):
    """Accuracy of the models of a cross-validation, with means and standard deviations.

    Parameters
    ----------
    metrics : list of pandas.DataFrame
        Tables of :func:`akitaflow.evaluation.accuracy.metrics`, in the order of the numbers.

    Returns
    -------
    pandas.DataFrame
        dataset, fold (1, 2, ..., then ``mean`` and ``sd``, the sample standard deviation), n_windows, mse, pearson,
        spearman.
    """
    tables = [table[["dataset", *SCORES]].assign(fold=number) for number, table in enumerate(metrics, start=1)]
    scores = pd.concat(tables, ignore_index=True)
    rows = []
    for dataset, rows_of_dataset in scores.groupby("dataset", sort=False):
        rows.append(rows_of_dataset)
        for name, value in (("mean", rows_of_dataset[SCORES].mean()), ("sd", rows_of_dataset[SCORES].std(ddof=1))):
            rows.append(pd.DataFrame([{"dataset": dataset, "fold": name, **value}]))
    return pd.concat(rows, ignore_index=True)[["dataset", "fold", *SCORES]].astype({name: float for name in SCORES})
