"""Compiled steps of training and validation, on one device or on several GPUs.

Each device (a replica of ``tf.distribute``) has a copy of the network and computes a share of the batch. One optimiser
is applied to the mean of their gradients, and its result is written to all copies, so clipping and weight decay are the
same as on a single device. Batch normalisation and dropout are computed for each share.

On a GPU, XLA compiles the steps, which makes them several times faster; on a CPU it would make them slower. On several
GPUs it compiles only the part that each GPU computes for its share.
"""

import math

import keras
import numpy as np
import tensorflow as tf

from akitaflow.model.compiled import compiling


def uses_xla():
    """Whether XLA compiles steps by default: if there is a GPU."""
    return bool(tf.config.list_logical_devices("GPU"))


def dropouts(model):
    """The dropout layers of a model, in order."""
    return [layer for layer in model.layers if isinstance(layer, keras.layers.Dropout)]


def train_step(model, optimizer, accumulate=1, strategy=None, frozen=False, xla=None):
    """A step of the optimiser: (batches, learning rate, seeds) -> loss.

    Parameters
    ----------
    model : keras.Model
        Created within the strategy.
    optimizer : keras.optimizers.Optimizer
        Not built yet, and created outside of the strategy.
    accumulate : int
        Batches whose gradients are averaged for a step of the optimiser.
    strategy : tf.distribute.Strategy, optional
        Its replicas share each batch; by default the current strategy.
    frozen : bool
        Whether the network computes as in prediction: without dropout, with constant statistics of batch
        normalisation.
    xla : bool, optional
        Whether XLA compiles the step; by default :func:`uses_xla`.

    Returns
    -------
    function
        Of ``accumulate`` pairs (sequence uint8 (batch, length, 4), target float16 (batch, values, outputs)), a rate,
        and seeds uint32 (accumulate, replicas, dropout layers, 2). The loss is the mean squared error over all values
        of the upper triangle and all datasets, plus the losses of layers (``add_loss``).
    """
    strategy = strategy or tf.distribute.get_strategy()
    replicas, masked = strategy.num_replicas_in_sync, dropouts(model)
    xla = uses_xla() if xla is None else xla
    batch = [
        tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8),
        tf.TensorSpec((None, *model.output_shape[1:]), tf.float16),
        tf.TensorSpec((replicas, len(masked), 2), tf.uint32),
    ]
    masters = model.trainable_variables
    if replicas > 1:  # outside of the replicas an optimiser cannot write to their variables
        masters = [keras.Variable(variable.numpy(), dtype=variable.dtype) for variable in masters]
    optimizer.build(masters)
    accumulated = [tf.TensorSpec(v.shape, tf.float32) for v in model.trainable_variables] if accumulate > 1 else []

    def of_share(sequence, target, seeds):
        for i, layer in enumerate(masked):
            layer.seed_generator.state.assign(seeds[0, i])
        with tf.GradientTape() as tape:
            predicted = model(tf.cast(sequence, tf.float32), training=not frozen)
            loss = tf.reduce_mean(tf.square(predicted - tf.cast(target, tf.float32)))
            loss = sum(model.losses, loss)
        return loss, tape.gradient(loss, model.trainable_variables)

    def of_share_compiled(sequence, target, seeds):
        with compiling():
            return of_share(sequence, target, seeds)

    computed = of_share_compiled if xla else of_share
    if xla and replicas > 1:
        computed = tf.function(computed, jit_compile=True)

    def of_replica(sequence, target, seeds):
        gradients_sum = computed(*(_share(values, replicas) for values in (sequence, target, seeds)))
        return tf.distribute.get_replica_context().all_reduce("MEAN", gradients_sum) if replicas > 1 else gradients_sum

    def gradients(sequence, target, seeds, before):
        """The loss, and the gradients added to those of the previous batches."""
        loss, gradients_sum = _of_first(strategy, strategy.run(of_replica, (sequence, target, seeds)))
        return loss, [a + b for a, b in zip(before, gradients_sum, strict=True)] if before else gradients_sum

    compile_whole = xla and replicas == 1
    # Without autograph tracing takes a fifth less; no Python control flow here depends on the value of a tensor.

    @tf.function(input_signature=[*batch, accumulated], jit_compile=compile_whole, autograph=False)
    def gather(sequence, target, seeds, before):
        return gradients(sequence, target, seeds, before)

    @tf.function(
        input_signature=[*batch, accumulated, tf.TensorSpec((), tf.float32)], jit_compile=compile_whole, autograph=False
    )
    def update(sequence, target, seeds, before, rate):
        loss, gradients_sum = gradients(sequence, target, seeds, before)
        if accumulate > 1:
            gradients_sum = [gradient / accumulate for gradient in gradients_sum]
        optimizer.learning_rate = rate
        if replicas > 1:
            _copy(model.trainable_variables, masters)
        optimizer.apply(gradients_sum, masters)
        if replicas > 1:
            _copy(masters, model.trainable_variables)
        return loss

    def step(batches, rate, seeds):
        *first_batches, last_batch = zip(batches, seeds, strict=True)
        losses, sums = [], [tf.zeros(spec.shape) for spec in accumulated]
        for (sequence, target), seed in first_batches:  # one at a time: memory of one batch
            loss, sums = gather(sequence, target, seed, sums)
            losses.append(loss)
        (sequence, target), seed = last_batch
        losses.append(update(sequence, target, seed, sums, rate))
        return sum(losses[1:], losses[0]) / accumulate if accumulate > 1 else losses[0]

    return step


