"""The alternatives of a model that are compared with it.

Imports light packages only, because Snakemake reads the config in its own environment.
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
)  # keys of training that are the same for all alternatives
SINGLE = "single_"  # prefix of a dataset's name: a model trained on this dataset alone

# The alternatives of the paper (Supplemental Notes 1 and 2, Supplementary Figs. 1 and 3) by name: the description in
# figures and the keys of the model that change.
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
    "text": {
        "description": "as in the paper's text",
        "architecture": {
            "bottleneck_kernel": 1,
            "bottleneck_filters": 48,
            "map_kernel": 1,
            "block_order": "convolution_first",
        },
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
    """All alternatives of a study by name: those of the paper, single datasets, and those of the config.

    Parameters
    ----------
    config : dict
        Complete config of a study. The alternatives vary the model of ``figures.model``.
    outputs : list of str
        Datasets of its split, in the order of the targets.

    Returns
    -------
    dict of str to dict
        Only the keys that are set. Alternatives that do not apply are left out: single datasets if there is only one,
        other targets if the records are imported.
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
    """The alternatives that ``comparison.choice`` selects (all if null), with every key of each.

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
