"""Time a training step with TensorFlow's gradient of the 1D convolution and with akitaflow's, in one run.

    python benchmarks/training_step.py [--length 262144] [--threads 2] [--rounds 3]

Steps of both kinds alternate, so that other work on the machine touches both alike. Wall time is the median over
rounds, CPU time the mean; the machine's rate of matrix products in one run stands beside them.
"""

import argparse
import os
import resource
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import tensorflow as tf

from akitaflow import convolution, training
from akitaflow.device import use_device
from akitaflow.model import Architecture, build

MINIATURE = Architecture(
    length=6144,
    pools=(2,) * 7,
    crop_bins=4,
    stem_filters=32,
    stem_kernel=20,
    tower_filters=32,
    dilated_blocks=5,
    dilated_filters=16,
    dilated_dropout=0.1,
    bottleneck_filters=24,
    map_filters=16,
    map_blocks=3,
    map_block_filters=8,
)


@dataclass
class Timed:
    """A step with the times it took."""

    run: object
    wall: list = field(default_factory=list)
    cpu: list = field(default_factory=list)

    def __call__(self, repeats):
        for _ in range(repeats):
            wall, cpu = time.perf_counter(), cpu_seconds()
            self.run()
            self.wall.append(time.perf_counter() - wall)
            self.cpu.append(cpu_seconds() - cpu)


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def step_of(architecture, outputs, long):
    """A training step on batches of 2, with akitaflow's gradient from ``long`` positions on."""
    convolution.LONG = long
    draw = np.random.default_rng(0)
    network = build(architecture, outputs)
    optimizer = training.make_optimizer(training.Training(optimizer="adam", clip="global"))
    optimizer.build(network.trainable_variables)
    step = training.train_step(network, optimizer)
    sequence = tf.constant(np.eye(4, dtype=np.uint8)[draw.integers(0, 4, (2, architecture.length))])
    target = tf.constant(draw.normal(0, 0.4, (2, architecture.n_values, outputs)).astype(np.float16))
    masks = np.zeros((len(training.dropouts(network)), 2), np.uint32)
    run = Timed(lambda: step(sequence, target, 1e-3, masks).numpy())
    run.run()  # traces while convolution.LONG is as set
    return run


def compare(name, architecture, outputs, rounds, repeats):
    steps = {
        "TensorFlow's gradient": step_of(architecture, outputs, sys.maxsize),
        "akitaflow's gradient": step_of(architecture, outputs, 0),
    }
    for _ in range(rounds):
        for step in steps.values():
            step(repeats)
    print(f"{name}: {architecture.length:,} bp, {architecture.stem_filters} filters, batch 2")
    for kind, step in steps.items():
        wall, cpu = np.median(step.wall), np.mean(step.cpu)
        print(f"  {kind:<22} {1000 * wall:9.1f} ms wall {1000 * cpu:9.1f} ms CPU")
    plain, own = steps.values()
    wall, cpu = np.median(plain.wall) / np.median(own.wall), np.mean(plain.cpu) / np.mean(own.cpu)
    print(f"  ratio                  {wall:9.2f}x wall    {cpu:9.2f}x CPU", flush=True)


def matrix_rate():
    """GFLOP per second of wall time of a matrix product of 2048 x 2048 in 32 bits."""
    a = tf.random.stateless_normal((2048, 2048), (1, 2))
    times = []
    for _ in range(5):
        start = time.perf_counter()
        tf.matmul(a, a).numpy()
        times.append(time.perf_counter() - start)
    return 2 * 2048**3 / min(times) / 1e9


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--length", type=int, default=2**18, help="bp of the window with the published numbers")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    use_device("cpu", options.threads)
    print(f"matrix product: {matrix_rate():.0f} GFLOP/s on {options.threads} threads")
    compare("miniature", MINIATURE, 2, options.rounds, 20)
    compare("published", Architecture(length=options.length, crop_bins=4), 5, options.rounds, 1)


if __name__ == "__main__":
    main()
