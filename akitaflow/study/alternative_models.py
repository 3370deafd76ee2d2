"""The forms that a network can have, and the alternatives of a model that are compared with it.

Only light packages are imported here, because Snakemake reads the config in its own environment.
"""

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


def known_alternatives(config, outputs):
    """The alternatives that a study can have, by name: those of the paper, then single tasks, then the config's own.

    Parameters
    ----------
    config : dict
        Of a study, filled in; the model that figures show is the one that is varied.
    outputs : list of str
        Datasets of its split, in the order of the targets.

    Returns
    -------
    dict of str to dict
        Keys that are not given are missing. Alternatives of the paper that this study cannot have are left out: single
        tasks where there is one dataset, targets where records are given.
    """
    split = config["models"][config["figures"]["model"]]["split"]
    has_records = config["splits"][split]["records"] is not None
    known = {
        name: dict(alternative)
        for name, alternative in PUBLISHED.items()
        if not (has_records and "targets" in alternative)
    }
    if len(outputs) > 1:
        known |= {f"{SINGLE}{name}": {"description": f"{name} alone", "datasets": [name]} for name in outputs}
    return known | config["comparison"]["alternatives"]


def chosen_alternatives(config, outputs):
    """The alternatives of a study, or those that its config chooses, with every key of each.

    Parameters
    ----------
    config : dict
        As for :func:`known_alternatives`.
    outputs : list of str
        As for :func:`known_alternatives`.

    Returns
    -------
    dict of str to dict
        By name, the base first: description, architecture, training, targets, datasets (None: all), quantile.
    """
    choice = config["comparison"]["choice"]
    return {
        name: _filled(name, alternative)
        for name, alternative in known_alternatives(config, outputs).items()
        if name == BASE or choice is None or name in choice
    }


def _filled(name, alternative):
    empty = {"architecture": {}, "training": {}, "targets": {}, "datasets": None, "quantile": False}
    return {**empty, **alternative, "description": alternative.get("description") or name.replace("_", " ")}


def kind(alternative):
    """What an alternative changes: ``architecture``, ``tasks`` (fewer datasets) or ``data`` (targets, augmentation)."""
    if alternative["architecture"]:
        return "architecture"
    return "tasks" if alternative["datasets"] else "data"
