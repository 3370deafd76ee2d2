"""Errors that a user can correct."""


class InputError(ValueError):
    """Input that the user can correct.

    The message names the file, the row or key, what was found and what to write instead. Scripts print
    it alone, without a traceback.
    """


class Diverged(InputError):
    """A training whose loss is not finite.

    A training stops with it, because its learning rate or its targets must change. In a search of hyperparameters
    (:mod:`akitaflow.training.search`) it is one of the results that a trial can have.
    """
