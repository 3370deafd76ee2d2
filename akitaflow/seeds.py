"""Seeds and generators derived from one seed and from names, so that draws do not depend on the order of the work."""

from hashlib import blake2b

import numpy as np


def derive(seed, *names):
    """A 63-bit seed that depends on the study's seed and on the names and their order.

    Parameters
    ----------
    seed : int
        The study's seed (``seed:`` in the config).
    *names : str or int
        Purpose of the random numbers, for example ``("mutagenesis", "CTCF", window, draw)``.

    Returns
    -------
    int
        In [0, 2**63), the same on every machine and with every version of Python.
    """
    text = "\x1f".join(str(value) for value in (seed, *names))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def generator(seed, *names):
    """A NumPy generator seeded by :func:`derive`."""
    return np.random.default_rng(derive(seed, *names))
