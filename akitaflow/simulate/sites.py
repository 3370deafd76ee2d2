"""Sites of the factors of a simulation: scores of sequences, and sites drawn from a matrix."""

import numpy as np

from akitaflow.errors import InputError
from akitaflow.genome.matrices import PSEUDOCOUNT

DRAWS = 4096  # sites drawn at once
MAX_BATCHES = 50
LEAST_ACCEPTANCE = 1e-4


def background(gc):
    """Probabilities of A, C, G and T.

    Parameters
    ----------
    gc : float
        Share of G and C together.

    Returns
    -------
    tuple of 4 float
    """
    return ((1 - gc) / 2, gc / 2, gc / 2, (1 - gc) / 2)


def score(codes, matrix, composition):
    """Scores in bits of sequences of the width of the matrix, on the forward strand.

    Parameters
    ----------
    codes : ndarray of uint8, shape (..., width)
        Without N.
    matrix : akitaflow.genome.matrices.Matrix
    composition : tuple of 4 float
        Background of the scores: probabilities of A, C, G, T.

    Returns
    -------
    ndarray of float64, shape (...)
    """
    return matrix.log_odds(composition)[codes, np.arange(matrix.width)].sum(axis=-1)


def draw_sites(matrix, n, minimum, composition, rng):
    """Draw sites from the base frequencies of a matrix, with a least score.

    Parameters
    ----------
    matrix : akitaflow.genome.matrices.Matrix
    n : int
    minimum : float
        Least score in bits.
    composition : tuple of 4 float
        Background of the scores: probabilities of A, C, G, T.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of uint8, shape (n, matrix.width)

    Raises
    ------
    InputError
        If hardly any drawn sequence has that score.
    """
    counts = matrix.counts + PSEUDOCOUNT * np.array(composition)[:, None]
    cumulative = np.cumsum(counts / counts.sum(axis=0), axis=0)[:3].T  # (width, 3)
    kept, n_kept, batches = [np.zeros((0, matrix.width), np.uint8)], 0, 0
    while n_kept < n:
        sites = (rng.random((DRAWS, matrix.width, 1)) > cumulative).sum(axis=-1).astype(np.uint8)
        selected = sites[score(sites, matrix, composition) >= minimum]
        kept.append(selected)
        n_kept += len(selected)
        batches += 1
        if batches >= MAX_BATCHES and n_kept < batches * DRAWS * LEAST_ACCEPTANCE:
            raise InputError(
                f"simulation: sites of {matrix.name} ({matrix.matrix_id}) hardly ever score {minimum:.1f} bits; write "
                "a smaller excess_bits or min_score, or another matrix"
            )
    return np.concatenate(kept)[:n]
