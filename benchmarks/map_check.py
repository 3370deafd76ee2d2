"""Compare the check of a map with reading it, on a balanced map of random contacts.

    python benchmarks/map_check.py [--pixels 2000000] [--bin-size 10000] [--repeats 7]

Reading is what the import does before the check: the three columns of the pixels, decompressed by h5py. The check is
all of :class:`akitaflow.mapping.map_checks.MapCheck`. Both take turns, and the ratio is that of the medians of their
CPU times, so that other work on the machine does not count.
"""

import argparse
import logging
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cooler
import h5py
import numpy as np
from maps import write_map  # beside this file

from akitaflow.mapping.coolers import PIXELS
from akitaflow.mapping.map_checks import MapCheck


def chunks(path):
    """Columns of the pixels, some at a time, as the import reads them."""
    with h5py.File(path) as file:
        for low in range(0, len(file["pixels/count"]), PIXELS):
            yield [file[f"pixels/{name}"][low : low + PIXELS] for name in ("bin1_id", "bin2_id", "count")]


def new_check(path):
    clr = cooler.Cooler(path)
    chroms = clr.bins()["chrom"][:].cat.codes.to_numpy().astype(np.int64)
    weights = clr.bins()["weight"][:].to_numpy()
    return MapCheck(path, chroms, weights, {key: clr.info[key] for key in ("nnz", "sum")}, converged=False)


def cpu_seconds(function):
    start = time.process_time()
    result = function()
    return time.process_time() - start, result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pixels", type=int, default=2_000_000)
    parser.add_argument("--bin-size", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    logging.getLogger("cooler").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/a.cool"
        pixels = write_map(path, np.random.default_rng(0), options.bin_size, options.pixels)
        balance = {"mad_max": 0, "min_nnz": 1, "ignore_diags": 0, "max_iters": 20, "tol": 0}
        cooler.balance_cooler(cooler.Cooler(path), **balance, store=True)
        reading, checking = [], []
        for _ in range(options.repeats):
            seconds, columns = cpu_seconds(lambda: list(chunks(path)))
            reading.append(seconds)
            check = new_check(path)

            def run(check=check, columns=columns):
                for column in columns:
                    check.add(*column)
                check.finish()

            checking.append(cpu_seconds(run)[0])
    read, checked = statistics.median(reading), statistics.median(checking)
    print(f"{pixels} pixels, {options.repeats} repeats, medians of CPU seconds")
    print(f"reading {read:.3f} s, checking {checked:.3f} s: {checked / read:.2f} of reading")


if __name__ == "__main__":
    main()
