"""Merging of coolers of libraries, and balancing."""

import multiprocessing
import shutil

import cooler
import numpy as np

from akitaflow.files import whole
from akitaflow.mapping.coolers import PIXELS, WEIGHT


def merge_and_balance(sources, target, options, processes=1):
    """Merge the coolers of a dataset's libraries and balance the map genome-wide.

    This is ``cooler merge`` and ``cooler balance``. If the filters leave no bin, all weights are NaN.

    Parameters
    ----------
    sources : list of str
        Coolers on the same bins.
    target : str
        Cooler to write; it gets its name only when complete.
    options : dict
        mad_max, min_nnz, min_count, ignore_diags, tol, max_iters of :func:`cooler.balance_cooler`.
    processes : int
        Number of processes; the result does not depend on it.

    Returns
    -------
    bool
        Whether balancing converged.
    """
    with whole(target) as temporary:
        if len(sources) == 1:
            shutil.copy(sources[0], temporary)
        else:
            cooler.merge_coolers(str(temporary), list(sources), mergebuf=2 * PIXELS)
        clr = cooler.Cooler(str(temporary))
        if not clr.info["nnz"]:
            weights, info = np.full(len(clr.bins()), np.nan), {"converged": False}
            _store_weights(str(temporary), weights, dict(options) | info)
        else:
            pool = _pool(clr, processes)
            try:
                weights, info = cooler.balance_cooler(
                    clr, **options, chunksize=PIXELS, cis_only=False, store=True, map=pool.map if pool else map
                )
            finally:
                if pool:
                    pool.close()
                    pool.join()
    return bool(np.all(info["converged"])) and bool(np.isfinite(weights).any())


def _pool(clr, processes):
    """Pool of processes for balancing; None if the pixels are a single chunk."""
    if processes < 2 or clr.info["nnz"] <= PIXELS:
        return None
    return multiprocessing.get_context("fork").Pool(processes)


def _store_weights(path, weights, attributes):
    with cooler.Cooler(path).open("r+") as file:
        data = file["bins"].create_dataset(WEIGHT, data=weights, compression="gzip", compression_opts=6)
        data.attrs.update(attributes)
