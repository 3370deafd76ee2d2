"""Weight files of the authors' code (basenji, Keras 2 HDF5)."""

import hashlib

import h5py
import numpy as np

from akitaflow.errors import InputError


def check_sha256(path, expected=None):
    """The SHA-256 of a file, compared with the one that is expected.

    Parameters
    ----------
    path : str or Path
    expected : str, optional
        64 hexadecimal digits, small or capital.

    Returns
    -------
    str
        The file's own, in small digits.

    Raises
    ------
    InputError
        Another one is expected, or there is no such file.
    """
    try:
        with open(path, "rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); write the path of the weight file") from None
    if expected is not None and found != expected.lower():
        raise InputError(
            f"{path}: its sha256 is {found}, but {expected.lower()} is expected. Either this is not the file that is "
            "meant, or its copy is damaged (then delete it, so that it is fetched again), or the sha256 is mistyped"
        )
    return found


def import_basenji(model, path):
    """Fill a network with the weights of an ``.h5`` file of the authors' code.

    Names in such files carry offsets, so weights are taken in their order and each is checked by kind and shape.

    Parameters
    ----------
    model : keras.Model
        Of :func:`akitaflow.model.network.build`; its weights are replaced.
    path : str or Path
        Keras 2 file with ``model_weights``, or a file of weights only.

    Raises
    ------
    InputError
        A file that is no such file, the first weight that disagrees, or weights that are not finite.
    """
    found = _basenji_weights(path)
    expected = [(layer.name, weight) for layer in model.layers for weight in layer.weights if _is_weight(weight)]
    for i, (layer, weight) in enumerate(expected):
        kind = weight.path.split("/")[-1]
        if i == len(found):
            raise InputError(f"{path}: ends after {len(found)} weights; {layer} lacks its {kind} {tuple(weight.shape)}")
        name, array = found[i]
        if (name.split("/")[-1].split(":")[0], array.shape) != (kind, tuple(weight.shape)):
            reason = "the parameters given are not those of this file"
            if layer == model.layers[-1].name and array.shape[:-1] == tuple(weight.shape)[:-1]:
                reason = f"the file has {array.shape[-1]} outputs: give as many names, in its order"
            raise InputError(
                f"{path}: {name} {array.shape} stands where {layer} needs its {kind} {tuple(weight.shape)} "
                f"(weight {i + 1} of {len(expected)}); {reason}"
            )
    if len(found) > len(expected):
        raise InputError(f"{path}: {found[len(expected)][0]} and what follows has no place in this model")
    for name, array in found:
        check_finite(array, name, path)
    for (_, weight), (_, array) in zip(expected, found, strict=True):
        weight.assign(array)


def check_finite(array, name, path):
    """Raise an InputError if weights are not finite numbers: predictions of such a model are NaN."""
    if np.issubdtype(array.dtype, np.floating) and not np.isfinite(array).all():
        raise InputError(
            f"{path}: {name} {array.shape} holds {int((~np.isfinite(array)).sum())} values that are no finite numbers; "
            "the training diverged or the file is damaged: get the weights again"
        )


def _is_weight(variable):
    return "seed_generator" not in variable.path


def _basenji_weights(path):
    """(name, array) of every weight, in the order of the layers."""
    try:
        with h5py.File(path) as file:
            group = file["model_weights"] if "model_weights" in file else file
            return [
                (name, group[layer][name][:])
                for layer in map(_text, group.attrs["layer_names"])
                for name in map(_text, group[layer].attrs["weight_names"])
            ]
    except (OSError, KeyError) as error:
        raise InputError(f"{path}: not a weight file of the authors' code (HDF5 with layer_names): {error}") from None


def _text(name):
    return name.decode() if isinstance(name, bytes) else name
