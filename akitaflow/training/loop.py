"""The training loop: epochs, validation, early stopping, and resuming.

The order of the examples, their augmentation and the masks of dropout depend only on the seed, the epoch and the step.
The state is written after each epoch. A training that is interrupted and resumed ends with the same weights as one that
is not; on a CPU with the same number of threads they are identical.
"""

import math
import sys
import time
from dataclasses import asdict, dataclass, fields
from hashlib import blake2b
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from akitaflow.errors import Diverged, InputError
from akitaflow.logs import progress
from akitaflow.model.network import build
from akitaflow.seeds import derive, generator
from akitaflow.training import checkpoints
from akitaflow.training.augment import augment
from akitaflow.training.device import strategy_of
from akitaflow.training.steps import average_statistics, dropouts, scores, train_step, uses_xla, valid_step

STEPS_PER_CHECK = 50  # steps between checks that the loss is finite
COMPILES = "The first step compiles the network for the GPU: a minute or more, less where it was compiled before."
SAME = "start from a model of the same architecture"


@dataclass(frozen=True)
class Training:
    """Settings of a training; the defaults are the published ones. Keys of the config have the same names."""

    batch_size: int = 2  # windows per batch and device
    accumulate: int = 1  # batches per step of the optimiser; their gradients are averaged
    gpus: int | str = 1  # GPUs of a step, each with its own batch; "all" for all of the machine
    optimizer: str = "sgd"  # sgd, adam, adamw
    learning_rate: float = 0.0065
    momentum: float = 0.99575  # of sgd
    weight_decay: float = 0.0  # of adamw
    clip_norm: float = 10.0
    clip: str = "variable"  # clip_norm limits the gradient of each variable; "global": of all variables together
    schedule: str = "constant"  # or "cosine": decreases to 0 at the last epoch
    warmup_epochs: float = 0  # epochs in which the learning rate increases from 0
    epochs: int = 100  # at most
    patience: int = 12  # epochs without a lower validation loss after which training stops
    patience_from: int = 0  # epoch from which they are counted
    shift: int = 11  # bp
    reverse_complement: bool = True
    substitution_rate: float = 0.0
    steps_per_epoch: int | None = None  # steps of the optimiser; None: each training window once
    mixed_precision: bool = False  # bfloat16 inside the network; weights and the last layer in 32 bits
    deterministic: bool = True  # the same weights in each run on a GPU; slower

    @classmethod
    def from_config(cls, numbers):
        """Settings from a model's ``training`` of the config, whose keys ``device`` and ``threads`` are ignored."""
        numbers = {key: value for key, value in numbers.items() if key not in ("device", "threads")}
        unknown = set(numbers) - {field.name for field in fields(cls)}
        if unknown:
            raise InputError(f"training: unknown key {sorted(unknown)[0]!r}")
        return cls(**numbers)


