"""Models on disk: weights and a description beside each other; the authors' weight files; prediction from codes."""

import json
import os
from pathlib import Path

import h5py
import numpy as np
import tensorflow as tf

from akitaflow.errors import InputError
from akitaflow.model import Architecture, build

WEIGHTS, DESCRIPTION = "model.weights.h5", "model.json"


class FoldingModel:
    """A trained network with the names of its outputs.

    Parameters
    ----------
    network : keras.Model
        Of :func:`akitaflow.model.build`.
    architecture : akitaflow.model.Architecture
    outputs : list of str
        Names of the datasets in the order of the outputs.
    description : dict, optional
        What else is known: split, genome, training, provenance.

    Attributes
    ----------
    length : int
        Of the sequence, bp.
    bin_size : int
        bp.
    map_bins : int
        Bins of the predicted map.
    diagonal_offset : int
        First diagonal predicted.
    n_values : int
        Values of the upper triangle.
    """

    def __init__(self, network, architecture, outputs, description=None):
        self.network, self.architecture = network, architecture
        self.outputs, self.description = list(outputs), description or {}
        self.length, self.bin_size = architecture.length, architecture.bin_size
        self.map_bins, self.diagonal_offset = architecture.map_bins, architecture.diagonal_offset
        self.n_values = architecture.n_values

        @tf.function(input_signature=[tf.TensorSpec((None, self.length), tf.uint8)], jit_compile=False)
        def predict(codes):
            return network(tf.one_hot(codes, 4), training=False)  # N (4) becomes zeros

        self._predict = predict

    def predict_codes(self, codes):
        """Predicted maps of sequences, which go through the network at once: memory grows with their number.

        Parameters
        ----------
        codes : ndarray of uint8, shape (n, length)
            Codes of :func:`akitaflow.dna.encode`.

        Returns
        -------
        ndarray of float32, shape (n, n_values, outputs)
            log(observed / expected), upper triangle row by row.

        Raises
        ------
        ValueError
            Another shape or type.
        """
        codes = np.asarray(codes)
        if codes.ndim != 2 or codes.shape[1] != self.length or codes.dtype != np.uint8:
            raise ValueError(f"codes must be uint8 (n, {self.length}), not {codes.dtype} {codes.shape}")
        return self._predict(codes).numpy()


def save_model(folder, model, description):
    """Write ``model.weights.h5`` and ``model.json``.

    Parameters
    ----------
    folder : str or Path
    model : keras.Model
    description : dict
        Plain JSON values, at least ``architecture`` (:meth:`Architecture.to_dict`) and ``outputs`` (list of str).
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    weights, text = folder / f".tmp.{WEIGHTS}", folder / f".tmp.{DESCRIPTION}"
    model.save_weights(weights, overwrite=True)
    text.write_text(json.dumps(description, indent=2) + "\n")
    os.replace(weights, folder / WEIGHTS)
    os.replace(text, folder / DESCRIPTION)


def save_table(path, table):
    """Write a table as TSV that appears only when whole."""
    temporary = Path(path).with_name(f".tmp.{Path(path).name}")
    table.to_csv(temporary, sep="\t", index=False, float_format="%.8g")
    os.replace(temporary, path)


def load_model(folder):
    """The model of a folder that :func:`save_model` wrote.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    FoldingModel

    Raises
    ------
    InputError
        Files that are missing or do not fit each other.
    """
    folder = Path(folder)
    for name in (WEIGHTS, DESCRIPTION):
        if not (folder / name).exists():
            raise InputError(f"{folder}: no {name}; a model's folder holds {WEIGHTS} and {DESCRIPTION}")
    description = json.loads((folder / DESCRIPTION).read_text())
    architecture = Architecture(**description["architecture"])
    network = build(architecture, len(description["outputs"]))
    try:
        network.load_weights(folder / WEIGHTS)
    except (ValueError, OSError, KeyError) as error:
        raise InputError(f"{folder / WEIGHTS}: does not fit {DESCRIPTION}, or is damaged: {error}") from None
    return FoldingModel(network, architecture, description["outputs"], description)


def import_basenji(model, path):
    """Fill a network with the weights of an ``.h5`` file of the authors' code.

    Names in such files carry offsets, so weights are taken in their order and each is checked by kind and shape.

    Parameters
    ----------
    model : keras.Model
        Of :func:`akitaflow.model.build`; its weights are replaced.
    path : str or Path
        Keras 2 file with ``model_weights``, or a file of weights only.

    Raises
    ------
    InputError
        A file that is no such file, or the first weight that disagrees.
    """
    found = _basenji_weights(path)
    expected = [(layer.name, weight) for layer in model.layers for weight in layer.weights if _is_weight(weight)]
    for i, (layer, weight) in enumerate(expected):
        kind = weight.path.split("/")[-1]
        if i == len(found):
            raise InputError(f"{path}: ends after {len(found)} weights; {layer} lacks its {kind} {tuple(weight.shape)}")
        name, array = found[i]
        if (name.split("/")[-1].split(":")[0], array.shape) != (kind, tuple(weight.shape)):
            raise InputError(
                f"{path}: {name} {array.shape} stands where {layer} needs its {kind} {tuple(weight.shape)} "
                f"(weight {i + 1} of {len(expected)}); the parameters given are not those of this file"
            )
    if len(found) > len(expected):
        raise InputError(f"{path}: {found[len(expected)][0]} and what follows has no place in this model")
    for (_, weight), (_, array) in zip(expected, found, strict=True):
        weight.assign(array)


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
