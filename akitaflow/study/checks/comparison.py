"""Check of the config's ``comparison``."""

from akitaflow.errors import InputError
from akitaflow.model.forms import check_form
from akitaflow.study.alternative_models import BASE, EQUAL_STEPS, chosen_alternatives, known_alternatives
from akitaflow.study.checks.common import require_known


def check_comparison(study):
    """The chosen alternatives are known, and each can be built and compared with ``figures.model``."""
    name_of_model = study.config["figures"]["model"]
    if name_of_model is None:
        return
    model, place = study.config["models"][name_of_model], f"{study.source}, comparison"
    outputs = study.datasets_of_split(model["split"])
    for name in study.config["comparison"]["choice"] or ():
        require_known(name, known_alternatives(study.config, outputs), f"{place}.choice", "alternative")
    has_records = study.config["splits"][model["split"]]["records"] is not None
    for name, alternative in chosen_alternatives(study.config, outputs).items():
        _check_alternative(alternative, model, outputs, has_records, f"{place}.alternatives.{name}")


def _check_alternative(alternative, model, outputs, has_records, key):
    if key.endswith(f".{BASE}") and any(value for part, value in alternative.items() if part != "description"):
        raise InputError(f"{key}: this is the name of the model as it is, with which all are compared; write another")
    if alternative["targets"].get("smoothing_width", 1) % 2 == 0:
        raise InputError(f"{key}.targets.smoothing_width: it is even, but a kernel has a centre; write an odd number")
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
    if alternative["targets"] and has_records:
        raise InputError(f"{key}.targets: the split's records are given, so targets cannot be made; delete this key")
    if "min_finite" in alternative["targets"]:
        raise InputError(f"{key}.targets.min_finite: alternatives are compared on the same windows; delete this key")
    for name in alternative["datasets"] or ():
        require_known(name, outputs, f"{key}.datasets", "dataset of the model")
