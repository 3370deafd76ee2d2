"""Checks of the models of a study: their splits, imported weights, and what a training starts from."""

from akitaflow.errors import InputError
from akitaflow.model.forms import check_form
from akitaflow.study.checks import _known, _role, compared, outputs, targets


def models(config, rows, names):
    """Each model has a split with something to learn or to compare, and starts from what it can start from."""
    starts = {model["start"]["model"] for model in config["models"].values() if model["start"]}
    starts.discard(config["figures"]["model"] or next(iter(config["models"]), None))
    for name, model in config["models"].items():
        key = f"{names['source']}, models.{name}"
        _known(model["split"], config["splits"], f"{key}.split", "split")
        genome = config["splits"][model["split"]]["genome"]
        measured = targets(config, rows, model["split"])
        learns = not model["weights"] and not config["splits"][model["split"]]["records"]
        if not measured or (learns and not _role(rows, genome, "train")):
            raise InputError(
                f"{key}.split: no dataset of genome {genome} has the role train, so there is nothing to learn; "
                f"write role train for one in {names['datasets']}"
            )
        try:
            check_form(model["architecture"])
        except InputError as error:
            raise InputError(f"{key}.{error}") from None
        training = model["training"]
        if training["device"] == "cpu" and training["gpus"] not in (1, "all"):
            raise InputError(
                f"{key}.training.gpus: {training['gpus']} GPUs cannot train with device: cpu; write gpus: 1, or "
                "device: gpu"
            )
        if model["weights"] and model["start"]:
            raise InputError(
                f"{key}.start: a model with weights is not trained; delete start, or delete weights and write "
                f"start: {{model: <the imported model>}} in a model of its own"
            )
        if name not in starts and not compared(config, rows, name):
            raise InputError(
                f"{key}.weights.outputs: none of {', '.join(outputs(config, rows, name))} is a dataset whose targets "
                f"the split has ({', '.join(measured)}), so there is nothing to compare its predictions with; give the "
                f"output and its dataset in {names['datasets']} the same name"
            )
    for name, model in config["models"].items():
        if model["start"]:
            _start(config, name, names["source"])


def _start(config, name, source):
    """The model from which another one starts exists, leads to no circle, and has the same architecture."""
    line, place = [name], f"{source}, models.{name}.start.model"
    while config["models"][line[-1]]["start"]:
        other = config["models"][line[-1]]["start"]["model"]
        _known(other, config["models"], f"{source}, models.{line[-1]}.start.model", "model")
        if other in line:
            circle = " starts from ".join([*line, other])
            raise InputError(f"{place}: {circle}; one of them must start from fresh or imported weights")
        line.append(other)
    ours, theirs = (config["models"][model]["architecture"] for model in line[:2])
    if ours["params"] or theirs["params"]:
        return  # the numbers are in files, which training compares
    for key, value in ours.items():
        if value != theirs[key]:
            raise InputError(
                f"{place}: {line[1]} has architecture.{key} {theirs[key]}, {name} has {value}; weights fit the same "
                f"architecture only: write the architecture of {line[1]} in {name}"
            )
