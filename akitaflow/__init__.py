"""Sequence-to-genome-folding studies: contact maps, targets, Akita-like models, perturbations and their scores.

``import akitaflow`` is light: a public name is imported from its module when it is first used, and TensorFlow with
:func:`~akitaflow.model.folding_model.load_model`.
"""

import importlib
import importlib.util

__version__ = "0.2.0"

_MODULES = {
    "errors": ["InputError"],
    "geometry": ["Geometry"],
    "genome.intervals": ["Window", "parse_region"],
    "genome.sequence": ["Genome", "decode", "encode", "one_hot", "reverse_complement"],
    "model.folding_model": ["load_model", "load_predictor"],
    "prediction.map_files": ["write_cooler"],
    "prediction.maps": ["predict_chromosome", "predict_region", "window_map"],
    "prediction.perturb": [
        "Delete", "Insert", "Invert", "Randomise", "Substitute", "align", "apply", "duplicate",
    ],
    "prediction.predictor": ["Predictor"],
    "prediction.stream": ["Average", "Prediction", "Request", "n_predictions", "stream"],
}  # fmt: skip
_PLACES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_PLACES)


def __getattr__(name):
    """Public names and packages, imported at first use."""
    if name in _PLACES:
        return getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
    if not name.startswith("_") and importlib.util.find_spec(f"{__name__}.{name}"):
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])