@dataclass(frozen=True)
class Start:
    """Weights from which a training starts, and the layers that it changes."""

    weights: list  # arrays in the order of `weights` of a network with the same architecture and the outputs below
    outputs: list  # names of its datasets; weights of the last layer are used if the training has the same
    train: str = "all"  # or "last": only the layer `final`; the others are frozen, without dropout

    def digest(self):
        """Hash of the weights and options, as hexadecimal text."""
        digest = blake2b(f"{self.train} {list(self.outputs)}".encode(), digest_size=16)
        for array in map(np.ascontiguousarray, self.weights):
            digest.update(f"{array.dtype} {array.shape}".encode() + array.tobytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class Trained:
    """The result of :func:`train`."""

    model: keras.Model  # with the weights of the best epoch
    history: pd.DataFrame  # one row per epoch
    best_epoch: int


def train(
    examples,
    architecture,
    training,
    outputs,
    seed,
    checkpoint,
    tensorboard=None,
    start=None,
    on_epoch=None,
    strategy=None,
):
    """Train a network, or resume an interrupted training.

    Parameters
    ----------
    examples : akitaflow.training.examples.Examples
    architecture : akitaflow.model.network.Architecture
    training : Training
    outputs : list of str
        Names of the datasets in the order of the targets.
    seed : int
        Determines the initial weights and all random draws.
    checkpoint : str or Path
        Folder for the state of this training. A state of other settings or data is renamed and not used.
    tensorboard : str or Path, optional
        Folder of the TensorBoard log. When a training is resumed, the log is rewritten from its history.
    start : Start, optional
        Weights to start from; by default random ones that depend on the seed.
    on_epoch : callable, optional
        Called with the row of the history (dict) of each epoch, after the epoch is saved; not called for the epochs of
        a checkpoint. An exception that it raises ends the training and is not caught.
    strategy : tf.distribute.Strategy, optional
        Devices of each step; by default those of ``training.gpus``.

    Returns
    -------
    Trained

    Raises
    ------
    InputError
        If a step needs more training windows than there are, ``start`` does not fit, or a loss is not finite.

    Notes
    -----
    ``training.deterministic`` enables TensorFlow's deterministic operations for the whole process.
    """
    if training.deterministic:
        tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(derive(seed, "training") % 2**32)
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16" if training.mixed_precision else "float32")
    try:
        run = _Run(examples, architecture, training, outputs, seed, checkpoint, start, strategy)
    finally:
        keras.config.set_dtype_policy(policy)
    log = _TensorBoard(tensorboard, run.history) if tensorboard else None
    while (reason := finished(run.history, training)) is None:
        row = run.epoch()
        run.save()
        if log:
            log.write(row)
        if on_epoch:
            on_epoch(dict(row))
    print(f"Training ends after epoch {len(run.history)}: {reason}.", file=sys.stderr, flush=True)
    _assign(run.model.weights, run.best)
    for layer in run.model.layers:
        layer.trainable = True  # also layers that were frozen
    best = best_epoch(run.history)
    table = pd.DataFrame(run.history)
    table["best"] = table["epoch"] == best
    return Trained(run.model, table, best)


def best_epoch(history):
    """The epoch of the lowest validation loss, the first if several are equal; 0 before the first epoch.

    Parameters
    ----------
    history : list of dict
        One row per epoch, with ``valid_loss``.
    """
    return 1 + int(np.argmin([row["valid_loss"] for row in history])) if history else 0


def finished(history, training):
    """Why training ends after these epochs (str), or None if it continues."""
    best = best_epoch(history)
    if len(history) >= training.epochs:
        return "the number of epochs is reached"
    if len(history) - max(best, training.patience_from) >= training.patience:
        return f"no lower validation loss than that of epoch {best} in {training.patience} epochs"
    return None


class _Run:
    """State of a training, and its epochs."""

    def __init__(self, examples, architecture, training, outputs, seed, checkpoint, start=None, strategy=None):
        self.examples, self.training, self.outputs, self.seed = examples, training, outputs, seed
        self.strategy = strategy or strategy_of(training.gpus)
        self.replicas = self.strategy.num_replicas_in_sync
        windows = training.batch_size * self.replicas * training.accumulate
        self.steps = training.steps_per_epoch or examples.train.count // windows
        if examples.train.count < windows:
            raise InputError(
                f"training.batch_size: {training.batch_size}{self._times()} is more than the {examples.train.count} "
                "training windows; write a smaller batch or a denser stride"
            )
        self.flip = architecture.geometry.flip_index()
        with self.strategy.scope():
            self.model = build(architecture, len(outputs))
        if start:
            begin(self.model, start, outputs)
        self.optimizer = make_optimizer(training)
        frozen = start is not None and start.train == "last"
        self.train_step = train_step(self.model, self.optimizer, training.accumulate, self.strategy, frozen)
        self.valid_step, self.valid_alone = valid_step(self.model, self.strategy), valid_step(self.model)
        self.history, self.best = [], None
        self.announced = False
        self.folder = Path(checkpoint)
        self.identity = {
            "architecture": architecture.to_dict(),
            "training": {**asdict(training), "gpus": self.replicas},
            "outputs": list(outputs),
            "seed": seed,
            "data": examples.digest,
            "start": start.digest() if start else None,
        }
        self._resume()

    def _times(self):
        factors = {"accumulate": self.training.accumulate, "gpus": self.replicas}
        return "".join(f" x {number} ({name})" for name, number in factors.items() if number > 1)

    def _resume(self):
        state = checkpoints.load(self.folder, self.identity)
        if state is None:
            return
        arrays, self.history = state
        _assign(self.model.weights, arrays["model"])
        _assign(self.optimizer.variables, arrays["optimizer"])
        self.best = arrays["best"]
        print(f"Resuming after epoch {len(self.history)} of {self.folder}.", file=sys.stderr, flush=True)

    def save(self):
        """Write the state after an epoch."""
        arrays = {
            "model": [np.asarray(weight) for weight in self.model.weights],
            "optimizer": [np.asarray(variable) for variable in self.optimizer.variables],
            "best": self.best,
        }
        checkpoints.save(self.folder, self.identity, arrays, self.history)

    def epoch(self):
        """Train one epoch, validate, and keep the weights if they are the best."""
        number, start = len(self.history) + 1, time.monotonic()
        rates = learning_rates(self.training, number, self.steps)
        loss = self._train(number, rates)
        average_statistics(self.model, self.strategy)
        row = {"epoch": number, "loss": loss, **self._validate(), "learning_rate": float(rates[-1])}
        row["seconds"] = round(time.monotonic() - start, 3)
        _require_finite(row["valid_loss"], f"The validation loss of epoch {number}")
        self.history.append(row)
        if best_epoch(self.history) == number:
            self.best = [np.array(weight) for weight in self.model.weights]
        self._report(row)
        return row

    def _train(self, number, rates):
        """The mean loss of an epoch's steps."""
        accumulate = self.training.accumulate
        batches = training_batches(
            self.examples.train, self.training, self.flip, self.seed, number, self.steps, self.replicas
        )
        steps = zip(*[iter(batches)] * accumulate, strict=True)  # tuples of `accumulate` batches
        masks = generator(self.seed, "dropout", number).integers(
            0, 2**32, (self.steps, accumulate, self.replicas, len(dropouts(self.model)), 2), dtype=np.uint32
        )
        losses = []
        if uses_xla() and not self.announced:
            self.announced = True
            print(COMPILES, file=sys.stderr, flush=True)
        steps = progress(steps, f"epoch {number}", unit="step", total=self.steps)
        for windows, rate, mask in zip(steps, rates, masks, strict=True):
            losses.append(self.train_step(windows, rate, mask))
            if len(losses) % STEPS_PER_CHECK == 0:
                _require_finite(float(losses[-1]), f"The loss of epoch {number}, step {len(losses)}")
        loss = float(np.mean(np.array(tf.stack(losses), np.float64)))
        _require_finite(loss, f"The loss of epoch {number}")
        return loss

    def _validate(self):
        size = self.training.batch_size
        batches = self.examples.valid.ordered().batch(size * self.replicas).prefetch(tf.data.AUTOTUNE)
        sums = 0
        for sequence, target in batches:
            if len(sequence) % self.replicas == 0:
                sums += self.valid_step(sequence, target).numpy()
                continue
            for i in range(0, len(sequence), size):  # the last windows, too few for all replicas
                sums += self.valid_alone(sequence[i : i + size], target[i : i + size]).numpy()
        return scores(sums, self.outputs)

    def _report(self, row):
        done = len(self.history)
        seconds = sum(r["seconds"] for r in self.history) / done
        left = seconds * (self.training.epochs - done)
        print(
            f"epoch {done}/{self.training.epochs}: loss {row['loss']:.4f}, validation {row['valid_loss']:.4f}, "
            f"r {row['valid_pearson']:.3f}{' (best)' if best_epoch(self.history) == done else ''}; "
            f"{1000 * row['seconds'] / self.steps:.0f} ms per step, at most {left / 60:.1f} min left",
            file=sys.stderr,
            flush=True,
        )


def begin(model, start, outputs):
    """Set the weights of a network to those of a start, and freeze the layers that are not trained.

    Parameters
    ----------
    model : keras.Model
    start : Start
    outputs : list of str
        Of the model. If the start has other outputs, the weights of the layer ``final`` are not changed.

    Raises
    ------
    InputError
        If the weights are of another architecture, or ``train`` is unknown.
    """
    if start.train not in ("all", "last"):
        raise InputError(f"start.train: {start.train!r} is unknown; write all or last")
    final = {id(weight) for weight in model.get_layer("final").weights}
    same = list(start.outputs) == list(outputs)
    if len(start.weights) != len(model.weights):
        raise InputError(f"start: {len(start.weights)} weights for a network of {len(model.weights)}; {SAME}")
    for weight, array in zip(model.weights, start.weights, strict=True):
        if id(weight) in final and not same:
            continue
        if tuple(weight.shape) != np.shape(array):
            raise InputError(f"start: {weight.path} has {tuple(weight.shape)}, the start {np.shape(array)}; {SAME}")
        weight.assign(array)
    if start.train == "last":
        for layer in model.layers:
            layer.trainable = layer.name == "final"


def make_optimizer(training):
    """The optimiser of a training."""
    clip = {"clipnorm" if training.clip == "variable" else "global_clipnorm": training.clip_norm}
    rate, momentum = float(training.learning_rate), float(training.momentum)  # Keras refuses int
    if training.optimizer == "sgd":
        return keras.optimizers.SGD(rate, momentum=momentum, **clip)
    if training.optimizer == "adam":
        return keras.optimizers.Adam(rate, **clip)
    if training.optimizer == "adamw":
        return keras.optimizers.AdamW(rate, weight_decay=training.weight_decay, **clip)
    raise InputError(f"training.optimizer: {training.optimizer!r} is unknown; write sgd, adam or adamw")


def learning_rates(training, epoch, steps):
    """The learning rate of each step of an epoch.

    Parameters
    ----------
    training : Training
    epoch : int
        From 1.
    steps : int
        Steps per epoch.

    Returns
    -------
    ndarray of float32, shape (steps,)
    """
    step = (epoch - 1) * steps + np.arange(steps)
    warmup, total = training.warmup_epochs * steps, training.epochs * steps
    factor = np.minimum(1.0, (step + 1) / warmup) if warmup else np.ones(steps)
    if training.schedule == "cosine":
        progress_share = np.clip((step - warmup) / max(total - warmup, 1), 0, 1)
        factor = factor * 0.5 * (1 + np.cos(math.pi * progress_share))
    return (training.learning_rate * factor).astype(np.float32)


def training_batches(examples, training, flip, seed, epoch, steps, replicas=1):
    """Augmented batches of one epoch; order and augmentation depend on seed, epoch and index of the example only.

    Returns
    -------
    tf.data.Dataset
        ``accumulate`` batches for each step, of (uint8 (windows, length, 4), float16 (windows, values, outputs)) with
        ``batch_size`` windows for each replica.
    """
    key = derive(seed, "augmentation", epoch)

    def augmented(index, example):
        seeds = tf.stack([tf.constant(key, tf.int64), index])
        return augment(
            *example,
            seeds,
            flip=flip,
            shift=training.shift,
            reverse_complement=training.reverse_complement,
            substitution_rate=training.substitution_rate,
        )

    stream = examples.shuffled(derive(seed, "order", epoch) % 2**31)
    batches, windows = steps * training.accumulate, training.batch_size * replicas
    if batches * windows > examples.count:
        stream = stream.repeat()
    stream = stream.enumerate().map(augmented, tf.data.AUTOTUNE, deterministic=True)
    return stream.batch(windows, drop_remainder=True).take(batches).prefetch(tf.data.AUTOTUNE)


def _require_finite(loss, name):
    if not math.isfinite(loss):
        raise Diverged(
            f"{name} is {loss}: training has diverged. In the model's `training`, write a lower learning_rate or "
            "clip_norm, or some warmup_epochs; if it diverges at the first steps with any values, check the targets"
        )


def _assign(variables, arrays):
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)


class _TensorBoard:
    """The log of a run: losses, learning rate and validation correlations by epoch."""

    def __init__(self, folder, history):
        for stale in Path(folder).glob("events.out.tfevents.*"):  # may have other epochs than those resumed
            stale.unlink()
        self._writer = tf.summary.create_file_writer(str(folder))
        for row in history:
            self.write(row)

    def write(self, row):
        """Append one epoch."""
        with self._writer.as_default(step=row["epoch"]):
            for name, value in row.items():
                if name != "epoch":
                    tf.summary.scalar(name, value)
        self._writer.flush()
