"""The forms that a network can have, and the variants of a model that are compared with it.

Only light packages are imported here, because Snakemake reads the config in its own environment.
"""

import difflib

from akitaflow.errors import InputError
from akitaflow.model.forms import check_form

BASE = "base"  # the variant that changes nothing
EQUAL_STEPS = (
    "epochs",
    "steps_per_epoch",
    "patience",
    "patience_from",
    "device",
    "gpus",
    "threads",
)  # of all variants alike
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
    """The variants of a study, with every key of each: those of the paper and the config's own, or what it chooses.

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
        By name, the base first: description, architecture, training, targets, datasets (None: all), quantile. Variants
        of the paper that this study cannot have are left out: single tasks where there is one dataset, targets where
        records are given.

    Raises
    ------
    InputError
        A variant that cannot be, with the key and what to write.
    """
    comparison, model = config["comparison"], config["models"][config["figures"]["model"]]
    given = config["splits"][model["split"]]["records"] is not None
    known = {name: dict(variant) for name, variant in PUBLISHED.items() if not (given and "targets" in variant)}
    if len(outputs) > 1:
        known |= {f"{SINGLE}{name}": {"description": f"{name} alone", "datasets": [name]} for name in outputs}
    known |= comparison["variants"]
    for name in comparison["choice"] or ():
        _one_of(name, known, f"{source}, comparison.choice", "variant")
    chosen = {}
    for name in known:
        if name == BASE or comparison["choice"] is None or name in comparison["choice"]:
            chosen[name] = _filled(name, known[name])
            _check(chosen[name], model, outputs, given, f"{source}, comparison.variants.{name}")
    return chosen


def _filled(name, variant):
    empty = {"architecture": {}, "training": {}, "targets": {}, "datasets": None, "quantile": False}
    return {**empty, **variant, "description": variant.get("description") or name.replace("_", " ")}


def _check(variant, model, outputs, given, key):
    try:
        check_form({**model["architecture"], **variant["architecture"]})
    except InputError as error:
        raise InputError(f"{key}.{error}") from None
    if "params" in variant["architecture"]:
        raise InputError(f"{key}.architecture.params: a variant changes single numbers; write them instead of a file")
    for name in EQUAL_STEPS:
        if name in variant["training"]:
            raise InputError(
                f"{key}.training.{name}: all variants train for equal steps on the same device; delete it here and "
                "write epochs or steps_per_epoch under comparison, or the others in the model"
            )
    if variant["targets"] and given:
        raise InputError(f"{key}.targets: the split's records are given, so targets cannot be made; delete this key")
    if "min_finite" in variant["targets"]:
        raise InputError(f"{key}.targets.min_finite: variants are compared on the same windows; delete this key")
    for name in variant["datasets"] or ():
        _one_of(name, outputs, f"{key}.datasets", "dataset of the model")


def _one_of(name, known, place, what):
    if name not in known:
        close = difflib.get_close_matches(str(name), list(known), n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"write one of: {', '.join(known)}"
        raise InputError(f"{place}: {name!r} is no {what} of this study; {hint}")


def kind(variant):
    """What a variant is about: ``architecture``, ``tasks`` (fewer datasets) or ``data`` (targets, augmentation)."""
    if variant["architecture"]:
        return "architecture"
    return "tasks" if variant["datasets"] else "data"
