"""Steps of training: accumulated batches, several devices, a start from other weights, losses that layers add."""

import shutil
import subprocess
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from snakemake_server import SERVER
from trainings import NETWORK, PLAIN, QUICK, assert_close, assert_same, examples, run, stepped, weights_of

from akitaflow.errors import InputError
from akitaflow.model.network import build
from akitaflow.training import checkpoints, device, loop, steps
from akitaflow.training.loop import Start

pytestmark = pytest.mark.tensorflow


def test_two_accumulated_batches_step_as_one_of_their_size():
    whole = stepped(1)
    assert_close(stepped(2), whole)
    assert_close(stepped(4), whole)
    assert not np.allclose(stepped(1, numbers=replace(PLAIN, clip_norm=10.0))[0], whole[0], rtol=1e-3)  # it does clip


def test_batch_normalisation_sees_the_small_batch():
    assert not np.allclose(stepped(2, frozen=False)[0], stepped(1, frozen=False)[0], rtol=1e-4)


def test_accumulated_training_counts_steps_of_the_optimiser_and_resumes(tmp_path, monkeypatch):
    numbers = replace(QUICK, accumulate=2, epochs=2)
    whole = run(tmp_path / "whole", numbers)
    with np.load(tmp_path / "whole" / checkpoints.NAME) as file:
        assert file["optimizer/0"] == 2 * 12 // (2 * 2)
    save = checkpoints.save

    def save_and_stop(*args):
        save(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoints, "save", save_and_stop)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "parts", numbers)
    monkeypatch.undo()
    assert_same(whole, run(tmp_path / "parts", numbers))
    with pytest.raises(InputError, match=r"batch_size: 4 x 4 \(accumulate\) is more than the 12 training windows"):
        run(tmp_path / "few", replace(QUICK, batch_size=4, accumulate=4))


TWO_DEVICES = """
import sys
from dataclasses import replace
import numpy as np
import tensorflow as tf
(cpu,) = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from trainings import NETWORK, PLAIN, QUICK, assert_close, examples, made_up, stepped
from akitaflow.training import checkpoints, loop
from akitaflow.training.examples import Examples

def both():
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])

one = stepped(1)
assert_close(stepped(1, both()), one)
assert_close(stepped(2, both()), one)

def train(folder, strategy=None, **numbers):
    data = Examples(made_up(12), made_up(5, seed=1), "made up")  # an odd number of windows to validate
    numbers = replace(QUICK, epochs=2, **numbers)
    return loop.train(data, NETWORK, numbers, ["A", "B"], 1, folder, strategy=strategy)

whole = train(sys.argv[1] + "/whole", both())
x, y = (np.stack(part) for part in zip(*made_up(5, seed=1).ordered().as_numpy_iterator()))
predicted = whole.model(x.astype(np.float32), training=False).numpy()
best = whole.history.set_index("epoch").loc[whole.best_epoch]
np.testing.assert_allclose(best["valid_loss"], np.mean((predicted - y) ** 2), rtol=1e-4)
for variable in whole.model.weights:
    if "seed_generator" not in variable.path:
        first, second = (copy.numpy() for copy in variable.value.values)
        np.testing.assert_array_equal(first, second)

save = checkpoints.save
def save_and_stop(*args):
    save(*args)
    raise KeyboardInterrupt
checkpoints.save = save_and_stop
try:
    train(sys.argv[1] + "/parts", both())
except KeyboardInterrupt:
    checkpoints.save = save
parts = train(sys.argv[1] + "/parts", both())
assert whole.history.drop(columns="seconds").equals(parts.history.drop(columns="seconds"))
for a, b in zip(whole.model.weights, parts.model.weights):
    if "seed_generator" not in a.path:
        np.testing.assert_array_equal(a.numpy(), b.numpy())
print("two devices agree")
"""


@pytest.mark.slow
def test_two_devices_step_as_one_with_their_windows_and_resume(tmp_path):
    script = tmp_path / "two_devices.py"
    script.write_text(TWO_DEVICES)
    process = SERVER.python(script, tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output, errors = process.communicate()
    assert "two devices agree" in output, errors[-3000:]
    assert "Resuming after epoch 1" in errors


def test_more_gpus_than_available_are_refused(monkeypatch):
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: [])
    assert device.strategy_of("all") is device.strategy_of(1) is tf.distribute.get_strategy()
    with pytest.raises(InputError, match="training.gpus: 4 were asked for and TensorFlow sees 0"):
        device.strategy_of(4)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return run(tmp_path_factory.mktemp("start"), replace(QUICK, epochs=1), seed=5)


def begun(start, outputs):
    keras.utils.set_random_seed(2)
    fresh = build(NETWORK, len(outputs))
    before = {weight.path: weight.numpy() for weight in fresh.weights}
    loop.begin(fresh, start, outputs)
    return fresh, before


