"""The training of one trial of a search (:mod:`akitaflow.training.search`)."""

import keras

from akitaflow.model.network import Architecture
from akitaflow.training import loop
from akitaflow.training.search import apply


class Trainer:
    """Trains the trials of a search, all with the same seed, so that they differ only in their parameters.

    Parameters
    ----------
    examples : akitaflow.training.examples.Examples
    geometry : dict
        ``geometry`` of the config.
    architecture : dict
        ``architecture`` of ``search.model``, without a parameter file (:func:`akitaflow.training.search.own_numbers`).
    numbers : dict
        ``training`` of ``search.model``, with the epochs of a trial.
    outputs : list of str
        Names of the model's outputs.
    seed : int
    """

    def __init__(self, examples, geometry, architecture, numbers, outputs, seed):
        self.examples, self.geometry, self.outputs, self.seed = examples, geometry, outputs, seed
        self.architecture, self.numbers = architecture, numbers

    def __call__(self, values, folder, on_epoch):
        """Train with these parameters and return the lowest validation loss (``train`` of ``search.work``)."""
        keras.backend.clear_session()  # frees the memory of the previous trial
        architecture, numbers = apply(values, self.architecture, self.numbers)
        del architecture["params"]
        trained = loop.train(
            self.examples,
            Architecture.from_config(self.geometry, architecture),
            loop.Training.from_config(numbers),
            self.outputs,
            self.seed,
            folder,
            on_epoch=on_epoch,
        )
        return float(trained.history["valid_loss"].min())
