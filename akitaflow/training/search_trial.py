"""One trial of a search (:mod:`akitaflow.training.search`): a training with some numbers of its model changed."""

import keras

from akitaflow.model.network import Architecture
from akitaflow.training import loop
from akitaflow.training.search import apply


class Trainer:
    """What trains the trials of a search, all from the same seed, so that they differ by their parameters only.

    Parameters
    ----------
    examples : akitaflow.training.examples.Examples
    geometry : dict
        Of the config.
    architecture : dict
        Of the model searched around, every number in its key (:func:`akitaflow.training.search.own_numbers`).
    numbers : dict
        Its ``training``, with the epochs of a trial.
    outputs : list of str
    seed : int
    """

    def __init__(self, examples, geometry, architecture, numbers, outputs, seed):
        self.examples, self.geometry, self.outputs, self.seed = examples, geometry, outputs, seed
        self.architecture, self.numbers = architecture, numbers

    def __call__(self, values, folder, on_epoch):
        """Train with these parameters; see :func:`akitaflow.training.search.work`."""
        keras.backend.clear_session()  # what the trial before has left in memory
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