@pytest.mark.parametrize("outputs", [["A", "B"], ["B", "A"], ["C"]])
def test_a_start_gives_its_weights_and_the_last_layer_where_the_outputs_are_the_same(trained, outputs):
    network, before = begun(Start(weights_of(trained), ["A", "B"]), outputs)
    for weight, original in zip(network.weights, weights_of(trained), strict=True):
        expected = before[weight.path] if "final" in weight.path and outputs != ["A", "B"] else original
        np.testing.assert_array_equal(weight.numpy(), expected)


def test_only_the_last_layer_trains(trained, tmp_path):
    start = Start(weights_of(trained), ["A", "B"], "last")
    tuned = loop.train(
        examples(), NETWORK, replace(QUICK, epochs=4), ["C", "D"], 1, tmp_path, start=start
    )  # other names: the last layer is fresh
    assert tuned.history["loss"].iloc[-1] < tuned.history["loss"].iloc[0]
    for weight, original in zip(tuned.model.weights, start.weights, strict=True):
        if "seed_generator" not in weight.path:
            assert np.array_equal(weight.numpy(), original) == ("final" not in weight.path), weight.path
    assert len(tuned.model.trainable_weights) == len(build(NETWORK, 2).trainable_weights)  # nothing stays frozen


def test_a_checkpoint_of_another_start_is_not_used(trained, tmp_path, capfd, monkeypatch):
    def tune(folder, start):
        loop.train(examples(), NETWORK, replace(QUICK, epochs=1), ["A", "B"], 1, folder, start=start)

    weights, first = weights_of(trained), tmp_path / "first"
    tune(first, Start(weights, ["A", "B"]))
    tune(first, Start([weight.copy() for weight in weights], ["A", "B"]))
    assert "Resuming" in capfd.readouterr().err

    def epoch(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(loop._Run, "epoch", epoch)
    changed = Start([*weights[:-1], weights[-1] + 1], ["A", "B"])
    for number, start in enumerate((Start(weights, ["A", "B"], "last"), changed, None)):
        folder = shutil.copytree(first, tmp_path / str(number))
        with pytest.raises(KeyboardInterrupt):
            tune(folder, start)
        assert "start was" in capfd.readouterr().err


def test_a_start_of_another_architecture(trained):
    weights = weights_of(trained)
    with pytest.raises(InputError, match="same architecture"):
        begun(Start(weights[1:], ["A", "B"]), ["A", "B"])
    with pytest.raises(InputError, match=r"has \(.*\), the start \(7,\); start from a model of the same architecture"):
        begun(Start([np.zeros(7), *weights[1:]], ["A", "B"]), ["A", "B"])
    with pytest.raises(InputError, match="write all or last"):
        begun(Start(weights, ["A", "B"], "first"), ["A", "B"])


def test_each_saved_epoch_is_reported_once_and_a_report_can_end_the_training(tmp_path):
    class Enough(Exception):
        pass

    rows = []

    def report(row):
        with np.load(tmp_path / checkpoints.NAME) as file:
            assert f'"epoch": {row["epoch"]}' in str(file["notes"])
        rows.append(row["epoch"])
        if row["epoch"] == 2:
            raise Enough

    def tune():
        loop.train(examples(), NETWORK, QUICK, ["A", "B"], 1, tmp_path, on_epoch=report)

    with pytest.raises(Enough):
        tune()
    assert rows == [1, 2]
    tune()
    assert rows == [1, 2, 3]


class Penalty(keras.layers.Layer):
    """The identity, with a loss of a trainable number's distance from 3."""

    def build(self, shape):
        self.level = self.add_weight(name="level", shape=(), initializer="zeros")

    def call(self, x):
        self.add_loss((self.level - 3.0) ** 2)
        return x


def test_losses_that_layers_add_are_part_of_the_loss():
    draw = np.random.default_rng(0)
    sequence = keras.layers.Input((8, 4))
    network = keras.Model(sequence, Penalty()(keras.layers.Dense(1, name="final")(sequence)))
    step = steps.train_step(network, keras.optimizers.SGD(0.1), 2)
    batch = np.eye(4, dtype=np.uint8)[draw.integers(0, 4, (2, 8))], np.zeros((2, 8, 1), np.float16)
    predicted = network(batch[0].astype(np.float32)).numpy()
    seeds = np.zeros((2, 1, 0, 2), np.uint32)
    assert float(step([batch, batch], 0.1, seeds)) == pytest.approx(np.mean(predicted**2) + 9, rel=1e-5)
    for _ in range(60):
        step([batch, batch], 0.1, seeds)
    assert float(network.layers[-1].level.value) == pytest.approx(3, abs=1e-3)
