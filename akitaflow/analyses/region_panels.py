"""Maps of one region: its target, its prediction, and predictions with the sites of a motif inverted and randomised.

These are panels b to e of Fig. 2. The randomised map is the mean of the predicted maps of the draws.
"""

import numpy as np
import pandas as pd

from akitaflow.analyses import mutagenesis
from akitaflow.dataset.windows import choose_strongest, overlapped_folds
from akitaflow.errors import InputError
from akitaflow.files import write_h5
from akitaflow.genome.intervals import parse_region


def choose_window(windows, sites, strength):
    """Choose the window with sites and the strongest measured patterns, independently of its predictions.

    Parameters
    ----------
    windows : DataFrame
        Of :func:`akitaflow.dataset.windows.fold_windows`.
    sites : DataFrame
        Sites, with a column window.
    strength : array_like, shape (windows,)
        mean(target^2).

    Returns
    -------
    int
        Row of ``windows``.

    Raises
    ------
    InputError
        If no window has a site.
    """
    with_sites = windows.assign(strength=strength).reset_index(drop=True)
    with_sites = with_sites[with_sites["window"].isin(sites["window"])]
    if with_sites.empty:
        raise InputError("region_panels.window: no window of the fold has a site to choose it by; write a region")
    return choose_strongest(with_sites, "strength", 1)[0]


def given_window(text, length, windows):
    """A region of the config as a table of one window, with the folds of the windows that it overlaps.

    Parameters
    ----------
    text : str
        Region of the model's length, for example chr11:33500000-34548576.
    length : int
        Length of the model's sequence, bp.
    windows : DataFrame
        All windows of the split: chrom, start, end, fold, kept.

    Returns
    -------
    DataFrame
        One row: window (0), chrom, start, end, fold (of all overlapping windows, joined by "+"; ``none`` without one).

    Raises
    ------
    InputError
        If the region has another length.
    """
    window = parse_region(text)
    if window.end - window.start != length:
        raise InputError(
            f"region_panels.window: {text} is {window.end - window.start:,} bp, the model reads {length:,}; write "
            f"{window.chrom}:{window.start}-{window.start + length}"
        )
    return pd.DataFrame([{"window": 0, **window._asdict(), "fold": overlapped_folds(window, windows)}])


def predict(predictor, window, pairs, plan):
    """Predict the maps of a window: of the reference, with sites inverted, and with sites randomised (mean of draws).

    Parameters
    ----------
    predictor : akitaflow.prediction.predictor.Predictor
    window : DataFrame
        One row.
    pairs : DataFrame
        Its sites (:func:`akitaflow.genome.motifs.sites_in_windows`).
    plan : akitaflow.analyses.mutagenesis.Mutagenesis

    Returns
    -------
    dict of str to ndarray of float32, shape (n_values, outputs)
        prediction, inverted, randomised.
    """
    reference, randomised = mutagenesis.mean_maps(predictor, window, pairs, plan)
    _, inverted = mutagenesis.mean_maps(predictor, window, pairs, mutagenesis.Inversion())
    return {"prediction": reference[0], "inverted": inverted[0], "randomised": randomised[0]}


def targets(coolers, window, steps):
    """Targets of a window for every dataset.

    Parameters
    ----------
    coolers : list of str
    window : DataFrame
        One row.
    steps : akitaflow.dataset.targets.TargetSteps

    Returns
    -------
    ndarray of float32, shape (n_values, datasets)
    """
    from akitaflow.dataset.targets import window_targets  # needs cooltools, which envs/tensorflow.yaml lacks

    values = [window_targets(path, window, steps)[0][0] for path in coolers]
    return np.stack(values, axis=-1).astype(np.float32)


def write(path, maps, window, /, **about):
    """Write the maps of a region to an HDF5 file.

    Parameters
    ----------
    path : str
        HDF5 to write: a dataset float32 (n_values, outputs) for each map. Attributes chrom, start, end, fold and
        ``about``.
    maps : dict of str to ndarray, shape (n_values, outputs)
    window : DataFrame
        One row.
    **about : object
        Further attributes.
    """
    row = window.iloc[0]
    place = {"chrom": row["chrom"], "start": int(row["start"]), "end": int(row["end"]), "fold": row["fold"]}
    write_h5(path, {kind: values.astype(np.float32) for kind, values in maps.items()}, place | about)
