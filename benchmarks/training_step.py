"""Time a training step of plain Keras and of akitaflow with two gradients of the 1D convolution.

    python benchmarks/training_step.py [--length 262144] [--threads 2] [--rounds 3] [--xla]

Steps of all kinds alternate, so that other load on the machine affects all equally. Wall time is the median over
rounds, CPU time the mean; the rate of matrix products in the same run is printed for comparison. Plain Keras is
``compile`` and ``train_on_batch`` with the same network, optimiser and loss. ``--xla`` adds the step that GPUs use, on
the CPU, where it is slower (compiling takes minutes). ``benchmarks/gpu.py`` measures a GPU.
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

from akitaflow.model import convolution
from akitaflow.model.network import Architecture, build
from akitaflow.training import loop
from akitaflow.training.device import use_device

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
    """A step and its times."""

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


def parts(architecture, outputs, long):
    """Network, optimiser and a batch of 2; akitaflow's gradient is used from ``long`` positions on."""
    convolution.LONG = long
    draw = np.random.default_rng(0)
    sequence = np.eye(4, dtype=np.uint8)[draw.integers(0, 4, (2, architecture.length))]
    target = draw.normal(0, 0.4, (2, architecture.n_values, outputs)).astype(np.float16)
    return build(architecture, outputs), loop.make_optimizer(loop.Training()), sequence, target


def keras_step(architecture, outputs):
    network, optimizer, sequence, target = parts(architecture, outputs, sys.maxsize)
    network.compile(optimizer, "mse")
    sequence, target = tf.constant(sequence, tf.float32), tf.constant(target, tf.float32)
    return traced(lambda: network.train_on_batch(sequence, target))


def step_of(architecture, outputs, long, xla=False):
    network, optimizer, sequence, target = parts(architecture, outputs, long)
    step = loop.train_step(network, optimizer, xla=xla)
    batch = tf.constant(sequence), tf.constant(target)
    seeds = np.zeros((1, 1, len(loop.dropouts(network)), 2), np.uint32)
    return traced(lambda: step([batch], 1e-3, seeds).numpy())


def traced(run):
    run()  # traces the function before convolution.LONG changes
    return Timed(run)


def compare(name, architecture, outputs, rounds, repeats, xla=False):
    steps = {
        "plain Keras": keras_step(architecture, outputs),
        "TensorFlow's gradient": step_of(architecture, outputs, sys.maxsize),
        "akitaflow's gradient": step_of(architecture, outputs, 0),
    }
    if xla:
        steps["compiled by XLA"] = step_of(architecture, outputs, sys.maxsize, True)
    for _ in range(rounds):
        for step in steps.values():
            step(repeats)
    print(f"{name}: {architecture.length:,} bp, {architecture.stem_filters} filters, batch 2")
    plain = steps["plain Keras"]
    for kind, step in steps.items():
        wall, cpu = np.median(step.wall), np.mean(step.cpu)
        gains = f"{np.median(plain.wall) / wall:5.2f}x wall {np.mean(plain.cpu) / cpu:5.2f}x CPU"
        print(f"  {kind:<22} {1000 * wall:9.1f} ms wall {1000 * cpu:9.1f} ms CPU {gains}", flush=True)


def matrix_rate():
    """GFLOP per second, of wall and of CPU time, of a matrix product of 2048 x 2048 in 32 bits."""
    a = tf.random.stateless_normal((2048, 2048), (1, 2))
    product = Timed(lambda: tf.matmul(a, a).numpy())
    product(10)
    return 2 * 2048**3 / min(product.wall) / 1e9, 2 * 2048**3 / min(product.cpu) / 1e9


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--length", type=int, default=2**18, help="bp of the window with the published numbers")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--xla", action="store_true", help="also the step that GPUs take")
    options = parser.parse_args()
    use_device("cpu", options.threads)
    wall, cpu = matrix_rate()
    print(f"matrix product: {wall:.0f} GFLOP/s on {options.threads} threads, {cpu:.0f} GFLOP per CPU second")
    compare("miniature", MINIATURE, 2, options.rounds, 20, options.xla)
    compare("published", Architecture(length=options.length, crop_bins=4), 5, options.rounds, 1, options.xla)


if __name__ == "__main__":
    main()
