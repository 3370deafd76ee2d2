"""Training: what it learns, what decides its draws, how it stops, and that an interrupted run is as good as any."""

import json
import signal
import subprocess
import time
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.stats import pearsonr
from snakemake_server import SERVER
from trainings import NETWORK, QUICK, assert_same, examples, made_up, run, weights_of

from akitaflow.dataset.records import RecordShape, write_records
from akitaflow.errors import Diverged, InputError
from akitaflow.geometry import flip_index
from akitaflow.training import checkpoints, loop
from akitaflow.training.augment import augment
from akitaflow.training.examples import Streamed, read
from akitaflow.training.loop import Training

pytestmark = pytest.mark.tensorflow


def test_it_learns_and_keeps_its_best_epoch(tmp_path):
    trained = run(tmp_path, replace(QUICK, epochs=8, schedule="cosine", warmup_epochs=1))
    history = trained.history
    assert list(history["epoch"]) == list(range(1, 9))
    assert history["loss"].iloc[-1] < 0.5 * history["loss"].iloc[0]
    assert history["valid_loss"].idxmin() + 1 == trained.best_epoch
    assert list(history.loc[history["best"], "epoch"]) == [trained.best_epoch]
    valid = examples().valid.ordered()
    x, y = (np.stack(part) for part in zip(*valid.as_numpy_iterator(), strict=True))
    predicted = trained.model(x.astype(np.float32), training=False).numpy()
    best = history.loc[trained.best_epoch - 1]
    assert best["valid_loss"] == pytest.approx(np.mean((predicted - y) ** 2), rel=1e-4)
    assert best["valid_pearson"] == pytest.approx(pearsonr(predicted.ravel(), y.ravel())[0], abs=1e-4)
    assert best["valid_pearson_B"] == pytest.approx(pearsonr(predicted[..., 1].ravel(), y[..., 1].ravel())[0], abs=1e-4)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return run(tmp_path_factory.mktemp("undisturbed"))


def test_training_depends_on_the_seed(undisturbed, tmp_path):
    again, other = (run(tmp_path / str(seed), seed=seed) for seed in (1, 2))
    assert_same(undisturbed, again)
    assert any(not np.array_equal(a, b) for a, b in zip(weights_of(undisturbed), weights_of(other), strict=True))


CHILD = """
import sys
from dataclasses import replace
from trainings import QUICK, run
from akitaflow.training.device import use_device
use_device("cpu", 1)
trained = run(sys.argv[1], replace(QUICK, epochs=6, steps_per_epoch=25))
trained.model.save_weights(sys.argv[2])
"""


def child(folder, weights):
    script = weights.with_suffix(".py")
    script.write_text(CHILD)
    return SERVER.python(script, folder, weights, stderr=subprocess.PIPE)


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.stderr.close()
    assert process.wait() == -signal.SIGKILL


@pytest.mark.slow
def test_a_killed_training_resumes_and_gives_the_same_weights(tmp_path):
    folder, files = (
        tmp_path / "killed",
        [tmp_path / f"{name}.weights.h5" for name in ("undisturbed", "never", "killed")],
    )
    undisturbed = child(tmp_path / "undisturbed", files[0])

    killed = child(folder, files[1])  # the first time as epoch 2 ends: its checkpoint may be half written
    assert any(line.startswith("epoch 2/") for line in killed.stderr)
    kill(killed)
    assert epochs_done(folder) in (1, 2)

    killed = child(folder, files[1])  # the second time in epoch 5
    while epochs_done(folder) < 4:
        assert killed.poll() is None
        time.sleep(0.005)
    kill(killed)
    assert epochs_done(folder) < 6

    resumed = child(folder, files[2])
    errors = resumed.communicate()[1]
    assert resumed.returncode == 0 and "Resuming after epoch" in errors, errors
    errors = undisturbed.communicate()[1]
    assert undisturbed.returncode == 0 and "Resuming" not in errors, errors
    assert files[2].read_bytes() == files[0].read_bytes() and not files[1].exists()


def epochs_done(folder):
    """Epochs that the checkpoint of a folder holds."""
    try:
        with np.load(folder / checkpoints.NAME) as file:
            return len(json.loads(str(file["notes"]))["notes"])
    except OSError:
        return 0


def test_interrupted_after_each_epoch(undisturbed, tmp_path, monkeypatch):
    save = checkpoints.save

    def save_and_stop(*args):
        save(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoints, "save", save_and_stop)
    for _ in range(QUICK.epochs):
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path / "parts")
    parts = run(tmp_path / "parts")  # nothing is left to train
    assert_same(undisturbed, parts)
    assert undisturbed.history.drop(columns="seconds").equals(parts.history.drop(columns="seconds"))


