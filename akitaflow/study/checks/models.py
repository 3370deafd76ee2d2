"""Check of the config's ``models``: their splits, imported weights, and the weights that a training starts from."""

from akitaflow.errors import InputError
from akitaflow.model.forms import check_form
from akitaflow.study.checks.common import require_fold, require_known


def check_models(study):
    """Each model has a split with targets to train on or compare with, and starts from weights of its architecture."""
    config = study.config
    starts = {model["start"]["model"] for model in config["models"].values() if model["start"]}
    starts.discard(config["figures"]["model"] or next(iter(config["models"]), None))
    for name, model in config["models"].items():
        key = f"{study.source}, models.{name}"
        require_known(model["split"], config["splits"], f"{key}.split", "split")
        genome = config["splits"][model["split"]]["genome"]
        measured = study.datasets_of_split(model["split"])
        learns = not model["weights"] and not config["splits"][model["split"]]["records"]
        if not measured or (learns and not study.training_datasets(genome)):
            raise InputError(
                f"{key}.split: no dataset of genome {genome} has the role train, so there is nothing to learn; "
                f"write role train for one in {study.dataset_table}"
            )
        needed = [] if model["weights"] else ["train", "valid"]
        if name not in starts:
            needed.append(config["evaluation"]["fold"])
        for fold in needed:
            use = "evaluated (evaluation.fold)" if fold == config["evaluation"]["fold"] else "trained"
            require_fold(study, model["split"], fold, f"model {name} cannot be {use}")
        try:
            check_form(model["architecture"])
        except InputError as error:
            raise InputError(f"{key}.{error}") from None
        training = model["training"]
        if training["shift"] >= config["geometry"]["window"]:
            raise InputError(
                f"{key}.training.shift: {training['shift']} bp may move all bases out of the window of "
                f"{config['geometry']['window']} bp; write a few bp, for example 11"
            )
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
        if name not in starts and not study.measured_outputs(name):
            raise InputError(
                f"{key}.weights.outputs: none of {', '.join(study.model_outputs(name))} is a dataset whose targets "
                f"the split has ({', '.join(measured)}), so there is nothing to compare its predictions with; give the "
                f"output and its dataset in {study.dataset_table} the same name"
            )
    for name, model in config["models"].items():
        if model["start"]:
            _check_start(config, name, study.source)


def _check_start(config, name, source):
    """The model of ``start`` exists, does not start from this one, and has the same architecture."""
    chain, place = [name], f"{source}, models.{name}.start.model"
    while config["models"][chain[-1]]["start"]:
        other = config["models"][chain[-1]]["start"]["model"]
        require_known(other, config["models"], f"{source}, models.{chain[-1]}.start.model", "model")
        if other in chain:
            circle = " starts from ".join([*chain, other])
            raise InputError(f"{place}: {circle}; one of them must start from fresh or imported weights")
        chain.append(other)
    own, start = (config["models"][model]["architecture"] for model in chain[:2])
    if own["params"] or start["params"]:
        return  # the architectures are in files; training compares them
    for key, value in own.items():
        if value != start[key]:
            raise InputError(
                f"{place}: {chain[1]} has architecture.{key} {start[key]}, {name} has {value}; weights fit the same "
                f"architecture only: write the architecture of {chain[1]} in {name}"
            )
