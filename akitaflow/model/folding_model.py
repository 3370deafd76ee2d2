"""Trained models: reading and writing of their files, import of the authors' weight files, and prediction."""

import hashlib
import json
from functools import cached_property
from pathlib import Path

import h5py
import numpy as np
import tensorflow as tf

from akitaflow.errors import InputError
from akitaflow.files import read_json, require_hdf5, whole
from akitaflow.genome.sequence import as_codes
from akitaflow.model.basenji import check_finite, check_sha256, import_basenji
from akitaflow.model.engine import Engine
from akitaflow.model.network import Architecture, build
from akitaflow.model.on_device import COMPILE_AFTER, PRECISIONS, OnDevice, in_precision
from akitaflow.prediction import maps
from akitaflow.prediction.predictor import Predictor
from akitaflow.prediction.stream import Average, Request
from akitaflow.provenance import provenance

PARAMS_ADVICE = "give the params.json of the authors' code with which the model was trained"
WEIGHTS, DESCRIPTION = "model.weights.h5", "model.json"


class FoldingModel:
    """A trained network with the names of its outputs.

    Parameters
    ----------
    network : keras.Model
        Of :func:`akitaflow.model.network.build`. It must not change after the first prediction.
    architecture : akitaflow.model.network.Architecture
    outputs : list of str
        Names of the datasets in the order of the outputs.
    description : dict, optional
        Further entries of ``model.json``: split, genome, training, provenance.
    precision : {"float32", "bfloat16"}
        Of the arithmetic. ``bfloat16`` is faster on a GPU and less precise (``docs/performance.md``).

    Attributes
    ----------
    geometry : akitaflow.geometry.Geometry
        Sizes of the window and the map.
    length : int
        Length of the sequence, bp.
    bin_size : int
        bp.
    map_bins : int
        Bins of the predicted map.
    diagonal_offset : int
        First diagonal predicted.
    n_values : int
        Values of the upper triangle.
    on_gpu : bool
        Whether maps are predicted on a GPU.
    """

    def __init__(self, network, architecture, outputs, description=None, precision="float32"):
        if precision not in PRECISIONS:
            raise InputError(f"precision: {precision!r} is unknown; write one of {', '.join(PRECISIONS)}")
        self.precision = precision
        self.network, self.architecture = network, architecture
        self.outputs, self.description = list(outputs), description or {}
        self.geometry = architecture.geometry
        self.length, self.bin_size = architecture.length, architecture.bin_size
        self.map_bins, self.diagonal_offset = architecture.map_bins, architecture.diagonal_offset
        self.n_values = architecture.n_values

    @cached_property
    def on_gpu(self):
        return bool(tf.config.list_logical_devices("GPU"))

    @cached_property
    def engine(self):
        """The engine for exact prediction on a CPU; it copies the network's weights."""
        return Engine(self.network, self.architecture)

    @cached_property
    def route(self):
        """The object that predicts maps: an Engine, or an OnDevice."""
        if not self.on_gpu and self.precision == "float32":
            return self.engine
        network = in_precision(self.network, self.architecture, len(self.outputs), self.precision)
        return OnDevice(network, COMPILE_AFTER if self.on_gpu else None)

    def predict_codes(self, codes):
        """Predicted maps of sequences, in one batch: memory grows with their number.

        Parameters
        ----------
        codes : ndarray of uint8, shape (n, length)
            Codes of :func:`akitaflow.genome.sequence.encode`.

        Returns
        -------
        ndarray of float32, shape (n, n_values, outputs)
            log(observed / expected), upper triangle row by row.

        Raises
        ------
        ValueError
            If the codes have another shape or type.
        """
        return np.asarray(self.predict_maps(codes))

    def predict_maps(self, codes):
        """As :meth:`predict_codes`, but on a GPU the result is a tensor that stays there."""
        codes = np.asarray(codes)
        if codes.ndim != 2 or codes.shape[1] != self.length or codes.dtype != np.uint8:
            raise ValueError(f"codes must be uint8 (n, {self.length}), not {codes.dtype} {codes.shape}")
        return self.route.predict(codes)

    def to_device(self, values):
        """A map, float32 (n_values, outputs), on the device of this model's predictions."""
        return tf.constant(values) if self.on_gpu else np.asarray(values)

    def flipped(self, values):
        """The map of the reverse complement, from a tensor (n_values, outputs)."""
        return tf.gather(values, self.geometry.flip_index())

    def predict(self, sequences, batch_size=8, average=None):
        """Predicted maps of any number of sequences.

        Parameters
        ----------
        sequences : str, list of str, or ndarray of shape (n, length, 4)
            Bases in upper or lower case, other letters being N; or one-hot A, C, G, T of any number type, N all zeros.
        batch_size : int
            Sequences per call of the network.
        average : akitaflow.prediction.stream.Average, optional
            Strands and shifts to average over; by default none.

        Returns
        -------
        ndarray of float32, shape (n, n_values, outputs)
            log(observed / expected), upper triangle row by row as the authors' code gives it.

        Raises
        ------
        ValueError
            If sequences have another length, type or shape.
        """
        rows = _Rows(as_codes(sequences, self.length))
        requests = (Request((row, 0, self.length)) for row in range(len(rows.codes)))
        predicted = np.empty((len(rows.codes), self.n_values, len(self.outputs)), np.float32)
        for prediction in Predictor(self, rows, batch_size, average).stream(requests):
            predicted[prediction.request_index] = prediction.values
        return predicted

    def predict_region(self, fasta, region, *, stride_bins=None, batch_size=8, average=None, progress=None):
        """The map of a region: see :func:`akitaflow.prediction.maps.predict_region`."""
        predictor = Predictor(self, fasta, batch_size, average)
        return maps.predict_region(predictor, region, stride_bins=stride_bins, progress=progress)

    def score_variants(self, fasta, variants, **options):
        """Scores of DNA variants: see :func:`akitaflow.variants.scoring.score_variants`."""
        from akitaflow.variants.scoring import score_variants

        return score_variants(self, fasta, variants, **options)


