"""Exceptions for input that the user can correct."""


class InputError(ValueError):
    """Input that the user can correct.

    The message names the file, the row or key, the value found and what to write instead. Scripts print the message
    without a traceback.
    """


class Diverged(InputError):
    """Training whose loss is not finite.

    Training stops with this error: the learning rate or the targets must change. In a search of hyperparameters
    (:mod:`akitaflow.training.search`) it is one of the possible results of a trial.
    """
