"""Comparison of a model with its alternatives: training data, scores and summary tables.

All alternatives are trained on the same windows in the same order for the same number of steps, and replicates with
the same number share their seed, so that differences are paired. The column ``against`` of a score names the targets:
``base`` for those of the base model, the same for all alternatives; ``own`` for those on which an alternative with
other targets was trained.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from akitaflow.study.alternative_models import BASE

KNOTS = 201  # quantiles of each distance in a normalisation
FIT_WINDOWS = 512  # evenly spaced training windows from which the quantiles are computed
METRICS = ("mse", "pearson", "spearman", "pearson_window_median", "asymmetry")
KEYS = ["alternative", "against", "dataset"]
COSTS = ["parameters", "seconds_per_epoch"]


def settings(training, changes, epochs=None, steps_per_epoch=None):
    """Settings of the training of an alternative: the same number of steps for all, without early stopping.

    Parameters
    ----------
    training : dict
        The base model's ``training`` of the config.
    changes : dict
        The alternative's ``training``.
    epochs, steps_per_epoch : int, optional
        Of all alternatives; those of the base model by default.

    Returns
    -------
    dict
    """
    epochs = epochs or training["epochs"]
    steps = steps_per_epoch or training["steps_per_epoch"]
    return {**training, **changes, "epochs": epochs, "steps_per_epoch": steps, "patience": epochs}


class QuantileNormalisation:
    """Quantile normalisation of targets by distance: each distance gets the distribution of all, as in deepC.

    The quantile of a value among the training values at its distance is looked up among the training values at all
    distances, so that the loss weights distances equally. Units are those of the targets. Values are interpolated
    between quantiles and clipped to the range of the training values.

    Parameters
    ----------
    targets : ndarray, shape (windows, values, outputs)
        Of the training fold.
    distances : ndarray of int, shape (values,)
        Distance of each value, in bins.
    """

    def __init__(self, targets, distances):
        self.distances = distances
        grid = np.linspace(0, 1, KNOTS)
        reference = np.quantile(targets.astype(np.float32), grid, axis=(0, 1))
        self._forward, self._backward = {}, {}
        for distance in np.unique(distances):
            at_distance = targets[:, distances == distance].astype(np.float32)
            for output in range(targets.shape[-1]):
                own = np.quantile(at_distance[..., output], grid)
                self._forward[distance, output] = _unique_knots(own, reference[:, output])
                self._backward[distance, output] = _unique_knots(reference[:, output], own)

    def normalise(self, values):
        """Normalise values: (..., values, outputs) -> the same shape, float32."""
        return self._mapped(values, self._forward)

    def restore(self, values):
        """Invert the normalisation: (..., values, outputs) -> the same shape, float32."""
        return self._mapped(values, self._backward)

    def _mapped(self, values, knots):
        result = np.empty(values.shape, np.float32)
        for (distance, output), (source, goal) in knots.items():
            at_distance = self.distances == distance
            result[..., at_distance, output] = np.interp(values[..., at_distance, output], source, goal)
        return result


def _unique_knots(source, goal):
    """Knots of a function with unique sources; knots with the same source are replaced by the mean of their goals."""
    source, knot = np.unique(source, return_inverse=True)
    return source, np.bincount(knot, goal) / np.bincount(knot)


def distances(map_bins, offset):
    """Distance of each value of an upper triangle, in bins: ndarray of int64, shape (values,)."""
    rows, columns = np.triu_indices(map_bins, offset)
    return columns - rows


def fit_normalisation(data, map_bins, offset):
    """The :class:`QuantileNormalisation` of the training fold of :class:`akitaflow.training.examples.Examples`."""
    count = data.train.count
    chosen = set(np.linspace(0, count - 1, min(count, FIT_WINDOWS)).astype(int))
    stream = enumerate(data.train.ordered().map(lambda _, target: target).as_numpy_iterator())
    return QuantileNormalisation(np.stack([t for i, t in stream if i in chosen]), distances(map_bins, offset))


class Mapped:
    """Examples with changed targets; the interface is that of :class:`akitaflow.training.examples.InMemory`.

    Parameters
    ----------
    examples : akitaflow.training.examples.InMemory or akitaflow.training.examples.Streamed
    columns : list of int
        Outputs to keep, in order.
    normalisation : QuantileNormalisation, optional
        Of the kept outputs.
    """

    def __init__(self, examples, columns, normalisation=None):
        self.count, self._examples = examples.count, examples
        self._columns, self._normalisation = columns, normalisation

    def ordered(self):
        """All examples in the order of the records."""
        return self._changed(self._examples.ordered())

    def shuffled(self, seed):
        """All examples in the order of a seed."""
        return self._changed(self._examples.shuffled(seed))

    def _changed(self, dataset):
        import tensorflow as tf

        values = dataset.element_spec[1].shape[0]

        def change(sequence, target):
            target = tf.gather(target, self._columns, axis=1)
            if self._normalisation:
                target = tf.cast(tf.numpy_function(self._normalisation.normalise, [target], tf.float32), tf.float16)
            return sequence, tf.ensure_shape(target, (values, len(self._columns)))

        return dataset.map(change, tf.data.AUTOTUNE, deterministic=True)


def changed(data, columns, normalisation=None):
    """Training examples with a subset of the outputs, or with normalised targets.

    Parameters
    ----------
    data : akitaflow.training.examples.Examples
    columns, normalisation
        Of :class:`Mapped`.

    Returns
    -------
    akitaflow.training.examples.Examples
    """
    folds = {fold: Mapped(getattr(data, fold), columns, normalisation) for fold in ("train", "valid")}
    digest = f"{data.digest}, outputs {columns}{', quantiles' if normalisation else ''}"
    return replace(data, **folds, digest=digest)


def predict(network, dataset, batch_size):
    """Predictions and targets of a fold.

    Parameters
    ----------
    network : keras.Model
    dataset : tf.data.Dataset
        Of (sequence, target), as :func:`akitaflow.dataset.records.read_fold` gives it.
    batch_size : int

    Returns
    -------
    (predictions, targets) : tuple of ndarray, shape (windows, values, outputs)
        float32 and float16, with the outputs of the network and of the records.
    """
    import tensorflow as tf

    step = tf.function(lambda sequence: network(tf.cast(sequence, tf.float32), training=False), reduce_retracing=True)
    pairs = [(step(sequence).numpy(), target.numpy()) for sequence, target in dataset.batch(batch_size)]
    predictions, targets = zip(*pairs, strict=True)
    return np.concatenate(predictions), np.concatenate(targets)


def asymmetry(network, dataset, batch_size):
    """Difference between a network's two predictions of a pair of bins, (i, j) and (j, i).

    Parameters
    ----------
    network : keras.Model
        Of :func:`akitaflow.model.network.build`.
    dataset, batch_size
        Of :func:`predict`.

    Returns
    -------
    ndarray of float64, shape (outputs + 1,)
        Root mean square of the difference divided by that of the mean, per output and over all outputs; NaN if the
        network predicts each pair once.
    """
    from akitaflow.model.alternatives import views

    both_views = views(network)
    outputs = network.output_shape[-1]
    if both_views is None:
        return np.full(outputs + 1, np.nan)
    sums = np.zeros((2, outputs))
    for sequence, _ in dataset.batch(batch_size):
        first, second = (np.asarray(view, np.float64) for view in both_views(sequence.numpy().astype(np.float32)))
        sums += [((first - second) ** 2).sum((0, 1)), (((first + second) / 2) ** 2).sum((0, 1))]
    difference, mean = np.append(sums, sums.sum(1, keepdims=True), axis=1)
    return np.sqrt(difference / mean)


def scored(against, outputs, targets, predictions, whole):
    """Scores of predictions, one row per dataset.

    Parameters
    ----------
    against : str
        Kind of the targets, ``base`` or ``own``.
    outputs : list of str
    targets, predictions : ndarray, shape (windows, values, outputs)
    whole : bool
        Whether the outputs are all outputs of the base model; adds a row ``all``.

    Returns
    -------
    DataFrame
        against, dataset, n_windows, mse, pearson, spearman, pearson_window_median.
    """
    from akitaflow.evaluation.accuracy import pooled_scores

    targets = targets.astype(np.float32)
    rows = [{"dataset": name, **pooled_scores(targets[..., i], predictions[..., i])} for i, name in enumerate(outputs)]
    if whole:
        together = [np.concatenate(np.moveaxis(array, -1, 0)) for array in (targets, predictions)]
        rows.append({"dataset": "all", **pooled_scores(*together), "n_windows": len(targets)})
    return pd.DataFrame(rows).assign(against=against)


def judged(trained, dataset, base_targets, columns, names, normalisation=None, batch_size=8, uneven=False):
    """All scores of a trained alternative.

    Parameters
    ----------
    trained : akitaflow.training.loop.Trained
    dataset : tf.data.Dataset
        Of the evaluated fold, from the alternative's records.
    base_targets : ndarray, shape (windows, values, all outputs)
        Of the same fold, from the base model's records.
    columns : list of int
        Columns of the alternative's outputs.
    names : list of str
        Datasets of all columns.
    normalisation : QuantileNormalisation, optional
        If the alternative was trained on normalised targets. The normalisation of its predictions is inverted for the
        scores against the base's targets.
    batch_size : int
    uneven : bool
        Whether predictions of (i, j) and (j, i) can differ, so that the asymmetry is measured.

    Returns
    -------
    DataFrame
        Columns of :func:`scored`, and asymmetry, parameters, epochs, best_epoch and seconds_per_epoch (median without
        the first epoch, in which TensorFlow compiles).
    """
    outputs, whole = [names[i] for i in columns], len(columns) == len(names)
    predictions, own = predict(trained.model, dataset, batch_size)
    own, base_targets = own[..., columns], base_targets[..., columns]
    parts = []
    if normalisation:
        parts.append(scored("own", outputs, normalisation.normalise(own), predictions, whole))
        predictions = normalisation.restore(predictions)
    elif not np.array_equal(own, base_targets):
        parts.append(scored("own", outputs, own, predictions, whole))
    table = pd.concat([scored("base", outputs, base_targets, predictions, whole), *parts], ignore_index=True)
    asymmetries = asymmetry(trained.model, dataset, batch_size) if uneven else np.full(len(columns) + 1, np.nan)
    seconds = trained.history["seconds"]
    return table.assign(
        asymmetry=table["dataset"].map(dict(zip([*outputs, "all"], asymmetries, strict=True))),
        parameters=trained.model.count_params(),
        epochs=len(trained.history),
        best_epoch=trained.best_epoch,
        seconds_per_epoch=float(np.median(seconds.iloc[1:] if len(seconds) > 1 else seconds)),
    )


def summarise(metrics):
    """Mean and spread of every score over replicates, and of its paired difference to the base model.

    Parameters
    ----------
    metrics : DataFrame
        The tables of :func:`judged` of all alternatives, with alternative and replicate.

    Returns
    -------
    DataFrame
        alternative, against, dataset, metric; mean, sd (NaN with one replicate), low, high (minimum and maximum) over
        replicates; difference, difference_sd, difference_low, difference_high: the same for the score minus the base
        model's score of the same replicate (NaN without one); seeds (number of replicates), parameters,
        seconds_per_epoch (median over replicates).
    """
    long = metrics.melt(id_vars=[*KEYS, "replicate", *COSTS], value_vars=list(METRICS), var_name="metric").dropna(
        subset="value"
    )
    base = long[(long["alternative"] == BASE) & (long["against"] == "base")]
    pairs = ["against", "dataset", "metric", "replicate"]
    long = long.merge(base[[*pairs, "value"]].rename(columns={"value": "base"}), on=pairs, how="left")
    long["difference"] = long["value"] - long["base"]
    spread = {"": "mean", "_sd": "std", "_low": "min", "_high": "max"}
    return (
        long.groupby([*KEYS, "metric"], sort=False)
        .agg(
            mean=("value", "mean"),
            sd=("value", "std"),
            low=("value", "min"),
            high=("value", "max"),
            **{f"difference{end}": ("difference", statistic) for end, statistic in spread.items()},
            seeds=("replicate", "nunique"),
            parameters=("parameters", "first"),
            seconds_per_epoch=("seconds_per_epoch", "median"),
        )
        .reset_index()
    )


def learning_curves(histories):
    """Losses and correlations of all trainings by epoch, in long form.

    Parameters
    ----------
    histories : DataFrame
        The histories of all trainings (:class:`akitaflow.training.loop.Trained`), with alternative and replicate.

    Returns
    -------
    DataFrame
        alternative, replicate, epoch, quantity (``loss``, ``valid_loss``, ``valid_pearson``), dataset (``all`` for all
        datasets together), value. Alternatives with other targets are scored against their own targets.
    """
    keys = ["alternative", "replicate", "epoch"]
    columns = [name for name in histories if name == "loss" or name.startswith("valid_")]
    long = histories.melt(id_vars=keys, value_vars=columns, var_name="name").dropna(subset="value")
    prefix = "valid_pearson_"
    of_dataset = long["name"].str.startswith(prefix)
    long["dataset"] = long["name"].str.removeprefix(prefix).where(of_dataset, "all")
    long["quantity"] = long["name"].mask(of_dataset, "valid_pearson")
    return long[[*keys, "quantity", "dataset", "value"]]
