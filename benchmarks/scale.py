"""Jobs, time and memory of each rule of a finished run, from its folder of benchmarks.

    python benchmarks/scale.py study/benchmarks [--study study]

With ``--study`` also the size of each folder of its results.
"""

import argparse
from pathlib import Path

import pandas as pd


def rules(folder):
    """Time and peak memory of each rule.

    Parameters
    ----------
    folder : str or Path
        ``benchmarks`` of a study: a folder per rule with a benchmark file of Snakemake per job.

    Returns
    -------
    DataFrame
        rule, jobs, mean_s, longest_s, sum_s (wall seconds), cpu_s, max_mb; sorted by sum_s, descending.
    """
    rows = []
    for rule in sorted(path for path in Path(folder).iterdir() if path.is_dir()):
        jobs = pd.concat([pd.read_csv(path, sep="\t", na_values="-") for path in sorted(rule.rglob("*.tsv"))])
        seconds = jobs["s"]
        rows.append(
            {
                "rule": rule.name,
                "jobs": len(jobs),
                "mean_s": seconds.mean(),
                "longest_s": seconds.max(),
                "sum_s": seconds.sum(),
                "cpu_s": jobs["cpu_time"].sum(),
                "max_mb": jobs["max_rss"].max(),
            }
        )
    return pd.DataFrame(rows).sort_values("sum_s", ascending=False, ignore_index=True)


def sizes(study):
    """Size of each folder of the results; DataFrame of folder, mb."""
    folders = sorted(path for path in (Path(study) / "results").iterdir() if path.is_dir())
    files = {path.name: sum(part.stat().st_size for part in path.rglob("*") if part.is_file()) for path in folders}
    return pd.DataFrame({"folder": files.keys(), "mb": [size / 1e6 for size in files.values()]})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmarks")
    parser.add_argument("--study", help="folder of the study, for the sizes of its results")
    options = parser.parse_args()
    print(rules(options.benchmarks).round(1).to_csv(sep="\t", index=False), end="")
    if options.study:
        print(sizes(options.study).round(1).to_csv(sep="\t", index=False), end="")


if __name__ == "__main__":
    main()
