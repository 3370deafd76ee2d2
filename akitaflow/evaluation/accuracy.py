"""Accuracy of a model on a fold: predictions, scores per dataset and window, and paired comparisons."""

import h5py
import numpy as np
import pandas as pd

from akitaflow.dataset.windows import fold_rows
from akitaflow.errors import InputError
from akitaflow.evaluation import bootstrap, scores
from akitaflow.files import whole_h5
from akitaflow.genome.intervals import Window
from akitaflow.prediction.map_files import map_attributes
from akitaflow.prediction.stream import Request

POOLED = ["model", "dataset", "fold", "n_windows", "mse", "pearson", "spearman", "pearson_window_median"]
WINDOW_COLUMNS = ["window", "chrom", "start", "end", "fold"]


def fold_targets(path, windows, fold):
    """Targets of a fold's records from the target file of a dataset.

    Parameters
    ----------
    path : str
        HDF5 of one dataset: ``values`` (windows, n_values), a row for each row of ``windows``.
    windows : DataFrame
        The records' table of windows.
    fold : str

    Returns
    -------
    ndarray of float16, shape (records, n_values)
        In the order of :func:`akitaflow.dataset.windows.fold_windows`.
    """
    with h5py.File(path) as file:
        return file["values"][fold_rows(windows, fold)]


def target_columns(statistics, outputs, folder):
    """Columns of the records' targets that correspond to outputs of a model.

    Parameters
    ----------
    statistics : dict
        Of :func:`akitaflow.dataset.records.read_statistics`.
    outputs : list of str
        Outputs that are compared with their targets.
    folder : str or Path
        Folder of the records, for messages.

    Returns
    -------
    list of int

    Raises
    ------
    InputError
        If the records do not name their datasets, or lack one.
    """
    datasets = statistics.get("datasets")
    if datasets is None:
        raise InputError(
            f"{folder}/statistics.json: the key 'datasets' is missing, so the targets have no names; add it, "
            "with the names in the order of the targets"
        )
    missing = [name for name in outputs if name not in datasets]
    if missing:
        raise InputError(f"{folder}: the records hold targets of {', '.join(datasets)}, not of {missing[0]}")
    return [datasets.index(name) for name in outputs]


def predict_fold(path, predictor, windows, targets, *, outputs=None, attributes=None):
    """Predict the maps of windows and store predictions and targets.

    Parameters
    ----------
    path : str
        HDF5 to write: ``predictions`` float32 and ``targets`` float16, both (windows, n_values, outputs), one window
        per chunk. Attributes: outputs, bin_size, map_bins, diagonal_offset and ``attributes``.
    predictor : akitaflow.prediction.predictor.Predictor
    windows : DataFrame
        ``chrom, start, end`` of the records, in record order.
    targets : ndarray of float16, shape (windows, n_values, outputs)
    outputs : list of str, optional
        Outputs of the model to store, in the order of the targets; all by default.
    attributes : dict, optional
        Further attributes of the file.

    Raises
    ------
    InputError
        If the shape of the targets does not match the windows and the model.
    """
    model = predictor.model
    outputs = list(model.outputs if outputs is None else outputs)
    columns = [model.outputs.index(name) for name in outputs]
    shape = (len(windows), model.n_values, len(outputs))
    if targets.shape != shape:
        raise InputError(
            f"the records hold targets of shape {targets.shape} (windows, values, datasets), the table of windows and "
            f"the model need {shape}; make the records again, or train the model on them"
        )
    requests = [Request(Window(row.chrom, int(row.start), int(row.end))) for row in windows.itertuples()]
    with whole_h5(path) as file:
        file.attrs.update(map_attributes(model, outputs) | (attributes or {}))
        file.create_dataset("targets", data=targets.astype(np.float16), chunks=(1, *shape[1:]))
        predictions = file.create_dataset("predictions", shape, np.float32, chunks=(1, *shape[1:]))
        for prediction in predictor.stream(requests, progress="evaluating"):
            predictions[prediction.request_index] = prediction.values[:, columns]


def read_dataset(path, dataset):
    """Targets and predictions of one dataset from a file of :func:`predict_fold`.

    Returns
    -------
    (targets, predictions) : tuple of ndarray of float32, shape (windows, n_values)

    Raises
    ------
    InputError
        If the model has no such output.
    """
    with h5py.File(path) as file:
        outputs = list(file.attrs["outputs"])
        if dataset not in outputs:
            raise InputError(f"{path}: the model predicts {', '.join(outputs)}, not {dataset!r}; name one of these")
        column = outputs.index(dataset)
        return tuple(file[name][:, :, column].astype(np.float32) for name in ("targets", "predictions"))


def pooled_scores(targets, predictions):
    """Scores of predictions, pooled over all values.

    Parameters
    ----------
    targets, predictions : ndarray, shape (windows, n_values)

    Returns
    -------
    dict
        n_windows, mse, pearson, spearman, and pearson_window_median (median of the Pearson correlations of windows).
    """
    sums = scores.moments(targets, predictions, axis=-1)
    total = sums.sum(0)
    return {
        "n_windows": len(targets),
        "mse": float(scores.mse_of_moments(total)),
        "pearson": float(scores.pearson_of_moments(total)),
        "spearman": float(scores.spearman(targets, predictions)),
        "pearson_window_median": median(scores.pearson(targets, predictions, axis=-1)),
    }


