"""Sites of the simulation's factors: how sequences score, and sites drawn from a matrix."""

import numpy as np

from akitaflow.errors import InputError
from akitaflow.genome.motifs import PSEUDOCOUNT

DRAWS = 4096  # sites drawn at once where only good ones are kept
MAX_BATCHES = 50
LEAST_ACCEPTANCE = 1e-4


def background(gc):
    """Shares of A, C, G and T where G and C together have the share ``gc``."""
    return ((1 - gc) / 2, gc / 2, gc / 2, (1 - gc) / 2)


def score(codes, matrix, composition):
    """Scores in bits of sequences as wide as the matrix, read on the forward strand.

    Parameters
    ----------
    codes : ndarray of uint8, shape (..., width)
        Without N.
    matrix : akitaflow.genome.motifs.Matrix
    composition : tuple of 4 float

    Returns
    -------
    ndarray of float64, shape (...)
    """
    return matrix.log_odds(composition)[codes, np.arange(matrix.width)].sum(axis=-1)


def draw_sites(matrix, n, minimum, composition, rng):
    """Sites drawn from the matrix's base frequencies, only those that score enough.

    Parameters
    ----------
    matrix : akitaflow.genome.motifs.Matrix
    n : int
    minimum : float
        Least score in bits.
    composition : tuple of 4 float
        Background of the scores.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of uint8, shape (n, matrix.width)

    Raises
    ------
    InputError
        If hardly any sequence of the matrix scores that much.
    """
    counts = matrix.counts + PSEUDOCOUNT * np.array(composition)[:, None]
    cumulative = np.cumsum(counts / counts.sum(axis=0), axis=0)[:3].T  # (width, 3)
    kept, n_kept, batches = [np.zeros((0, matrix.width), np.uint8)], 0, 0
    while n_kept < n:
        sites = (rng.random((DRAWS, matrix.width, 1)) > cumulative).sum(axis=-1).astype(np.uint8)
        good = sites[score(sites, matrix, composition) >= minimum]
        kept.append(good)
        n_kept += len(good)
        batches += 1
        if batches >= MAX_BATCHES and n_kept < batches * DRAWS * LEAST_ACCEPTANCE:
            raise InputError(
                f"simulation: sites of {matrix.name} ({matrix.matrix_id}) hardly ever score {minimum:.1f} bits; write "
                "a smaller excess_bits or min_score, or another matrix"
            )
    return np.concatenate(kept)[:n]
