"""Measure training and prediction of the published network on a GPU: what docs/performance.md names as aims.

    python benchmarks/gpu.py [--length 1048576] [--steps 40] [--predictions 2000] [--parts train input predict sweep]

One run prints: the card's rates of matrix products; for float32 and bfloat16, with and without deterministic
operations, the time of a step through ``train`` itself and the most memory held; the time of the same input without a
step; the time of a prediction, plain and compiled, and what bfloat16 changes in scores; and a part of a sweep, scoring
included, with the share of time in which the GPU computes and the hours of 717,000 predictions. Each training runs in
a process of its own, because deterministic operations stay switched on. The first run on a card is slower: keep the
second. Without a GPU it stops, unless --cpu is given to try the script out (with a short --length).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import tensorflow as tf
from perturbation import OUTPUTS, OneWindow, random_model, sites_of
from scipy.stats import spearmanr

from akitaflow.evaluation import map_scores
from akitaflow.geometry import flip_index
from akitaflow.model.network import Architecture
from akitaflow.model.on_device import OnDevice, in_precision
from akitaflow.prediction.stream import Request, stream
from akitaflow.training import loop
from akitaflow.training.device import use_device
from akitaflow.training.examples import Examples, InMemory

SWEEP = 717_000  # predictions of the paper's sweep over JASPAR
EPOCH = 3504  # steps of the published training with batches of 2
DRAWS = 10  # alternatives of a window in the sweep
SITES = 30  # of an alternative
BATCH = 8


def peak():
    """GB held on the GPU at most since the last call."""
    if not tf.config.list_logical_devices("GPU"):
        return 0.0
    gigabytes = tf.config.experimental.get_memory_info("GPU:0")["peak"] / 1e9
    tf.config.experimental.reset_memory_stats("GPU:0")
    return gigabytes


def median(run, count=8, warm=2):
    """Median seconds of a call."""
    times = []
    for _ in range(warm + count):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return float(np.median(times[warm:]))


def rates():
    for kind in ("float32", "bfloat16"):
        a = tf.cast(tf.random.stateless_normal((8192, 8192), (1, 2)), kind)
        product = tf.function(lambda a: tf.reduce_sum(tf.cast(tf.matmul(a, a)[:1, :1], tf.float32)))
        seconds = median(lambda a=a, f=product: f(a).numpy(), 5)
        print(f"matrix product {kind}: {2 * 8192**3 / seconds / 1e12:.0f} TFLOP/s", flush=True)


def made_up(architecture, count):
    draw = np.random.default_rng(0)
    sequences = np.eye(4, dtype=np.uint8)[draw.integers(0, 4, (count, architecture.length))]
    targets = draw.normal(0, 0.4, (count, architecture.n_values, OUTPUTS)).astype(np.float16)
    return InMemory(sequences, targets)


def architecture_of(length):
    return Architecture(length=length, crop_bins=32 * length // 2**20)


def train(options, mixed, deterministic):
    """Time of a step through train: of the second epoch, validation of two windows included."""
    architecture = architecture_of(options.length)
    examples = Examples(made_up(architecture, 16), made_up(architecture, 2), "made up")
    numbers = loop.Training(
        mixed_precision=mixed, deterministic=deterministic, epochs=3, steps_per_epoch=options.steps, gpus=1
    )
    names = [f"dataset {i}" for i in range(OUTPUTS)]
    with tempfile.TemporaryDirectory() as folder:
        peak()
        history = loop.train(examples, architecture, numbers, names, 1, folder).history
    first, *later = history["seconds"]
    step = min(later) / options.steps
    print(
        f"train, {'bfloat16' if mixed else 'float32'}, {'deterministic' if deterministic else 'any order'}: "
        f"{1000 * step:.1f} ms per step, {step * EPOCH:.0f} s per epoch of {EPOCH} steps, peak {peak():.1f} GB; "
        f"first epoch {first:.0f} s; loss {history['loss'].iloc[0]:.4f} -> {history['loss'].iloc[-1]:.4f}",
        flush=True,
    )


def input_alone(options):
    """The loop without the step: how fast augmented batches come."""
    architecture = architecture_of(options.length)
    flip = flip_index(architecture.map_bins, architecture.diagonal_offset)
    count = 4 * options.steps
    batches = loop.training_batches(made_up(architecture, 16), loop.Training(), flip, 1, 1, count)
    start = time.perf_counter()
    for _ in batches:
        pass
    print(f"input alone: {1000 * (time.perf_counter() - start) / count:.1f} ms per batch of 2", flush=True)


def predict(options):
    model = random_model(options.length)
    codes = np.random.default_rng(0).integers(0, 4, (BATCH, options.length)).astype(np.uint8)
    half = in_precision(model.network, model.architecture, OUTPUTS, "bfloat16")
    for name, network in (("float32", model.network), ("bfloat16", half)):
        for compilation, after in (("plain", None), ("compiled", 0)):
            route = OnDevice(network, after)
            for batch in (1, BATCH) if after is None else (BATCH,):
                start = time.perf_counter()
                route.predict(codes[:batch])[0, 0].numpy()
                first = time.perf_counter() - start
                peak()
                alone = median(lambda r=route, b=batch: r.predict(codes[:b])[0, 0].numpy())
                copied = median(lambda r=route, b=batch: r.predict(codes[:b]).numpy())
                print(
                    f"predict, {name}, {compilation}, batch {batch}: {1000 * alone / batch:.2f} ms a window, "
                    f"{1000 * copied / batch:.2f} with its map copied; first {first:.1f} s; peak {peak():.1f} GB",
                    flush=True,
                )
    draw = np.random.default_rng(1)
    one = draw.integers(0, 4, options.length).astype(np.uint8)
    request = Request(("chr1", 0, options.length), tuple(sites_of(draw, one, n) for n in (1, 2, 5, 10, 30, 100)))
    scored = [disruptions(route, model, one, request) for route in (OnDevice(model.network), OnDevice(half))]
    print(
        f"bfloat16: rank correlation of disruptions {spearmanr(*map(np.ravel, scored))[0]:.4f}, largest relative "
        f"difference {np.max(np.abs(scored[1] - scored[0]) / np.abs(scored[0])):.3f} (random weights)",
        flush=True,
    )


def disruptions(route, model, codes, request):
    model.route = route
    predictions = stream(model, OneWindow(codes), [request], batch_size=BATCH)
    return np.array([map_scores.disruption(p) for p in predictions if p.alternative is not None])


def sweep(options):
    """A part of the sweep: windows with ten alternatives of 30 sites each, scored."""
    model = random_model(options.length)
    model.route = OnDevice(model.network, 0)
    draw = np.random.default_rng(1)
    codes = draw.integers(0, 4, 4 * options.length).astype(np.uint8)
    genome = OneWindow(codes)

    def requests(count):
        for i in range(count):
            start = (i * 4096) % (3 * options.length)
            window = codes[start : start + options.length]
            edits = [sites_of(draw, window, SITES) for _ in range(DRAWS)]
            moved = [tuple(type(e)(e.start + start, e.end + start, e.sequence) for e in edit) for edit in edits]
            yield Request(("chr1", start, start + options.length), tuple(moved))

    def run(count):
        start, number = time.perf_counter(), 0
        for prediction in stream(model, genome, requests(count), batch_size=BATCH):
            number += 1
            if prediction.alternative is not None:
                map_scores.disruption(prediction), map_scores.change_in_signal(prediction)
        return (time.perf_counter() - start) / number, number

    run(3)  # compiles
    peak()
    batch = codes[: 4 * options.length].reshape(-1, options.length)[[0, 1, 2, 3] * (BATCH // 4)]
    alone = median(lambda: model.route.predict(batch)[0, 0].numpy(), 20) / len(batch)
    each, number = run(max(1, options.predictions // (DRAWS + 1)))
    print(
        f"sweep: {number} predictions of {each * 1000:.2f} ms with scores; {SWEEP:,} take {SWEEP * each / 3600:.2f} h; "
        f"the GPU computes {alone / each:.0%} of the time ({1000 * alone:.2f} ms); peak {peak():.1f} GB",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--length", type=int, default=2**20)
    parser.add_argument("--steps", type=int, default=40, help="of an epoch")
    parser.add_argument("--predictions", type=int, default=2000, help="of the sweep")
    parts = ["train", "input", "predict", "sweep"]
    parser.add_argument("--parts", nargs="+", choices=parts, default=parts)
    parser.add_argument("--cpu", action="store_true", help="run without a GPU")
    parser.add_argument("--here", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        use_device("cpu" if options.cpu else "gpu")
        train(options, *json.loads(options.here))
        return
    if "train" in options.parts:  # before this process takes hold of the GPU
        command = [sys.executable, __file__, "--length", str(options.length), "--steps", str(options.steps)]
        for kind in ([False, False], [False, True], [True, False], [True, True]):
            subprocess.run([*command, "--here", json.dumps(kind), *["--cpu"] * options.cpu], check=False)
    use_device("cpu" if options.cpu else "gpu")
    print(
        tf.__version__, *(tf.config.experimental.get_device_details(g) for g in tf.config.list_physical_devices("GPU"))
    )
    if not options.cpu:
        rates()
    for name, run in (("input", input_alone), ("predict", predict), ("sweep", sweep)):
        if name in options.parts:
            run(options)


if __name__ == "__main__":
    main()