def test_a_checkpoint_of_other_settings_is_renamed(tmp_path, capfd):
    run(tmp_path, replace(QUICK, epochs=1))
    run(tmp_path, replace(QUICK, epochs=1, learning_rate=0.02), examples("others"))
    errors = capfd.readouterr().err
    assert "training.learning_rate was 0.01, now 0.02" in errors
    assert "data was 'made up', now 'others'" in errors
    assert len(list(tmp_path.glob("state.*.npz"))) == 1
    run(tmp_path, replace(QUICK, epochs=1, learning_rate=0.02), examples("others"))
    assert "Resuming after epoch 1" in capfd.readouterr().err


def test_a_damaged_checkpoint_is_renamed(tmp_path, capfd):
    (tmp_path / "state.npz").write_bytes(b"PK\x03\x04 cut short")
    run(tmp_path, replace(QUICK, epochs=1))
    assert "cannot be read" in capfd.readouterr().err


def test_patience_counts_from_its_epoch():
    numbers = Training(epochs=9, patience=2)

    def epochs(losses, numbers):
        history = []
        while loop.finished(history, numbers) is None:
            history.append({"valid_loss": losses[len(history)]})
        return len(history), loop.best_epoch(history)

    assert epochs([1, 2, 3], numbers) == (3, 1)
    assert epochs([3, 2, 2.5, 1, 1, 1], numbers) == (6, 4)
    assert epochs([1] + [2] * 8, replace(numbers, patience_from=4)) == (6, 1)
    assert epochs([1, 2, 3, 4, 0.5, 2, 2], replace(numbers, patience_from=4)) == (7, 5)
    assert epochs(list(range(9, 0, -1)), numbers) == (9, 9)


def test_divergence_stops_with_a_message(tmp_path):
    with pytest.raises(Diverged, match="write a lower learning_rate"):
        run(tmp_path, replace(QUICK, optimizer="sgd", learning_rate=1e30, clip_norm=1e30))


def test_too_few_windows(tmp_path):
    with pytest.raises(InputError, match="more than the 12 training windows"):
        run(tmp_path, replace(QUICK, batch_size=13))


def test_mixed_precision_trains_and_leaves_the_policy(tmp_path):
    trained = run(tmp_path, replace(QUICK, mixed_precision=True, epochs=2))
    assert trained.history["loss"].iloc[-1] < trained.history["loss"].iloc[0]
    assert all(weight.dtype == "float32" for weight in trained.model.trainable_weights)
    assert keras.config.dtype_policy().name == "float32"


def test_tensorboard_holds_each_epoch_once(tmp_path):
    from tensorflow.core.util import event_pb2

    for epochs in (2, 2):  # the second resumes and finds nothing to do
        loop.train(examples(), NETWORK, replace(QUICK, epochs=epochs), ["A", "B"], 1, tmp_path, tmp_path / "log")
    (path,) = (tmp_path / "log").glob("events.out.tfevents.*")
    events = [event_pb2.Event.FromString(raw.numpy()) for raw in tf.data.TFRecordDataset(str(path))]
    steps = [event.step for event in events for value in event.summary.value if value.tag == "valid_pearson"]
    assert steps == [1, 2]


def test_learning_rates():
    numbers = Training(learning_rate=2.0, epochs=4, schedule="cosine", warmup_epochs=1)
    rates = np.concatenate([loop.learning_rates(numbers, epoch, 10) for epoch in range(1, 5)])
    np.testing.assert_allclose(rates[:10], np.arange(1, 11) * 0.2, rtol=1e-6)
    assert (np.diff(rates[10:]) < 0).all() and 0 < rates[-1] < 0.01
    assert (loop.learning_rates(Training(), 3, 5) == np.float32(0.0065)).all()


def test_schema_has_the_numbers_and_defaults_of_a_training():
    from akitaflow.study.schema import load_schema

    keys = load_schema("config")["properties"]["models"]["additionalProperties"]["properties"]["training"]["properties"]
    assert Training.from_config({key: value["default"] for key, value in keys.items()}) == Training()


def batch(epoch, numbers=QUICK, seed=1, data=None):
    flip = flip_index(NETWORK.map_bins, NETWORK.diagonal_offset)
    data = data or examples().train
    batches = loop.training_batches(data, numbers, flip, seed, epoch, 6)
    return [np.concatenate(part) for part in zip(*batches.as_numpy_iterator(), strict=True)]


