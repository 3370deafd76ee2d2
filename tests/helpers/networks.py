"""Networks small enough to build and train within seconds, and small genomes in FASTA."""

import numpy as np

from akitaflow.genome.sequence import decode
from akitaflow.model.folding_model import save_model
from akitaflow.model.network import Architecture, build


def tiny(**changes):
    numbers = {
        "length": 512,
        "pools": (4, 4),
        "crop_bins": 2,
        "stem_filters": 8,
        "tower_filters": 6,
        "dilated_blocks": 2,
        "dilated_filters": 4,
        "bottleneck_filters": 5,
        "map_filters": 4,
        "map_blocks": 2,
        "map_block_filters": 3,
    }
    return Architecture(**(numbers | changes))


def save_random(folder, architecture, outputs=("A", "B"), seed=1):
    """A network whose every weight counts, in a model's folder."""
    network, random = build(architecture, len(outputs)), np.random.default_rng(seed)
    for weight in network.weights:
        if "seed_generator" in weight.path:
            continue
        # kernels stay as they were drawn in width; statistics and scales are moved from 0 and 1
        drawn = random.normal(0, weight.numpy().std() or 0.3, weight.shape)
        positive = any(word in weight.path for word in ("variance", "gamma"))
        weight.assign(np.abs(drawn) + 0.5 if positive else drawn)
    save_model(folder, network, {"architecture": architecture.to_dict(), "outputs": list(outputs), "best_epoch": 1})


def write_fasta(path, chromosomes):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f">{name}\n{decode(codes)}\n" for name, codes in chromosomes.items()))
