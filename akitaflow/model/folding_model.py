"""Models on disk: weights and a description beside each other; the authors' weight files; prediction from codes."""

import json
from functools import cached_property
from pathlib import Path

import numpy as np
import tensorflow as tf

from akitaflow.errors import InputError
from akitaflow.files import whole
from akitaflow.genome.sequence import as_codes
from akitaflow.model.basenji import check_finite, check_sha256, import_basenji
from akitaflow.model.engine import Engine
from akitaflow.model.network import Architecture, build
from akitaflow.model.on_device import COMPILE_AFTER, PRECISIONS, OnDevice, in_precision
from akitaflow.prediction import maps
from akitaflow.prediction.predictor import Predictor
from akitaflow.prediction.stream import Average, Request
from akitaflow.provenance import provenance

WEIGHTS, DESCRIPTION = "model.weights.h5", "model.json"


class FoldingModel:
    """A trained network with the names of its outputs.

    Parameters
    ----------
    network : keras.Model
        Of :func:`akitaflow.model.network.build`.
    architecture : akitaflow.model.network.Architecture
    outputs : list of str
        Names of the datasets in the order of the outputs.
    description : dict, optional
        What else is known: split, genome, training, provenance.
    precision : {"float32", "bfloat16"}
        Of the arithmetic: ``bfloat16`` is faster on a GPU and coarser everywhere (``docs/performance.md``).

    The network must not change after the first prediction.

    Attributes
    ----------
    geometry : akitaflow.geometry.Geometry
        Of its window and map.
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
    on_gpu : bool
        Whether maps are predicted on a GPU, and stay there until asked for.
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
        """The exact engine of a CPU; it copies the network's weights."""
        return Engine(self.network, self.architecture)

    @cached_property
    def route(self):
        """How maps are predicted: an Engine, or an OnDevice."""
        if not self.on_gpu and self.precision == "float32":
            return self.engine
        network = in_precision(self.network, self.architecture, len(self.outputs), self.precision)
        return OnDevice(network, COMPILE_AFTER if self.on_gpu else None)

    def predict_codes(self, codes):
        """Predicted maps of sequences, which go through the network at once: memory grows with their number.

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
            Another shape or type.
        """
        return np.asarray(self.predict_maps(codes))

    def predict_maps(self, codes):
        """As :meth:`predict_codes`, but on a GPU the maps stay there: a tensor of the same shape."""
        codes = np.asarray(codes)
        if codes.ndim != 2 or codes.shape[1] != self.length or codes.dtype != np.uint8:
            raise ValueError(f"codes must be uint8 (n, {self.length}), not {codes.dtype} {codes.shape}")
        return self.route.predict(codes)

    def to_device(self, values):
        """A map, float32 (n_values, outputs), where this model's predictions are."""
        return tf.constant(values) if self.on_gpu else np.asarray(values)

    def flipped(self, values):
        """The map of the other strand, of a tensor (n_values, outputs)."""
        return tf.gather(values, self.geometry.flip_index())

    def predict(self, sequences, batch_size=8, average=None):
        """Predicted maps of any number of sequences.

        Parameters
        ----------
        sequences : str, list of str, or ndarray of shape (n, length, 4)
            Bases in either case, other letters being N; or one-hot, A, C, G, T, numbers of any type, N all zeros.
        batch_size : int
            Sequences that go through the network at once.
        average : akitaflow.prediction.stream.Average, optional
            Strands and shifts to average over; the sequence as it is if not given.

        Returns
        -------
        ndarray of float32, shape (n, n_values, outputs)
            log(observed / expected), upper triangle row by row as the authors' code gives it.

        Raises
        ------
        ValueError
            Sequences of another length, kind or shape, with what they should be.
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
    """Sequences in the place of a genome: the name of a chromosome is the number of a sequence."""

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
        Plain JSON values, at least ``architecture`` (:meth:`Architecture.to_dict`) and ``outputs`` (list of str).
    """
    folder = Path(folder)
    text = json.dumps(description, indent=2) + "\n"
    with whole(folder / DESCRIPTION) as part, whole(folder / WEIGHTS) as weights:
        model.save_weights(weights)
        part.write_text(text)


def load_model(path, params=None, outputs=None, precision="float32"):
    """A trained model: a folder that :func:`save_model` wrote, or a weight file of the authors' code.

    Parameters
    ----------
    path : str or Path
        The folder, or the ``.h5`` file.
    params : str, Path or dict, optional
        For an ``.h5`` file: the ``params.json`` it was trained with.
    outputs : list of str, optional
        For an ``.h5`` file: names of its outputs, which it does not hold; ``output_0`` and so on if not given.
    precision : {"float32", "bfloat16"}
        Of :class:`FoldingModel`.

    Returns
    -------
    FoldingModel

    Raises
    ------
    InputError
        Files that are missing or do not fit each other.
    """
    if isinstance(outputs, str):
        raise InputError(f"outputs: {outputs!r} is one text; give a list of names, as [{outputs!r}]")
    if outputs is not None:
        _check_outputs(list(outputs), "outputs")
    path = Path(path)
    if path.is_dir() and params is None and outputs is None:
        return _load_folder(path, precision)
    if path.is_dir() or path.name == WEIGHTS:
        raise InputError(f"{path}: a folder with {DESCRIPTION} is loaded by its own path, without params and outputs")
    if not path.is_file():
        raise InputError(f"{path}: no such folder or file; give a model's folder or an .h5 file of the authors' code")
    if params is None:
        raise InputError(f"{path}: weights alone do not tell the network; give its params.json as params")
    if not isinstance(params, dict):
        try:
            params = json.loads(Path(params).read_text())
        except (OSError, json.JSONDecodeError) as error:
            raise InputError(f"{params}: not a params.json that can be read: {error}") from None
    architecture = Architecture.from_params(params)
    if outputs is None:
        outputs = [f"output_{i}" for i in range(params["model"]["head_hic"][-1]["units"])]
    network = build(architecture, len(outputs))
    import_basenji(network, path)
    return FoldingModel(network, architecture, outputs, {"imported": {"source": str(path)}}, precision)


