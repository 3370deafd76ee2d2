"""Reading of weight files of the authors' code (basenji, Keras 2 HDF5)."""

import hashlib

import h5py
import numpy as np

from akitaflow.errors import InputError
from akitaflow.files import require_hdf5


def check_sha256(path, expected=None):
    """Compute the SHA-256 of a file and compare it with the expected one.

    Parameters
    ----------
    path : str or Path
    expected : str, optional
        64 hexadecimal digits in lower or upper case.

    Returns
    -------
    str
        SHA-256 of the file in lower case.

    Raises
    ------
    InputError
        If it differs from the expected one, or the file cannot be read.
    """
    try:
        with open(path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); write the path of the weight file") from None
    if expected is not None and digest != expected.lower():
        raise InputError(
            f"{path}: its sha256 is {digest}, but {expected.lower()} is expected. Either this is another file, "
            "or its copy is damaged (then delete it, so that it is downloaded again), or the sha256 is mistyped"
        )
    return digest


def import_basenji(model, path):
    """Load the weights of an ``.h5`` file of the authors' code into a network.

    Weights are matched by their order, because the numbers in their names vary. The kind and shape of each are checked.

    Parameters
    ----------
    model : keras.Model
        Of :func:`akitaflow.model.network.build`; modified in place.
    path : str or Path
        Keras 2 file with ``model_weights``, or a file of weights only.

    Raises
    ------
    InputError
        If the file has another format, a weight does not match (the first is named), or a weight is not finite, or a
        kernel is 0 throughout.
    """
    stored = _basenji_weights(path)
    expected = [(layer.name, weight) for layer in model.layers for weight in layer.weights if _is_weight(weight)]
    for i, (layer, weight) in enumerate(expected):
        kind = weight.path.split("/")[-1]
        if i == len(stored):
            raise InputError(
                f"{path}: ends after {len(stored)} weights; {kind} {tuple(weight.shape)} of {layer} is missing"
            )
        name, array = stored[i]
        if (name.split("/")[-1].split(":")[0], array.shape) != (kind, tuple(weight.shape)):
            reason = "this file was trained with other parameters"
            if layer == model.layers[-1].name and array.shape[:-1] == tuple(weight.shape)[:-1]:
                reason = f"the file has {array.shape[-1]} outputs: give as many names, in the same order"
            raise InputError(
                f"{path}: {name} {array.shape} is in the place of {kind} {tuple(weight.shape)} of {layer} "
                f"(weight {i + 1} of {len(expected)}); {reason}"
            )
    if len(stored) > len(expected):
        raise InputError(f"{path}: {stored[len(expected)][0]} and the weights after it are not in this model")
    for name, array in stored:
        if not np.issubdtype(array.dtype, np.floating):
            raise InputError(
                f"{path}: {name} {array.shape} holds {array.dtype}; write float32, as the authors' code does"
            )
        check_finite(array, name, path)
        if "kernel" in name and not array.any():
            raise InputError(
                f"{path}: {name} {array.shape} is 0 throughout, as in a file that was not downloaded to its end; get "
                "the weights again"
            )
    for (_, weight), (_, array) in zip(expected, stored, strict=True):
        weight.assign(array)


def check_finite(array, name, path):
    """Raise an InputError if weights are not finite, or variances are negative: predictions of such a model are NaN."""
    if "variance" in name and (array < 0).any():
        raise InputError(f"{path}: {name} {array.shape} has values below 0; get the weights again")
    if np.issubdtype(array.dtype, np.floating) and not np.isfinite(array).all():
        raise InputError(
            f"{path}: {name} {array.shape} has {int((~np.isfinite(array)).sum())} values that are not finite; "
            "the training diverged or the file is damaged: get the weights again"
        )


def _is_weight(variable):
    return "seed_generator" not in variable.path


def _basenji_weights(path):
    """List of (name, array) of the weights in a file, in the order of the layers."""
    require_hdf5(path, "a weight file of the authors' code (HDF5)")
    try:
        with h5py.File(path) as file:
            group = file["model_weights"] if "model_weights" in file else file
            return [
                (name, np.asarray(group[layer][name]))
                for layer in map(_text, group.attrs["layer_names"])
                for name in map(_text, group[layer].attrs["weight_names"])
            ]
    except (OSError, KeyError) as error:
        raise InputError(f"{path}: not a weight file of the authors' code (HDF5 with layer_names): {error}") from None


def _text(name):
    return name.decode() if isinstance(name, bytes) else name
