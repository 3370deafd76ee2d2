"""The forms that a network can have, and the alternatives of a model that are compared with it.

Only light packages are imported here, because Snakemake reads the config in its own environment.
"""

import difflib

from akitaflow.errors import InputError
from akitaflow.model.forms import check_form

BASE = "base"  # the alternative that changes nothing
EQUAL_STEPS = (
    "epochs",
    "steps_per_epoch",
    "patience",
    "patience_from",
    "device",
    "gpus",
    "threads",
)  # of all alternatives alike
SINGLE = "single_"  # before the name of a dataset: the model of this dataset alone

# The alternatives that the paper discusses (Supplemental Notes 1 and 2, Supplementary Figs. 1 and 3), by name: what is
# said about each in figures, and what it changes in the model.
PUBLISHED = {
    BASE: {"description": "the model as it is"},
    "concatenate": {"description": "pairs: concatenation", "architecture": {"pairs": "concatenate"}},
    "product": {"description": "pairs: product", "architecture": {"pairs": "product"}},
    "max": {"description": "pairs: maximum", "architecture": {"pairs": "max"}},
    "no_distance": {"description": "no distance channel", "architecture": {"distance": False}},
    "no_symmetrization": {"description": "no symmetrisation", "architecture": {"symmetrize": False}},
    "lstm": {"description": "trunk: bidirectional LSTM", "architecture": {"trunk": "lstm"}},
    "separable": {"description": "separable convolutions", "architecture": {"convolution": "separable"}},
    "narrow_bottleneck": {
        "description": "bottleneck: width 1, 48 filters",
        "architecture": {"bottleneck_kernel": 1, "bottleneck_filters": 48},
    },
    "virtual_4c": {"description": "head: virtual 4C", "architecture": {"head": "virtual_4c"}},
    "zigzag": {"description": "head: zig-zag poles (deepC)", "architecture": {"head": "zigzag"}},
    "no_augmentation": {
        "description": "no augmentation",
        "training": {"shift": 0, "reverse_complement": False, "substitution_rate": 0.0},
    },
    "quantile": {"description": "quantile-normalised targets (deepC)", "quantile": True},
    "zeros": {"description": "missing bins: zeros", "targets": {"missing": "zero"}},
}


def complete(config, outputs, source):
    """The alternatives of a study, with every key of each: those of the paper and the config's own, or what it chooses.

    Parameters
    ----------
    config : dict
        Of a study, filled in; the model that figures show is the one that is varied.
    outputs : list of str
        Datasets of its split, in the order of the targets.
    source : str
        The config's file, for messages.

    Returns
    -------
    dict of str to dict
        By name, the base first: description, architecture, training, targets, datasets (None: all), quantile.
        Alternatives of the paper that this study cannot have are left out: single tasks where there is one dataset,
        targets where records are given.

    Raises
    ------
    InputError
        An alternative that cannot be, with the key and what to write.
    """
    comparison, model = config["comparison"], config["models"][config["figures"]["model"]]
    given = config["splits"][model["split"]]["records"] is not None
    known = {
        name: dict(alternative) for name, alternative in PUBLISHED.items() if not (given and "targets" in alternative)
    }
    if len(outputs) > 1:
        known |= {f"{SINGLE}{name}": {"description": f"{name} alone", "datasets": [name]} for name in outputs}
    known |= comparison["alternatives"]
    for name in comparison["choice"] or ():
        _one_of(name, known, f"{source}, comparison.choice", "alternative")
    chosen = {}
    for name in known:
        if name == BASE or comparison["choice"] is None or name in comparison["choice"]:
            chosen[name] = _filled(name, known[name])
            _check(chosen[name], model, outputs, given, f"{source}, comparison.alternatives.{name}")
    return chosen


def _filled(name, alternative):
    empty = {"architecture": {}, "training": {}, "targets": {}, "datasets": None, "quantile": False}
    return {**empty, **alternative, "description": alternative.get("description") or name.replace("_", " ")}


def _check(alternative, model, outputs, given, key):
    try:
        check_form({**model["architecture"], **alternative["architecture"]})
    except InputError as error:
        raise InputError(f"{key}.{error}") from None
    if "params" in alternative["architecture"]:
        raise InputError(
            f"{key}.architecture.params: an alternative changes single numbers; write them instead of a file"
        )
    for name in EQUAL_STEPS:
        if name in alternative["training"]:
            raise InputError(
                f"{key}.training.{name}: all alternatives train for equal steps on the same device; delete it here and "
                "write epochs or steps_per_epoch under comparison, or the others in the model"
            )
    if alternative["targets"] and given:
        raise InputError(f"{key}.targets: the split's records are given, so targets cannot be made; delete this key")
    if "min_finite" in alternative["targets"]:
        raise InputError(f"{key}.targets.min_finite: alternatives are compared on the same windows; delete this key")
    for name in alternative["datasets"] or ():
        _one_of(name, outputs, f"{key}.datasets", "dataset of the model")


def _one_of(name, known, place, what):
    if name not in known:
        close = difflib.get_close_matches(str(name), list(known), n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"write one of: {', '.join(known)}"
        raise InputError(f"{place}: {name!r} is no {what} of this study; {hint}")


def kind(alternative):
    """What an alternative changes: ``architecture``, ``tasks`` (fewer datasets) or ``data`` (targets, augmentation)."""
    if alternative["architecture"]:
        return "architecture"
    return "tasks" if alternative["datasets"] else "data"
