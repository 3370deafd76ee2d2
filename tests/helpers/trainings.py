"""Examples and trainings of seconds, for the tests and for the processes that they start."""

from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf
from networks import tiny

from akitaflow.model.network import build
from akitaflow.training import loop, steps
from akitaflow.training.examples import Examples, InMemory
from akitaflow.training.loop import Training

NETWORK = tiny(dilated_blocks=1, map_blocks=0)
QUICK = Training(optimizer="adam", learning_rate=0.01, clip="global", clip_norm=1.0, epochs=3, shift=2)


def made_up(count, architecture=None, outputs=2, seed=0):
    """Examples whose maps are shifted up by the share of G and C."""
    architecture = architecture or NETWORK
    draw = np.random.default_rng(seed)
    codes = draw.integers(0, 4, (count, architecture.length))
    codes[codes == 0] = draw.integers(0, 4, (count, 1)).repeat(architecture.length, axis=1)[codes == 0]
    sequences = np.eye(4, dtype=np.uint8)[codes]
    level = np.isin(codes, (1, 2)).mean(axis=1) * 4 - 2
    targets = level[:, None, None] + draw.normal(0, 0.1, (count, architecture.n_values, outputs))
    return InMemory(sequences, targets.astype(np.float16))


def examples(digest="made up"):
    return Examples(made_up(12), made_up(4, seed=1), digest)


def run(folder, numbers=QUICK, data=None, seed=1):
    return loop.train(data or examples(), NETWORK, numbers, ["A", "B"], seed, folder)


def weights_of(trained):
    return [weight.numpy() for weight in trained.model.weights]


def assert_same(first, second):
    for a, b in zip(weights_of(first), weights_of(second), strict=True):
        np.testing.assert_array_equal(a, b)


PLAIN = replace(QUICK, optimizer="sgd", learning_rate=0.1, clip="variable", clip_norm=0.05)  # clips most gradients


def stepped(batches, strategy=None, numbers=PLAIN, frozen=True):
    """Losses of three steps on 4 windows each, in so many batches, and the weights after them.

    A frozen network computes each window by itself: no batch normalisation by the batch and no dropout.
    """
    strategy = strategy or tf.distribute.get_strategy()
    keras.utils.set_random_seed(1)
    with strategy.scope():
        network = build(NETWORK, 2)
    optimizer = loop.make_optimizer(numbers)
    step = steps.train_step(network, optimizer, batches, strategy, frozen)
    seeds = np.zeros((batches, strategy.num_replicas_in_sync, len(steps.dropouts(network)), 2), np.uint32)
    windows = made_up(12)._examples.batch(4 // batches).as_numpy_iterator()
    losses = [float(step([next(windows) for _ in range(batches)], numbers.learning_rate, seeds)) for _ in range(3)]
    return losses, [weight.numpy() for weight in network.trainable_weights]


def assert_close(found, expected):
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-5)
    for a, b in zip(found[1], expected[1], strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