def _load_folder(folder, precision):
    for name in (WEIGHTS, DESCRIPTION):
        if not (folder / name).exists():
            raise InputError(f"{folder}: no {name}; a model's folder holds {WEIGHTS} and {DESCRIPTION}")
    try:
        description = json.loads((folder / DESCRIPTION).read_text())
        architecture = Architecture(**description["architecture"])
        _check_outputs(description["outputs"], f"{folder / DESCRIPTION}, outputs")
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{folder / DESCRIPTION}: damaged, or not the description of a model ({type(error).__name__}: {error}); "
            "get it again from where the model was trained"
        ) from None
    network = build(architecture, len(description["outputs"]))
    try:
        network.load_weights(folder / WEIGHTS)
    except (ValueError, OSError, KeyError) as error:
        raise InputError(f"{folder / WEIGHTS}: does not fit {DESCRIPTION}, or is damaged: {error}") from None
    for layer in network.layers:
        for weight in layer.weights:
            check_finite(np.asarray(weight), weight.path, folder / WEIGHTS)
    return FoldingModel(network, architecture, description["outputs"], description, precision)


def _check_outputs(outputs, place):
    """Raise an InputError unless the names of outputs are texts, at least one, each once."""
    if not isinstance(outputs, list) or not outputs or not all(isinstance(name, str) and name for name in outputs):
        raise InputError(f"{place}: found {outputs!r}; write a list of names, [HFF, H1hESC]")
    twice = [name for i, name in enumerate(outputs) if name in outputs[:i]]
    if twice:
        raise InputError(f"{place}: {twice[0]!r} stands twice; give each output a name of its own")


def load_predictor(folder, fasta, batch_size=8, average=None):
    """A trained model from its folder (:func:`load_model`) with the genome it reads.

    Parameters
    ----------
    folder, fasta : str or Path
    batch_size : int
        Sequences per call of the model.
    average : Average or dict, optional
        Strands and shifts to average over; a dict as in the config: reverse_complement, shifts.

    Returns
    -------
    akitaflow.prediction.predictor.Predictor
    """
    if isinstance(average, dict):
        average = Average.from_config(average)
    return Predictor(load_model(folder), fasta, batch_size, average)


def read_architecture(geometry, numbers, params=None):
    """The architecture that a model's part of the config describes.

    Parameters
    ----------
    geometry : dict
        Of the config.
    numbers : dict
        A model's ``architecture`` of the config; its ``params`` is the name of the file there and is not used.
    params : str or Path, optional
        The ``params.json`` in the authors' format, where there is one.

    Returns
    -------
    akitaflow.model.network.Architecture

    Raises
    ------
    InputError
        A file that is not JSON, or what :meth:`akitaflow.model.network.Architecture.from_config` refuses.
    """
    authors = None
    if params:
        try:
            authors = json.loads(Path(params).read_text())
        except ValueError as error:
            raise InputError(f"{params}: not a params.json of the authors' code (JSON): {error}") from None
    return Architecture.from_config(geometry, {key: numbers[key] for key in numbers if key != "params"}, authors)


def import_model(folder, path, architecture, outputs, sha256=None, **about):
    """Make a model of an ``.h5`` file of the authors' code: what :func:`load_model` reads.

    Parameters
    ----------
    folder : str or Path
        Where ``model.weights.h5`` and ``model.json`` go; nothing is written there if the file is refused.
    path : str or Path
        The file.
    architecture : akitaflow.model.network.Architecture
        Of the network that the file was saved from, as :meth:`Architecture.from_params` reads it.
    outputs : list of str
        Names of its outputs, in the order of its final layer: the file does not hold them.
    sha256 : str, optional
        What the file's must be.
    **about
        Further entries of the description, plain JSON values. ``source``, the file as the user named it, replaces
        ``path`` there.

    Raises
    ------
    InputError
        Another sha256, a file of another kind, or the first weight that disagrees.
    """
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
    """A model from which another one's training starts.

    Parameters
    ----------
    folder : str or Path
        Of :func:`save_model`.
    architecture : akitaflow.model.network.Architecture
        Of the network that is to be trained.
    model : str
        Name of the model to start from, for the message.

    Returns
    -------
    (weights, outputs) : tuple of list
        Arrays in the order of a network's ``weights``, and names.

    Raises
    ------
    InputError
        Two architectures, with the first number in which they differ.
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
