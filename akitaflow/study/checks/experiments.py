"""Check of the config's ``saturation`` and ``experiments``."""

from akitaflow.errors import InputError
from akitaflow.study.checks.common import require_known, require_region


def check_saturation(study):
    """Each saturation mutagenesis is of a region of the model's genome, and its options fit each other."""
    for name, settings in study.config["saturation"].items():
        key = f"{study.source}, saturation.{name}"
        model = _require_model(study, "saturation", name)
        chromosomes = study.config["genomes"][study.genome_of_model(model)]["chromosomes"]
        require_region(settings["region"], chromosomes, f"{key}.region")
        if settings["block"] is not None and settings["method"] == "substitute":
            raise InputError(
                f"{key}.block: found {settings['block']} with method: substitute, which changes single bases; write "
                "method: randomise or delete, or no block"
            )


def check_experiments(study):
    """Each arrangement consists of inserts that exist and fit into a window."""
    window = study.config["geometry"]["window"]
    for name, settings in study.config["experiments"].items():
        key, inserts = f"{study.source}, experiments.{name}", settings["inserts"]
        _require_model(study, "experiments", name)
        for arrangement, parts in settings["arrangements"].items():
            place = f"{key}.arrangements.{arrangement}"
            for index, site in enumerate(parts["sites"]):
                require_known(site[:-1], inserts, f"{place}.sites.{index}", "insert of this experiment")
            lengths = [len(inserts[site[:-1]]) for site in parts["sites"]]
            if len(lengths) > 1 and parts["spacing"] < max(lengths):
                raise InputError(
                    f"{place}.spacing: inserts of {max(lengths)} bp overlap at {parts['spacing']} bp; write "
                    f"{max(lengths)} or more"
                )
            span = parts["spacing"] * (len(lengths) - 1) + max(lengths)
            if span > window:
                raise InputError(
                    f"{place}.spacing: inserts span {span} bp, but the model reads {window}; write a smaller spacing"
                )


def _require_model(study, kind, name):
    """Name of the model, which exists."""
    place, model = f"{study.source}, {kind}.{name}.model", study.model_of_experiment(kind, name)
    if model is None:
        raise InputError(f"{place}: the study has no model; write one under models")
    require_known(model, study.config["models"], place, "model")
    return model
