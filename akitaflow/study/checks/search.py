"""Check of the config's ``search``."""

from akitaflow.errors import InputError
from akitaflow.study.checks.common import require_known


def check_search(study):
    """``search.model`` is trained from random weights, and ranges have low <= high."""
    config, place = study.config, f"{study.source}, search"
    name = config["search"]["model"]
    if name is not None:
        require_known(name, config["models"], f"{place}.model", "model")
        for key in ("weights", "start"):
            if config["models"][name][key]:
                raise InputError(
                    f"{place}.model: {name} has `{key}`, but a search trains other numbers of filters from fresh "
                    "weights; write a model without weights and start"
                )
    optimizer = config["models"][name]["training"]["optimizer"] if name is not None else "sgd"
    if not any(limits for key, limits in config["search"]["space"].items() if key != "momentum" or optimizer == "sgd"):
        raise InputError(
            f"{place}.space: no parameter has a range, so there is nothing to search; give one a range (momentum is of "
            "the optimiser sgd only)"
        )
    for key, limits in config["search"]["space"].items():
        if limits is None:
            continue
        if limits["low"] > limits["high"]:
            raise InputError(
                f"{place}.space.{key}: low {limits['low']} is above high {limits['high']}; exchange them, or write "
                "null to keep the model's own value"
            )
        if limits.get("log") and limits["low"] == 0:
            raise InputError(f"{place}.space.{key}: a logarithmic scale has no 0; write a low above 0 or log: false")