class _Rows:
    """Sequences with the interface of a genome: the name of a chromosome is the index of a sequence."""

    def __init__(self, codes):
        self.codes = codes

    def fetch(self, row, start, end):
        return self.codes[row, start:end]


def save_model(folder, model, description):
    """Write ``model.weights.h5`` and ``model.json``.

    Parameters
    ----------
    folder : str or Path
    model : keras.Model
    description : dict
        Plain JSON values, at least ``architecture`` (:meth:`akitaflow.model.network.Architecture.to_dict`) and
        ``outputs`` (list of str).
    """
    folder = Path(folder)
    text = json.dumps({**description, "checksums": _checksums(model, description)}, indent=2) + "\n"
    with whole(folder / DESCRIPTION) as part, whole(folder / WEIGHTS) as weights:
        model.save_weights(weights)
        part.write_text(text)


def _checksums(network, description):
    """SHA-256 of the weights, and of what model.json says about them, as many edits of it change no shape."""
    weights = hashlib.sha256()
    for weight in network.weights:
        if "seed_generator" not in weight.path:
            weights.update(np.ascontiguousarray(weight, "<f4").tobytes())
    stated = json.dumps([description["architecture"], list(description["outputs"])], sort_keys=True)
    return {"weights": weights.hexdigest(), "description": hashlib.sha256(stated.encode()).hexdigest()}


def load_model(path, params=None, outputs=None, precision="float32"):
    """Load a trained model from its folder or from a weight file of the authors' code.

    Parameters
    ----------
    path : str or Path
        The folder, or the ``.h5`` file.
    params : str, Path or dict, optional
        For an ``.h5`` file: the ``params.json`` it was trained with.
    outputs : list of str, optional
        For an ``.h5`` file: names of its outputs, which the file lacks; by default ``output_0`` and so on.
    precision : {"float32", "bfloat16"}
        See :class:`FoldingModel`.

    Returns
    -------
    FoldingModel

    Raises
    ------
    InputError
        If a file is missing, or the files do not fit each other.
    """
    if isinstance(outputs, str):
        raise InputError(f"outputs: {outputs!r} is a single text; give a list of names, for example [{outputs!r}]")
    if outputs is not None:
        _check_outputs(list(outputs), "outputs")
    path = Path(path)
    if path.is_dir() and params is None and outputs is None:
        return _load_folder(path, precision)
    if path.is_dir() or path.name == WEIGHTS:
        raise InputError(f"{path}: a folder with {DESCRIPTION} is loaded by its own path, without params and outputs")
    if not path.is_file():
        raise InputError(f"{path}: no such folder or file; give a model's folder or an .h5 file of the authors' code")
    require_hdf5(path, "a model's folder, or an .h5 file of the authors' code")
    if params is None:
        raise InputError(f"{path}: a weight file does not describe the network; give its params.json as params")
    if not isinstance(params, dict):
        params = read_json(params, PARAMS_ADVICE)
    architecture = Architecture.from_params(params)
    if outputs is None:
        outputs = [f"output_{i}" for i in range(int(params["model"]["head_hic"][-1]["units"]))]
    network = build(architecture, len(outputs))
    import_basenji(network, path)
    return FoldingModel(network, architecture, outputs, {"imported": {"source": str(path)}}, precision)