def valid_step(model, strategy=None, xla=None):
    """A compiled step: (sequence, target) -> sums float64 (6, outputs), from which :func:`scores` computes accuracy.

    The number of windows must be a multiple of the number of replicas. XLA compiles only batches of the first size.
    """
    strategy = strategy or tf.distribute.get_strategy()
    replicas = strategy.num_replicas_in_sync
    xla = uses_xla() if xla is None else xla

    def of_share(sequence, target):
        x = tf.cast(model(tf.cast(sequence, tf.float32), training=False), tf.float64)
        y = tf.cast(target, tf.float64)
        return tf.reduce_sum(tf.stack([tf.ones_like(x), x, y, x * x, y * y, x * y]), axis=(1, 2))

    @tf.function(jit_compile=True)
    def of_share_compiled(sequence, target):
        with compiling():
            return of_share(sequence, target)

    signature = [
        tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8),
        tf.TensorSpec((None, *model.output_shape[1:]), tf.float16),
    ]

    def compiled_step(computed):
        def of_replica(sequence, target):
            return computed(_share(sequence, replicas), _share(target, replicas))

        @tf.function(input_signature=signature, jit_compile=False, autograph=False)
        def step(sequence, target):
            return strategy.reduce("SUM", strategy.run(of_replica, (sequence, target)), axis=None)

        return step

    plain = compiled_step(of_share)
    if not xla:
        return plain
    compiled, size = compiled_step(of_share_compiled), None

    def step(sequence, target):
        nonlocal size
        size = size or len(sequence)
        return (compiled if len(sequence) == size else plain)(sequence, target)

    return step


def scores(sums, outputs):
    """Validation loss and Pearson correlation, pooled and per dataset.

    Parameters
    ----------
    sums : ndarray, shape (6, outputs)
        Count, sums of prediction, target, their squares and their product.
    outputs : list of str

    Returns
    -------
    dict
        ``valid_loss``, ``valid_pearson``, ``valid_pearson_{dataset}``; NaN if predictions or targets are constant.
    """
    n, _, _, xx, yy, xy = sums.sum(axis=1)
    accuracy = {"valid_loss": float((xx + yy - 2 * xy) / n), "valid_pearson": _pearson(sums.sum(axis=1))}
    return accuracy | {f"valid_pearson_{name}": _pearson(sums[:, i]) for i, name in enumerate(outputs)}


def average_statistics(model, strategy):
    """Set the running statistics of batch normalisation in all copies of the network to their mean.

    In training each copy computes them from its own share of the batches. Call this before the network predicts or is
    saved.
    """
    if strategy.num_replicas_in_sync == 1:
        return
    for variable in model.non_trainable_variables:
        if "seed_generator" not in variable.path:
            copies = strategy.experimental_local_results(variable.value)
            variable.assign(np.mean([copy.numpy() for copy in copies], axis=0))


def _copy(sources, targets):
    for source, target in zip(sources, targets, strict=True):
        target.assign(source)


def _share(values, replicas):
    """The part of a batch that this replica computes."""
    if replicas == 1:
        return values
    shares = tf.reshape(values, (replicas, -1, *values.shape[1:]))
    return shares[tf.distribute.get_replica_context().replica_id_in_sync_group]


def _of_first(strategy, results):
    """The results of the first replica; those of the others are equal."""
    return tf.nest.map_structure(lambda result: strategy.experimental_local_results(result)[0], results)


def _pearson(sums):
    n, x, y, xx, yy, xy = sums
    spread = max(xx - x * x / n, 0) * max(yy - y * y / n, 0)
    return float((xy - x * y / n) / math.sqrt(spread)) if spread > 0 else math.nan
