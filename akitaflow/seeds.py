"""Random numbers as functions of one seed and of names, so that no draw depends on the order of work."""

from hashlib import blake2b

import numpy as np


def derive(seed, *names):
    """A 63-bit integer that depends on the seed and on every name, in order.

    Parameters
    ----------
    seed : int
        The study's seed (``seed:`` in the config).
    *names : str or int
        What the numbers are for, for example ``("mutagenesis", "CTCF", window, draw)``.

    Returns
    -------
    int
        In [0, 2**63), the same on every machine and in every version of Python.
    """
    text = "\x1f".join(str(part) for part in (seed, *names))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def generator(seed, *names):
    """A NumPy generator seeded by :func:`derive`."""
    return np.random.default_rng(derive(seed, *names))