def _load_folder(folder, precision):
    for name in (WEIGHTS, DESCRIPTION):
        if not (folder / name).exists():
            raise InputError(f"{folder}: no {name}; the folder of a model has {WEIGHTS} and {DESCRIPTION}")
    try:
        description = read_json(folder / DESCRIPTION, "copy it again from the folder of the trained model")
        architecture = Architecture(**description["architecture"])
        _check_outputs(description["outputs"], f"{folder / DESCRIPTION}, outputs")
    except InputError as error:
        place = "" if str(error).startswith(str(folder)) else f"{folder / DESCRIPTION}: "
        raise InputError(f"{place}{error}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{folder / DESCRIPTION}: damaged, or not the description of a model ({type(error).__name__}: {error}); "
            "copy it again from the folder of the trained model"
        ) from None
    require_hdf5(folder / WEIGHTS, "the file from the folder of the trained model")
    network = build(architecture, len(description["outputs"]))
    try:
        network.load_weights(folder / WEIGHTS)
    except (ValueError, OSError, KeyError) as error:
        reason = str(error).split(" Target variable:")[0]
        raise InputError(f"{folder / WEIGHTS}: does not fit {DESCRIPTION}, or is damaged: {reason}") from None
    for layer in network.layers:
        for weight in layer.weights:
            check_finite(np.asarray(weight), weight.path, folder / WEIGHTS)
    _check_folder(folder, network, description)
    return FoldingModel(network, architecture, description["outputs"], description, precision)


def _check_folder(folder, network, description):
    """Check that both files of a model are of one training, and as they were written."""
    n_weights = sum("seed_generator" not in weight.path for weight in network.weights)
    with h5py.File(folder / WEIGHTS) as file:
        stored = []
        file.visititems(lambda name, item: stored.append(name) if isinstance(item, h5py.Dataset) else None)
    n_stored = sum("seed_generator" not in name for name in stored)
    if n_stored != n_weights:
        raise InputError(
            f"{folder / WEIGHTS}: has {n_stored} weights, the network of {DESCRIPTION} {n_weights}: it is of another "
            "architecture; copy both files from the folder of the trained model"
        )
    expected = description.get("checksums") or {}
    if not isinstance(expected, dict):
        raise InputError(f"{folder / DESCRIPTION}: checksums: found {expected!r}; copy it again from the folder")
    found = _checksums(network, description)
    if expected.get("weights", found["weights"]) != found["weights"]:
        raise InputError(
            f"{folder / WEIGHTS}: other weights than those with which {DESCRIPTION} was written; copy both files from "
            "the folder of the trained model"
        )
    if expected.get("description", found["description"]) != found["description"]:
        raise InputError(
            f"{folder / DESCRIPTION}: architecture or outputs were changed after the file was written, so that the "
            "weights are of another network; copy it again from the folder of the trained model"
        )


def _check_outputs(outputs, place):
    """Raise an InputError unless outputs is a list of different names, at least one."""
    if not isinstance(outputs, list) or not outputs or not all(isinstance(name, str) and name for name in outputs):
        raise InputError(f"{place}: found {outputs!r}; write a list of names, [HFF, H1hESC]")
    blank = [name for name in outputs if name != name.strip() or not name.isprintable()]
    if blank:
        raise InputError(f"{place}: found {blank[0]!r}; write the name without blanks around it and without tabs")
    paths = [name for name in outputs if "/" in name]
    if paths:
        raise InputError(f"{place}: found {paths[0]!r}; write the name without /, because files are named by it")
    twice = [name for i, name in enumerate(outputs) if name in outputs[:i]]
    if twice:
        raise InputError(f"{place}: {twice[0]!r} is there twice; give each output a different name")


