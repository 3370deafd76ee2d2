"""CPU time of the targets per window, compared with the same steps window by window, as in the published script.

    python benchmarks/targets.py some.cool chr1 [--bins 512] [--stride 128] [--windows 40]

The plain version reads each window's balanced and raw map from the file and smooths with a two-dimensional kernel. Both
versions run in one process, after compilation. They agree to the rounding of float16, which the plain version does
twice.
"""

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cooler
import numpy as np
import pandas as pd
from scipy.ndimage import convolve

from akitaflow.dataset.targets import TargetSteps, target, window_targets
from akitaflow.geometry import to_map, upper_triangle


def plain_targets(path, windows, steps):
    """Targets window by window; returns the values and the CPU seconds of reading, smoothing and all other steps."""
    offsets = np.arange(steps.smoothing_width) - steps.smoothing_width // 2
    kernel = np.exp(-(offsets[:, None] ** 2 + offsets**2) / (2 * steps.smoothing_sigma**2))
    kernel /= kernel.sum()
    # without cropping, so that smoothing sees the whole window as it does in the published script
    unsmoothed = replace(steps, smoothing_sigma=0, crop_bins=0)
    crop = slice(steps.crop_bins, steps.window_bins - steps.crop_bins)
    clr = cooler.Cooler(path)
    seconds = np.zeros(3)
    values = []
    for region in windows[["chrom", "start", "end"]].itertuples(index=False):
        times = [time.process_time()]
        balanced, raw = clr.matrix(balance=True).fetch(region), clr.matrix(balance=False).fetch(region)
        times.append(time.process_time())
        whole, _ = target(balanced, raw, unsmoothed)
        matrix = to_map(whole.astype(float), steps.window_bins, steps.diagonal_offset, fill=0)
        times.append(time.process_time())
        smoothed = convolve(matrix, kernel, mode="constant")[crop, crop]
        values.append(upper_triangle(smoothed, steps.diagonal_offset).astype(np.float16))
        times.append(time.process_time())
        seconds += np.diff(times)[[0, 2, 1]]
    return np.array(values), seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cooler")
    parser.add_argument("chrom")
    parser.add_argument("--bins", type=int, default=512)
    parser.add_argument("--stride", type=int, default=128)
    parser.add_argument("--windows", type=int, default=40)
    options = parser.parse_args()
    clr = cooler.Cooler(options.cooler)
    steps = TargetSteps(bin_size=clr.binsize, window_bins=options.bins, crop_bins=options.bins // 16)
    length = options.bins * clr.binsize
    starts = np.arange(0, clr.chromsizes[options.chrom] - length, options.stride * clr.binsize)[: options.windows]
    windows = pd.DataFrame({"chrom": options.chrom, "start": starts, "end": starts + length})
    window_targets(options.cooler, windows[:1], steps)  # compiles

    begin = time.process_time()
    values, _ = window_targets(options.cooler, windows, steps)
    once = (time.process_time() - begin) / len(windows)
    plain, seconds = plain_targets(options.cooler, windows, steps)
    fetches, smoothing, rest = seconds / len(windows)
    difference = np.abs(values.astype(float) - plain.astype(float)).max()
    print(f"windows {len(windows)} of {options.bins} bins, stride {options.stride}")
    print(f"akitaflow  {once:.4f} CPU s per window")
    print(f"plain      {fetches + smoothing + rest:.4f} CPU s per window: fetches {fetches:.4f}, smoothing", end=" ")
    print(f"{smoothing:.4f}, the other steps {rest:.4f}")
    print(f"ratio {once / seconds.sum() * len(windows):.2f}, largest difference {difference:.2g}")


if __name__ == "__main__":
    main()
