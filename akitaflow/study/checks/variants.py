"""Check of the config's ``variants``."""

from akitaflow.errors import InputError
from akitaflow.study.checks.common import require_file, require_fold, require_known

RESERVED = ("background",)  # folders of results/variants that are no set


def check_variants(study):
    """Each set of variants names a model and files that exist, and its options fit its format."""
    variants, geometry, place = study.config["variants"], study.config["geometry"], f"{study.source}, variants"
    for index, shift in enumerate(variants["average"]["shifts"]):
        if abs(shift) >= geometry["window"]:
            raise InputError(
                f"{place}.average.shifts.{index}: {shift} bp move all bases out of the window of {geometry['window']} "
                "bp; write shifts of a few bp, as [-1, 0, 1]"
            )
    most = (geometry["map_bins"] - 1) // 2
    if (variants["insulation_bins"] or 0) > most:
        raise InputError(
            f"{place}.insulation_bins: {variants['insulation_bins']} bins on both sides of a bin do not fit into a map "
            f"of {geometry['map_bins']} bins; write {most} or less"
        )
    require_file(study, variants["genes"], f"{place}.genes")
    for name, settings in variants["sets"].items():
        _check_set(study, name, settings, f"{place}.sets.{name}")


def _check_set(study, name, settings, key):
    """The name, the model, the options and the files of one set."""
    if name in RESERVED:
        raise InputError(f"{key}: results/variants/{name} is in use for other files; write another name")
    model = study.model_of_variants(name)
    if model is None:
        raise InputError(f"{key}.model: the study has no model; write one under models")
    require_known(model, study.config["models"], f"{key}.model", "model")
    if study.config["variants"]["random"]:
        consequence = "no random variants can be drawn there (variants.fold)"
        require_fold(study, study.split_of_model(model), study.config["variants"]["fold"], consequence)
    for option, formats in (("sample", ("vcf",)), ("bed_kind", ("bed",))):
        if settings[option] is not None and settings["format"] not in (None, *formats):
            raise InputError(
                f"{key}.{option}: found {settings[option]!r} with format {settings['format']}; write format: "
                f"{formats[0]}, or no {option}"
            )
    for part in ("file", "chain"):
        require_file(study, settings[part], f"{key}.{part}")
