"""Steps compiled by XLA, which GPUs use: here on a CPU, against TensorFlow's own operations."""

import os
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from networks import tiny
from trainings import QUICK, made_up, run

from akitaflow.model.compiled import MaxPooling1D, UpperTriangle, compiling, is_compiling
from akitaflow.model.network import build
from akitaflow.training import device, loop, steps

pytestmark = pytest.mark.tensorflow

NETWORK = tiny(dilated_blocks=1, map_blocks=0, dilated_dropout=0.0)
NUMBERS = replace(QUICK, optimizer="sgd", learning_rate=0.1, clip="variable", clip_norm=0.05)


def stepped(xla, count=2):
    """Losses of a few steps on two batches each, and the weights after them."""
    keras.utils.set_random_seed(1)
    model = build(NETWORK, 2)
    step = steps.train_step(model, loop.make_optimizer(NUMBERS), 2, xla=xla)
    windows = made_up(4 * count, NETWORK)._examples.batch(2).as_numpy_iterator()
    seeds = np.zeros((2, 1, 0, 2), np.uint32)
    losses = [float(step([next(windows), next(windows)], 0.1, seeds)) for _ in range(count)]
    return losses, [weight.numpy() for weight in model.weights]


def test_a_compiled_step_learns_as_a_plain_one():
    plain, compiled = stepped(False), stepped(True)
    np.testing.assert_allclose(compiled[0], plain[0], rtol=1e-4)
    assert plain[0][0] != plain[0][1]
    for a, b in zip(compiled[1], plain[1], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)
    assert not is_compiling()


def test_the_seeds_decide_the_dropout_of_a_compiled_step():
    model = build(tiny(dilated_blocks=1, map_blocks=1), 2)
    for layer in model.layers:
        if layer.name.endswith("_back_norm"):
            layer.gamma.assign(np.ones(layer.gamma.shape))  # else what dropout changes is multiplied by 0
    step = steps.train_step(model, loop.make_optimizer(NUMBERS), xla=True)
    batch = next(iter(made_up(2)._examples.batch(2)))
    seeds = np.arange(2 * len(steps.dropouts(model)), dtype=np.uint32).reshape(1, 1, -1, 2)
    losses = [float(step([batch], 0.0, seeds + shift)) for shift in (0, 1, 0)]
    assert losses[0] == losses[2] != losses[1]


def test_compiled_validation_sums_and_a_smaller_last_batch():
    keras.utils.set_random_seed(1)
    model = build(NETWORK, 2)
    plain, compiled = steps.valid_step(model, xla=False), steps.valid_step(model, xla=True)
    for sequence, target in made_up(5, NETWORK)._examples.batch(2):
        np.testing.assert_allclose(compiled(sequence, target), plain(sequence, target), rtol=1e-5)


def gradients(layer, x, weights, xla):
    @tf.function(jit_compile=xla)
    def both(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            if xla:
                with compiling():
                    y = layer(x)
            else:
                y = layer(x)
            loss = tf.reduce_sum(y * weights)
        return y, tape.gradient(loss, x)

    return [value.numpy() for value in both(tf.constant(x))]


@pytest.mark.parametrize("pool", [2, 3])
def test_max_pool_and_its_gradient_with_ties(pool):
    draw = np.random.default_rng(0)
    x = draw.integers(0, 3, (2, 12, 5)).astype(np.float32)  # many are equal
    weights = draw.normal(size=(2, 12 // pool, 5)).astype(np.float32)
    for a, b in zip(*(gradients(MaxPooling1D(pool), x, weights, xla) for xla in (True, False)), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("offset", [0, 2])
def test_upper_triangle_and_its_gradient(offset):
    draw = np.random.default_rng(0)
    x = draw.normal(size=(2, 7, 7, 3)).astype(np.float32)
    weights = draw.normal(size=(2, (7 - offset) * (8 - offset) // 2, 3)).astype(np.float32)
    compiled = gradients(UpperTriangle(offset), x, weights, True)
    for a, b in zip(compiled, gradients(UpperTriangle(offset), x, weights, False), strict=True):
        np.testing.assert_array_equal(a, b)
    assert np.count_nonzero(compiled[1]) == weights.size


def test_steps_are_compiled_on_a_gpu_only(monkeypatch):
    assert steps.uses_xla() == bool(tf.config.list_logical_devices("GPU"))
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: ["GPU:0"] if kind == "GPU" else [])
    assert steps.uses_xla()


def test_autotuning_is_stored_by_default(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("XLA_FLAGS", "--xla_flag=1")
    device.keep_autotuning()
    assert os.environ["XLA_FLAGS"] == f"--xla_flag=1 {device.AUTOTUNE_CACHE}={tmp_path}/akitaflow/xla"
    assert (tmp_path / "akitaflow" / "xla").is_dir()
    monkeypatch.setenv("XLA_FLAGS", f"{device.AUTOTUNE_CACHE}=/elsewhere")
    device.keep_autotuning()
    assert os.environ["XLA_FLAGS"] == f"{device.AUTOTUNE_CACHE}=/elsewhere"


def test_determinism_is_optional(tmp_path, monkeypatch):
    called = []

    def epoch(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(tf.config.experimental, "enable_op_determinism", lambda: called.append(True))
    monkeypatch.setattr(loop._Run, "epoch", epoch)
    for deterministic in (False, True):
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path / str(deterministic), replace(QUICK, deterministic=deterministic))
        assert bool(called) == deterministic
