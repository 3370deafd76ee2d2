"""Time the prediction of windows, changed sites and variants on a CPU, beside a loop over Keras's ``model.predict``.

    python benchmarks/perturbation.py [--length 1048576] [--threads 2] [--rounds 2] [--sites 1 30 100 1000]

The network has the published numbers and random weights. The loop is what tools of the field do: a window as text is
coded base by base, and ``predict`` is called for each window, for a variant once per dataset for the reference and for
the alternative. akitaflow's side is :func:`akitaflow.prediction.stream.stream` with its scores, reading from a genome
in memory. Each line gives wall and CPU time, the gain over the loop, and the time of the operations that are left at
the machine's rate of matrix products, measured in the same run. Both sides' maps are compared.
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import keras
import numpy as np
from training_step import Timed, matrix_rate

from akitaflow.evaluation import map_scores
from akitaflow.genome.sequence import decode
from akitaflow.model.folded_tower import window_macs
from akitaflow.model.folding_model import FoldingModel
from akitaflow.model.network import Architecture, build
from akitaflow.prediction.perturb import Substitute
from akitaflow.prediction.stream import Request, stream
from akitaflow.training.device import use_device

OUTPUTS = 5
SITE = 20  # bp
VARIANTS = 10  # that share a window


class OneWindow:
    """A genome of one chromosome, which is one window."""

    def __init__(self, codes):
        self.codes, self.chromsizes = codes, {"chr1": len(codes)}

    def fetch(self, chrom, start, end):
        codes = np.full(end - start, 4, np.uint8)
        low, high = max(start, 0), min(end, len(self.codes))
        codes[low - start : high - start] = self.codes[low:high]
        return codes


def random_model(length):
    """A network with random statistics of batch normalisation, whose maps are about as large as a trained one's."""
    architecture = Architecture(length=length, crop_bins=32 * length // 2**20)
    network, draw = build(architecture, OUTPUTS), np.random.default_rng(0)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.gamma.assign(draw.uniform(0.5, 1, layer.gamma.shape))
            layer.moving_variance.assign(draw.uniform(0.5, 2, layer.gamma.shape))
    model = FoldingModel(network, architecture, [f"dataset {i}" for i in range(OUTPUTS)])
    largest = np.abs(model.predict_codes(draw.integers(0, 4, (1, length)).astype(np.uint8))).max()
    for weight in network.get_layer("final").weights:
        weight.assign(weight / largest * 2)
    return FoldingModel(network, architecture, model.outputs)


def coded(sequence):
    """One-hot coding base by base."""
    place = {"A": 0, "C": 1, "G": 2, "T": 3}
    rows = np.zeros((1, len(sequence), 4), np.float32)
    for i, base in enumerate(sequence):
        if base in place:
            rows[0, i, place[base]] = 1
    return rows


def timed(run, rounds):
    """Wall and CPU seconds: the least of the rounds, after one that is not counted."""
    run()
    times = Timed(run)
    times(rounds)
    return min(times.wall), min(times.cpu)


def sites_of(draw, codes, count):
    """One alternative: so many sites with other bases, spread over the window."""
    first = np.arange(count) * (len(codes) // count) + draw.integers(0, len(codes) // count - SITE, count)
    return tuple(Substitute(int(i), int(i) + SITE, decode(3 - np.minimum(codes[i : i + SITE], 3))) for i in first)


def compare(model, sites, rounds):
    draw = np.random.default_rng(1)
    codes = draw.integers(0, 4, model.length).astype(np.uint8)
    genome, window = OneWindow(codes), ("chr1", 0, model.length)
    text = decode(codes)
    rate, cpu_rate = matrix_rate()
    print(f"matrix product: {rate:.0f} GFLOP/s, {cpu_rate:.0f} GFLOP per CPU second", flush=True)
    loop = timed(lambda: model.network.predict(coded(text), batch_size=1, verbose=0), rounds)
    print(f"{'':34} {'wall s':>7} {'CPU s':>7} {'gain':>6} {'CPU gain':>8} {'operations s':>12}")
    print(f"{'loop over model.predict, a window':34} {loop[0]:7.2f} {loop[1]:7.2f}", flush=True)

    def line(name, predict, windows, macs=None):
        wall, cpu = timed(predict, rounds)
        gains = f"{windows * loop[0] / wall:6.2f} {windows * loop[1] / cpu:8.2f}"
        left = f"{2 * macs / cpu_rate / 1e9:12.2f}" if macs else ""
        print(f"{name:34} {wall:7.2f} {cpu:7.2f} {gains} {left}", flush=True)

    engine = model.engine
    tower, head = window_macs(engine.levels), engine.head.macs()

    def whole():
        engine.forget()
        return model.predict_codes(codes[None])

    line("whole window", whole, 1, tower + head)
    for count in sites:
        edits = sites_of(draw, codes, count)
        (reference, altered) = stream(model, genome, [Request(window, (edits,))])
        predicted = model.network.predict(coded(decode(altered.altered.codes)), batch_size=1, verbose=0)[0]
        difference = np.abs(predicted - altered.values).max()
        partial_before = engine.n_partial
        request = Request(window, (edits,), reference=reference.values)
        line(f"{count} changed sites", lambda r=request: scored(model, genome, [r]), 1)
        route = "in part" if engine.n_partial > partial_before else "whole"
        print(f"{'':34} tower computed {route}, largest difference {difference:.1e} of {np.abs(predicted).max():.1f}")
    variants = tuple(sites_of(draw, codes, 1) for _ in range(VARIANTS))
    alone = [Request(window, variants[:1])]

    def one_variant():
        engine.forget()
        scored(model, genome, alone)

    def shared_window():
        engine.forget()
        scored(model, genome, [Request(window, variants)])

    line("a variant, 5 datasets", one_variant, 2 * OUTPUTS, tower + 2 * head)
    line(f"{VARIANTS} variants in a window, 5 datasets", shared_window, 2 * OUTPUTS * VARIANTS)


def scored(model, genome, requests):
    """Disruption of each alternative."""
    return [map_scores.disruption(p) for p in stream(model, genome, requests) if p.alternative is not None]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--length", type=int, default=2**20, help="bp of the window with the published numbers")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--sites", type=int, nargs="+", default=[1, 30, 100, 1000])
    options = parser.parse_args()
    use_device("cpu", options.threads)
    print(f"{options.length:,} bp, {options.threads} threads")
    compare(random_model(options.length), options.sites, options.rounds)


if __name__ == "__main__":
    main()
