"""Time binning, balancing and splitting of maps, on random contacts of a genome as large as hg38.

    python benchmarks/maps.py [--pairs 4000000] [--pixels 20000000] [--bin-size 2048]

Pairs are binned as in rule bin_pairs; pixels are balanced for a few iterations and split into two halves as in rule
measure_ceiling. Each step prints pairs or pixels per second of one process, and the peak memory of a process so far.
"""

import argparse
import gzip
import logging
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cooler
import numpy as np
import pandas as pd

from akitaflow.evaluation.ceiling import split_contacts
from akitaflow.mapping.pairs import bin_pairs

CHROMOSOMES = {f"chr{number}": 134_000_000 for number in range(1, 24)}
BALANCE = {"mad_max": 5, "min_nnz": 10, "min_count": 0, "ignore_diags": 2, "tol": 0, "cis_only": False}


def positions(draw, count):
    """Chromosome and two positions of random pairs within chromosomes, their distances log-uniform."""
    length = min(CHROMOSOMES.values())
    distance = np.exp(draw.uniform(np.log(1000), np.log(length / 2), count)).astype(np.int64)
    first = (draw.random(count) * (length - distance)).astype(np.int64)
    return draw.integers(0, len(CHROMOSOMES), count), first, first + distance


def write_pairs(path, draw, count):
    chrom, first, second = positions(draw, count)
    name = np.array(list(CHROMOSOMES))[chrom]
    table = pd.DataFrame({"id": ".", "c1": name, "p1": first + 1, "c2": name, "p2": second + 1, "s1": "+", "s2": "-"})
    table = table.assign(type="UU", mapq1=draw.integers(0, 61, count), mapq2=60).sort_values(["c1", "c2", "p1", "p2"])
    columns = ["readID", "chrom1", "pos1", "chrom2", "pos2", "strand1", "strand2", "pair_type", "mapq1", "mapq2"]
    with gzip.open(path, "wt", compresslevel=3) as file:
        sizes = "".join(f"#chromsize: {name} {length}\n" for name, length in CHROMOSOMES.items())
        file.write(f"## pairs format v1.0\n#shape: upper triangle\n{sizes}#columns: {' '.join(columns)}\n")
        table.to_csv(file, sep="\t", header=False, index=False)
    return columns


def write_map(path, draw, bin_size, count):
    bins = cooler.binnify(pd.Series(CHROMOSOMES), bin_size)
    chrom, first, second = positions(draw, count)
    offset = chrom * -(-min(CHROMOSOMES.values()) // bin_size)
    keys = np.unique((offset + first // bin_size) * len(bins) + offset + second // bin_size)
    counts = draw.geometric(0.5, len(keys)).astype(np.int32)
    pixels = pd.DataFrame({"bin1_id": keys // len(bins), "bin2_id": keys % len(bins), "count": counts})
    cooler.create_cooler(path, bins, pixels, ordered=True)
    return len(keys)


def timed(label, count, unit, function, *arguments, **options):
    start = time.perf_counter()
    result = function(*arguments, **options)
    seconds = time.perf_counter() - start
    print(
        f"{label}: {seconds:.1f} s, {count / seconds / 1e6:.2f} million {unit} per second, {peak():.2f} GB", flush=True
    )
    return result


def peak():
    """Peak memory of this process and its children, GB."""
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1e6


def balance(path, iterations):
    cooler.balance_cooler(cooler.Cooler(path), max_iters=iterations, chunksize=10_000_000, **BALANCE)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=4_000_000)
    parser.add_argument("--pixels", type=int, default=20_000_000)
    parser.add_argument("--bin-size", type=int, default=2048)
    options = parser.parse_args()
    logging.getLogger("cooler").setLevel(logging.ERROR)
    draw = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        pairs, path, *halves = (os.path.join(folder, name) for name in ("a.pairs.gz", "a.cool", "1.cool", "2.cool"))
        columns = write_pairs(pairs, draw, options.pairs)
        binning = {
            "min_mapq": 30,
            "drop_duplicates": True,
            "columns": columns,
            "scratch": folder,
        }
        binned = os.path.join(folder, "binned.cool")
        timed("binning", options.pairs, "pairs", bin_pairs, pairs, binned, CHROMOSOMES, options.bin_size, **binning)
        pixels = write_map(path, draw, options.bin_size, options.pixels)
        print(f"cooler: {os.path.getsize(path) / pixels:.1f} bytes per pixel", flush=True)
        timed("balancing, 5 iterations", 5 * pixels, "pixels", balance, path, 5)
        timed("splitting in halves", pixels, "pixels", split_contacts, path, *halves, 1)


if __name__ == "__main__":
    main()