def test_order_and_augmentation_depend_on_seed_and_epoch():
    first, again, later, other = batch(1), batch(1), batch(2), batch(1, seed=2)
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert (first[0] != later[0]).any() and (first[0] != other[0]).any()
    plain = replace(QUICK, shift=0, reverse_complement=False)
    expected = {row.tobytes() for row in batch(1, plain)[0]}
    assert len(expected) == 12 and {row.tobytes() for row in batch(2, plain)[0]} == expected  # each window once


def augmented(number, **options):
    architecture = NETWORK
    target = np.arange(architecture.n_values, dtype=np.float16)[:, None]
    sequence = made_up(1)._examples.as_numpy_iterator().next()[0]
    flip = flip_index(architecture.map_bins, architecture.diagonal_offset)
    seed = tf.constant([7, number], tf.int64)
    drawn, value = augment(tf.constant(sequence), tf.constant(target), seed, flip=flip, **options)
    return sequence, target[:, 0], drawn.numpy(), value.numpy()[:, 0], flip


def test_augmentation_is_a_shift_and_a_strand():
    shifts, strands = set(), set()
    for number in range(60):
        sequence, target, drawn, value, flip = augmented(number, shift=3)
        reversed_ = (value != target).any()
        if reversed_:
            np.testing.assert_array_equal(value, target[flip])
            drawn = drawn[::-1, ::-1]
        padded = np.pad(sequence, ((3, 3), (0, 0)))
        (by,) = (s for s in range(-3, 4) if np.array_equal(padded[3 - s : 3 - s + 512], drawn))
        shifts.add(by)
        strands.add(reversed_)
    assert shifts == set(range(-3, 4)) and strands == {True, False}


def test_substitution_keeps_unknown_bases():
    sequence, _, drawn, _, _ = augmented(1, shift=0, reverse_complement=False, substitution_rate=0.2)
    changed = (sequence != drawn).any(axis=1).mean()
    assert 0.08 < changed < 0.25  # a quarter of the redrawn bases are redrawn as they were
    assert (drawn.sum(axis=1) == 1).all()


def test_streamed_examples_come_once_in_the_seed_s_order(tmp_path):
    draw = np.random.default_rng(0)
    numbered = [(draw.integers(0, 4, 64, dtype=np.uint8), np.full((3, 1), i, np.float16)) for i in range(20)]
    write_records(tmp_path, "train", numbered, per_file=4)
    streamed = Streamed(tmp_path, "train", RecordShape(64, 3, 1), 20)

    def order(dataset):
        return [int(target[0, 0]) for _, target in dataset.as_numpy_iterator()]

    assert order(streamed.ordered()) == list(range(20))
    first, again, other = (order(streamed.shuffled(seed)) for seed in (1, 1, 2))
    assert first == again != other and sorted(first) == list(range(20)) == sorted(other)


def test_a_required_gpu_that_is_missing_is_an_error(monkeypatch):
    from akitaflow.training import device

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    with pytest.raises(InputError, match="gpu was asked for and TensorFlow sees none"):
        device.use_device("gpu")
    with pytest.raises(InputError, match="write one of auto, cpu, gpu"):
        device.use_device("tpu")


def test_examples_of_a_folder(tmp_path):
    draw = np.random.default_rng(0)
    for fold, count in (("train", 5), ("valid", 2)):
        numbered = [(draw.integers(0, 4, 64, dtype=np.uint8), np.full((3, 1), i, np.float16)) for i in range(count)]
        write_records(tmp_path / "tfrecords", fold, numbered)
    statistics = {"num_targets": 1, "seq_length": 64, "target_length": 3, "train_seqs": 5, "valid_seqs": 2}
    (tmp_path / "statistics.json").write_text(json.dumps(statistics))
    examples = read(tmp_path)
    assert (examples.train.count, examples.valid.count) == (5, 2)
    assert [int(target[0, 0]) for _, target in examples.train.ordered().as_numpy_iterator()] == list(range(5))
    assert read(tmp_path).digest == examples.digest

    write_records(tmp_path / "tfrecords", "valid", numbered[::-1])
    assert read(tmp_path).digest != examples.digest
    (tmp_path / "statistics.json").write_text(json.dumps({**statistics, "train_seqs": 6}))
    with pytest.raises(InputError, match="says 6 records, the files hold 5"):
        read(tmp_path)
    (tmp_path / "statistics.json").write_text(json.dumps({**statistics, "valid_seqs": 0}))
    with pytest.raises(InputError, match="the fold valid has no records"):
        read(tmp_path)
