"""Time the stream of training examples, compared with sequential reading of records and with a training step.

    python benchmarks/pipeline.py [--length 1048576] [--records 16] [--threads 2] [--rounds 3] [--step]

Records of random bases and 5 datasets are written to a temporary folder, then read, decoded, augmented and put into
batches of 2. Plain reading is TensorFlow's reader without parallel calls and prefetching. Rounds of all ways alternate,
so that other load on the machine affects all equally. ``--step`` also times a training step of the published network,
which needs about 10 GB of memory at the full length.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import tensorflow as tf

from akitaflow.dataset import records
from akitaflow.geometry import flip_index
from akitaflow.model.network import Architecture, build
from akitaflow.training import examples, loop, steps
from akitaflow.training.augment import augment
from akitaflow.training.device import use_device

OUTPUTS = 5


def write(folder, architecture, count):
    """Records in files of 2, so that several can be read at once."""
    draw = np.random.default_rng(0)
    example_stream = (
        (
            draw.integers(0, 4, architecture.length, dtype=np.uint8),
            draw.normal(0, 0.4, (architecture.n_values, OUTPUTS)).astype(np.float16),
        )
        for _ in range(count)
    )
    records.write_records(folder, "train", example_stream, per_file=2)
    return sum(path.stat().st_size for path in Path(folder).iterdir())


def plain(folder, shape, numbers, flip):
    """Batches of examples that are read, decoded and augmented sequentially, without prefetching."""
    stream = tf.data.TFRecordDataset(records.record_files(folder, "train"), compression_type=records.COMPRESSION)
    stream = stream.map(records.parser(shape)).enumerate()

    def augmented(place, example):
        return augment(*example, tf.stack([tf.constant(1, tf.int64), place]), flip=flip, shift=numbers.shift)

    return stream.map(augmented).batch(numbers.batch_size, drop_remainder=True)


def read(batches):
    """Wall and CPU seconds to read all batches."""
    wall, cpu = time.perf_counter(), cpu_seconds()
    for sequence, target in batches:
        assert sequence.dtype == tf.uint8 and target.dtype == tf.float16
    return time.perf_counter() - wall, cpu_seconds() - cpu


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def time_step(architecture, numbers, batch):
    """Wall and CPU seconds of a step on a batch, after a first step that traces the function."""
    network = build(architecture, OUTPUTS)
    step = steps.train_step(network, loop.make_optimizer(numbers))
    seeds = np.zeros((1, 1, len(steps.dropouts(network)), 2), np.uint32)
    step([batch], 1e-3, seeds).numpy()
    wall, cpu = time.perf_counter(), cpu_seconds()
    step([batch], 1e-3, seeds).numpy()
    return time.perf_counter() - wall, cpu_seconds() - cpu


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--length", type=int, default=2**20, help="bp of a record")
    parser.add_argument("--records", type=int, default=16)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--step", action="store_true", help="time a training step too")
    options = parser.parse_args()
    use_device("auto", options.threads)
    architecture = Architecture(length=options.length, crop_bins=32 * options.length // 2**20)
    flip = flip_index(architecture.map_bins, architecture.diagonal_offset)
    numbers = loop.Training()
    shape = records.RecordShape(architecture.length, architecture.n_values, OUTPUTS)
    with tempfile.TemporaryDirectory() as folder:
        size = write(folder, architecture, options.records)
        each = size / options.records / 1e6
        print(f"{options.records} records of {options.length:,} bp x {OUTPUTS}, {each:.2f} MB each on the disk")
        streamed = examples.Streamed(folder, "train", shape, options.records)
        memory = examples._load(streamed.ordered(), options.records)
        steps_of_epoch = options.records // numbers.batch_size
        ways = {
            "plain reading": lambda epoch: plain(folder, shape, numbers, flip),
            "streamed": lambda epoch: loop.training_batches(streamed, numbers, flip, 1, epoch, steps_of_epoch),
            "in memory": lambda epoch: loop.training_batches(memory, numbers, flip, 1, epoch, steps_of_epoch),
        }
        times = {way: [] for way in ways}
        for epoch in range(options.rounds + 1):
            for way, batches in ways.items():
                times[way].append(read(batches(epoch)))
        rates = {way: np.median([options.records / wall for wall, _ in times[way][1:]]) for way in ways}
        for way in ways:
            cpu = 1000 * np.mean([used for _, used in times[way][1:]]) / options.records
            ratio = rates[way] / rates["plain reading"]
            print(f"{way:<14} {rates[way]:7.1f} records/s  {cpu:7.1f} ms CPU each  {ratio:.2f}x", flush=True)
        if options.step:
            batch = next(iter(ways["in memory"](1)))
            wall, cpu = time_step(architecture, numbers, batch)
            needed = numbers.batch_size / wall
            print(f"training step  {wall:.2f} s wall, {cpu:.2f} s CPU: takes {needed:.2f} records/s")
            for way, rate in rates.items():
                print(f"{way:<14} delivers {rate / needed:.0f}x what the step takes")


if __name__ == "__main__":
    main()
