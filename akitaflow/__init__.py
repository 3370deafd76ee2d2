"""Sequence-to-genome-folding studies: contact maps, targets, Akita-like models, perturbations and their scores.

``import akitaflow`` is light: modules are imported when they are first used (``akitaflow.prediction.perturb``),
TensorFlow not before :func:`load_model` is called.
"""

import importlib
import importlib.util

__version__ = "0.1.0"


def load_model(path, params=None, outputs=None):
    """A trained model, ready to predict: see :func:`akitaflow.model.folding_model.load_model`."""
    from akitaflow.model.folding_model import load_model

    return load_model(path, params, outputs)


def __getattr__(name):
    """Modules of the package, imported at first use."""
    if not name.startswith("_") and importlib.util.find_spec(f"{__name__}.{name}"):
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