def load_predictor(folder, fasta, batch_size=8, average=None):
    """Load a trained model from its folder, together with a genome.

    Parameters
    ----------
    folder : str or Path
        Of the model.
    fasta : str or Path
        Of the genome, indexed.
    batch_size : int
        Sequences per call of the model.
    average : Average or dict, optional
        Strands and shifts to average over; a dict has the keys reverse_complement and shifts, as in the config.

    Returns
    -------
    akitaflow.prediction.predictor.Predictor
    """
    if isinstance(average, dict):
        average = Average.from_config(average)
    return Predictor(load_model(folder), fasta, batch_size, average)


def read_architecture(geometry, numbers, params=None):
    """The architecture of a model of the config.

    Parameters
    ----------
    geometry : dict
        ``geometry`` of the config.
    numbers : dict
        ``architecture`` of the model in the config; its key ``params`` is not used.
    params : str or Path, optional
        File in the authors' format.

    Returns
    -------
    akitaflow.model.network.Architecture

    Raises
    ------
    InputError
        If the file is not JSON; see also :meth:`akitaflow.model.network.Architecture.from_config`.
    """
    authors = None
    if params:
        authors = read_json(params, PARAMS_ADVICE)
    return Architecture.from_config(geometry, {key: numbers[key] for key in numbers if key != "params"}, authors)


def import_model(folder, path, architecture, outputs, sha256=None, **about):
    """Convert an ``.h5`` file of the authors' code to a folder that :func:`load_model` reads.

    Parameters
    ----------
    folder : str or Path
        Folder for ``model.weights.h5`` and ``model.json``. Nothing is written if the import fails.
    path : str or Path
        The ``.h5`` file.
    architecture : akitaflow.model.network.Architecture
        Of the network in the file, for example of :meth:`akitaflow.model.network.Architecture.from_params`.
    outputs : list of str
        Names of its outputs, which the file lacks, in the order of the final layer.
    sha256 : str, optional
        Expected SHA-256 of the file.
    **about
        Further entries of ``model.json``, plain JSON values. ``source`` is recorded as the origin instead of ``path``.

    Raises
    ------
    InputError
        If the names of outputs are not different names, the SHA-256 differs, the file has another format, or a weight
        does not fit (the first is named).
    """
    _check_outputs(list(outputs), "outputs")
    digest = check_sha256(path, sha256)
    network = build(architecture, len(outputs))
    import_basenji(network, path)
    source = about.pop("source", str(path))
    description = {
        "architecture": architecture.to_dict(),
        "outputs": list(outputs),
        "bin_size": architecture.bin_size,
        **about,
        "imported": {"source": source, "sha256": digest},
        "provenance": provenance(),
    }
    save_model(folder, network, description)


def load_start(folder, architecture, model="the model"):
    """Weights and outputs of a model from which the training of another one starts.

    Parameters
    ----------
    folder : str or Path
        Of :func:`save_model`.
    architecture : akitaflow.model.network.Architecture
        Of the network to train.
    model : str
        Name of the model to start from, for messages.

    Returns
    -------
    (weights, outputs) : tuple of list
        Arrays in the order of ``keras.Model.weights``, and names of the outputs.

    Raises
    ------
    InputError
        If the architectures differ; the message names the first difference.
    """
    start = load_model(folder)
    numbers_of_start, numbers = start.architecture.to_dict(), architecture.to_dict()
    differing = [key for key in numbers if numbers_of_start[key] != numbers[key]]
    if differing:
        key = differing[0]
        raise InputError(
            f"start: {model} has {key} {numbers_of_start[key]}, this model {numbers[key]}; weights fit the same "
            "architecture only. "
            f"Give both models the same architecture (architecture.params, if {model} has one)"
        )
    return [np.asarray(weight) for weight in start.network.weights], start.outputs