def median(values):
    """Median of the finite values; NaN if there are none."""
    values = np.asarray(values, float)
    values = values[np.isfinite(values)]
    return float(np.median(values)) if len(values) else float("nan")


def window_scores(windows, dataset, targets, predictions):
    """Scores of each window.

    Parameters
    ----------
    windows : DataFrame
        window, chrom, start, end, fold.
    dataset : str
    targets, predictions : ndarray, shape (windows, n_values)

    Returns
    -------
    DataFrame
        window, chrom, start, end, fold, dataset, mse, pearson, spearman, target_variance; correlations are NaN if
        the target or the prediction is constant.
    """
    table = windows[WINDOW_COLUMNS].copy()
    table["dataset"] = dataset
    for name in ("mse", "pearson", "spearman"):
        table[name] = getattr(scores, name)(targets, predictions, axis=-1)
    table["target_variance"] = np.var(targets, axis=-1, dtype=np.float64)
    return table


def metrics(path, windows):
    """Pooled scores and scores per window of a file of predictions.

    Parameters
    ----------
    path : str
        Written by :func:`predict_fold`.
    windows : DataFrame
        Of :func:`akitaflow.dataset.windows.fold_windows`.

    Returns
    -------
    (pooled, per_window) : tuple of DataFrame
        Pooled: dataset, fold, n_windows, mse, pearson, spearman, pearson_window_median; a row per dataset and a row
        ``all`` for all datasets together. Per window: see :func:`window_scores`.
    """
    fold = windows["fold"].iloc[0]
    with h5py.File(path) as file:
        outputs = list(file.attrs["outputs"])
    pooled, tables, maps = [], [], []
    for dataset in outputs:
        targets, predictions = read_dataset(path, dataset)
        pooled.append({"dataset": dataset, "fold": fold} | pooled_scores(targets, predictions))
        tables.append(window_scores(windows, dataset, targets, predictions))
        maps.append((targets, predictions))
    together = [np.concatenate(arrays) for arrays in zip(*maps, strict=True)]
    pooled.append({"dataset": "all", "fold": fold} | pooled_scores(*together) | {"n_windows": len(windows)})
    return pd.DataFrame(pooled)[POOLED[1:]], pd.concat(tables, ignore_index=True)


def _statistics(targets, predictions):
    """metric -> function that computes the score of windows by their indices, from sums per window."""
    sums = scores.moments(targets, predictions, axis=-1)
    by_window = scores.pearson(targets, predictions, axis=-1)
    return {
        "pearson": lambda items: float(scores.pearson_of_moments(sums[items].sum(0))),
        "pearson_window_median": lambda items: median(by_window[items]),
    }


def intervals(targets, predictions, blocks, n, seed):
    """Correlations with intervals by resampling blocks.

    Parameters
    ----------
    targets, predictions : ndarray, shape (windows, n_values)
    blocks : array_like, shape (windows,)
        Contig of each window.
    n : int
        Resamples.
    seed : tuple
        ``(seed, *names)`` of :func:`akitaflow.evaluation.bootstrap.estimate`.

    Returns
    -------
    dict of str to Estimate
        ``pearson`` (pooled) and ``pearson_window_median`` with 95 % intervals; the interval is NaN with fewer than
        5 blocks.
    """
    return {
        metric: bootstrap.estimate(statistic, blocks, n, (*seed, metric), limits=bootstrap.CORRELATION)
        for metric, statistic in _statistics(targets, predictions).items()
    }


def compare(targets, predictions, baseline, blocks, n, seed):
    """Difference of correlations between a model and a baseline on the same windows, with a paired bootstrap.

    Parameters
    ----------
    targets, predictions, baseline : ndarray, shape (windows, n_values)
        Targets, and predictions of the model and of the baseline.
    blocks : array_like, shape (windows,)
        Contig of each window.
    n : int
        Resamples.
    seed : tuple
        ``(seed, *names)`` of :func:`akitaflow.evaluation.bootstrap.difference`.

    Returns
    -------
    list of dict
        metric (``pearson``: pooled; ``pearson_window_median``), difference (model minus baseline), low, high (95 %),
        n_windows, n_contigs. The interval is NaN with fewer than 5 blocks.

    Notes
    -----
    Windows with a constant prediction have no correlation and are left out of the median.
    """
    n_contigs = len(np.unique(blocks))
    first, second = _statistics(targets, predictions), _statistics(targets, baseline)
    rows = []
    for metric in first:
        margin = bootstrap.difference(first[metric], second[metric], blocks, n, (*seed, metric))
        row = {"metric": metric, "difference": margin.value, "low": margin.low, "high": margin.high}
        rows.append(row | {"n_windows": len(targets), "n_contigs": n_contigs})
    return rows
