"""The one error a user can mend: bad input, named by file, row and key, with what to write instead."""


class InputError(ValueError):
    """Input that the user can correct.

    The message names the file, the row or key, what was found and what to write instead. Scripts print
    it alone, without a traceback.
    """
