"""Measure the memory of a training step of the published network for several batch sizes, each in its own process.

    python benchmarks/memory.py [--length 1048576] [--batches 1 2] [--accumulate 1] [--mixed] [--threads 2]

Prints the peak memory of the process, which includes TensorFlow and the examples, and on a GPU also the peak memory of
TensorFlow on the device. Two steps are run: the first traces the function, the second is timed.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

OUTPUTS = 5


def measure(options, batch):
    """Print memory and time of a step with a batch size."""
    import keras
    import numpy as np
    import tensorflow as tf

    from akitaflow.model.network import Architecture, build
    from akitaflow.training import loop, steps
    from akitaflow.training.device import use_device

    device = use_device("auto", options.threads)
    if options.mixed:
        keras.config.set_dtype_policy("mixed_float16")
    architecture = Architecture(length=options.length, crop_bins=32 * options.length // 2**20)
    network = build(architecture, OUTPUTS)
    optimizer = loop.make_optimizer(loop.Training(mixed_precision=options.mixed))
    step = steps.train_step(network, optimizer, options.accumulate)
    draw = np.random.default_rng(0)
    sequence = np.eye(4, dtype=np.uint8)[draw.integers(0, 4, (batch, architecture.length))]
    target = draw.normal(0, 0.4, (batch, architecture.n_values, OUTPUTS)).astype(np.float16)
    batches = [(tf.constant(sequence), tf.constant(target))] * options.accumulate
    seeds = np.zeros((options.accumulate, 1, len(steps.dropouts(network)), 2), np.uint32)
    before = peak()
    for _ in range(2):
        wall, cpu = time.perf_counter(), cpu_seconds()
        step(batches, 1e-3, seeds).numpy()
        wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
    on_gpu = tf.config.experimental.get_memory_info("GPU:0")["peak"] / 1e9 if device == "gpu" else None
    gpu = f"{on_gpu:.2f} GB on the GPU" if on_gpu else "no GPU"
    print(
        f"batch {batch}: {peak():.2f} GB, {peak() - before:.2f} of them for the steps; {gpu}; "
        f"{wall:.2f} s wall, {cpu:.2f} s CPU per step",
        flush=True,
    )


def peak():
    """Peak memory of this process, GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--length", type=int, default=2**20, help="bp of the window")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 2], help="batch sizes")
    parser.add_argument("--accumulate", type=int, default=1, help="batches of a step")
    parser.add_argument("--mixed", action="store_true", help="16-bit floats")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        measure(options, *options.batches)
        return
    kind = "16-bit floats" if options.mixed else "32-bit floats"
    print(f"{options.length:,} bp, {kind}, {options.accumulate} batches for each step", flush=True)
    for batch in options.batches:
        command = [sys.executable, __file__, "--here", "--length", str(options.length), "--batches", str(batch)]
        command += ["--accumulate", str(options.accumulate), "--threads", str(options.threads)]
        subprocess.run(command + ["--mixed"] * options.mixed, check=True)


if __name__ == "__main__":
    main()
