"""Compare scores of predictions in bfloat16 with those in float32, on a finished miniature.

    python benchmarks/precision.py demo [--windows 60]

CTCF sites of windows of the test fold are randomised, and the planted variants are scored, in either precision. Each
line gives the rank correlation of a score, the largest and the median difference, and the largest score in float32.
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from scipy.stats import spearmanr

from akitaflow.analyses import mutagenesis
from akitaflow.dataset.windows import fold_windows, read_windows
from akitaflow.files import read_table
from akitaflow.model.folding_model import load_model
from akitaflow.prediction.predictor import Predictor

SCORES = ["disruption", "change_in_signal"]


def scores(study, precision, n_windows):
    """Tables of scores: of draws of randomised CTCF sites, and of the planted variants."""
    model, fasta = load_model(study / "models/main", precision=precision), study / "simulation/human.fa"
    windows = fold_windows(read_windows(study / "records/main/windows.tsv"), "test")[:n_windows]
    sites = read_table(study / "motifs/main/CTCF.windows.tsv")
    sites = sites[sites["window"] < n_windows]
    plan = mutagenesis.Mutagenesis("CTCF", seed=1, draws=3)
    _, draws = mutagenesis.score_draws(Predictor(model, fasta), windows, sites, plan)
    variants = model.score_variants(fasta, study / "simulation/variants/human.vcf")
    return {"CTCF sites randomised": draws, "planted variants": variants[variants["disruption"].notna()]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("study", help="folder of a finished miniature")
    parser.add_argument("--windows", type=int, default=60)
    options = parser.parse_args()
    full, half = (scores(Path(options.study) / "results", p, options.windows) for p in ("float32", "bfloat16"))
    print(f"{'':22} {'score':18} {'n':>5} {'rank correlation':>17} {'largest':>9} {'median':>9} {'of':>7}")
    for name, table in full.items():
        for score in SCORES:
            a, b = table[score].to_numpy(), half[name][score].to_numpy()
            difference = np.abs(a - b)
            print(
                f"{name:22} {score:18} {len(a):5} {spearmanr(a, b).statistic:17.5f} {difference.max():9.1e} "
                f"{np.median(difference):9.1e} {np.abs(a).max():7.3f}"
            )


if __name__ == "__main__":
    main()
