"""Claims on mapping: duplicates, unmapped pairs, positions and decay are those of the simulated reads.

Intervals (95 %) are Wilson's for shares of pairs, and a bootstrap over classes of distance for the decay.
"""

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from akitaflow.errors import InputError
from akitaflow.evaluation import bootstrap
from akitaflow.mapping.pairs import read_header
from akitaflow.truth import at_least, at_most, close_to

PER_DECADE = 8  # classes of distance per factor of 10
LEAST_PAIRS = 100  # simulated pairs of a class of distance that counts


def mappable(reads, repeats, length):
    """Which simulated pairs can be placed: neither mate is junk or lies in a repeat.

    Parameters
    ----------
    reads : DataFrame
        Of :func:`akitaflow.simulate.reads.read_truth`.
    repeats : DataFrame
        chrom, start, end (0-based, half-open), family; a family of one copy is no repeat.
    length : int
        bp of a read.

    Returns
    -------
    ndarray of bool, shape (pairs,)
    """
    copies = repeats[repeats["family"].map(repeats["family"].value_counts()) > 1]
    can_map = (reads["junk"] == 0).to_numpy()
    for mate in (1, 2):
        five_prime = reads[f"pos{mate}"].to_numpy(np.int64) - 1
        start = np.where(reads[f"strand{mate}"] == "+", five_prime, five_prime - length + 1)
        chrom = reads[f"chrom{mate}"].astype(str).to_numpy()
        for name, group in copies.groupby("chrom"):
            ordered = group.sort_values("start")
            # copies do not overlap, so the last one that starts at or before the read is the only candidate
            before = np.searchsorted(ordered["start"].to_numpy(), start, side="right") - 1
            end = np.where(before >= 0, ordered["end"].to_numpy()[np.maximum(before, 0)], -1)
            can_map &= ~((chrom == name) & (start + length <= end))
    return can_map


def duplicates(libraries, reads, can_map, dataset, tolerance):
    """Share of duplicates among mapped pairs, against that among the simulated pairs that can be mapped.

    Parameters
    ----------
    libraries : DataFrame
        Rows of the dataset in the table of libraries: mapped, duplicates.
    reads : DataFrame
        Of :func:`akitaflow.simulate.reads.read_truth`.
    can_map : ndarray of bool
        Of :func:`mappable`.
    dataset : str
    tolerance : float
    """
    expected = reads.loc[can_map, "duplicate"].mean()
    measured = _over_libraries(libraries, ["duplicates"], "mapped")
    return close_to(f"{dataset}: share of duplicates", expected, tolerance, *measured)


def unmapped(libraries, can_map, dataset, tolerance):
    """Share of pairs that were not placed on both sides, against the simulated; parameters as in :func:`duplicates`."""
    measured = _over_libraries(libraries, ["unmapped", "one_sided"], "read_pairs")
    return close_to(f"{dataset}: share of unmapped pairs", 1 - can_map.mean(), tolerance, *measured)


def _over_libraries(libraries, counts, total):
    """Share in all libraries together, with its interval."""
    return _share(libraries[counts].sum().sum(), libraries[total].sum())


def _share(part, total):
    """A share of pairs and its 95 % interval (Wilson); NaN of nothing."""
    if total == 0:
        return (float("nan"),) * 3
    interval = binomtest(int(part), int(total)).proportion_ci(method="wilson")
    return part / total, interval.low, interval.high


def read_pairs(path):
    """Mapped pairs of a ``.pairs.gz`` file.

    Returns
    -------
    DataFrame
        chrom1, pos1 (1-based, 5' end), strand1, chrom2, pos2, strand2, pair_type.

    Raises
    ------
    InputError
        If the file lacks one of the columns.
    """
    wanted = ["chrom1", "pos1", "strand1", "chrom2", "pos2", "strand2", "pair_type"]
    columns = read_header(path).columns
    missing = [name for name in wanted if name not in columns]
    if missing:
        raise InputError(
            f"{path}: has no column {missing[0]}; the pairs of a simulated dataset need {', '.join(wanted)}"
        )
    text = {name: "category" for name in ("chrom1", "strand1", "chrom2", "strand2", "pair_type")}
    options = {"names": columns, "usecols": wanted, "dtype": text | {"pos1": np.int64, "pos2": np.int64}}
    return pd.read_csv(path, sep="\t", comment="#", header=None, compression="gzip", **options)


def _ends(pairs):
    """Both ends of each pair as one number each, the smaller first, so that the order of the mates does not matter.

    Numbers of different tables compare if their chromosomes do: a chromosome enters by a digest of its name.
    """
    numbers = []
    for mate in ("1", "2"):
        names = pd.Series(pairs[f"chrom{mate}"].astype(str))
        chrom = pd.util.hash_array(names.to_numpy(object)).astype(np.uint64) << np.uint64(40)
        minus = (pairs[f"strand{mate}"] == "-").to_numpy().astype(np.uint64)
        numbers.append(chrom | pairs[f"pos{mate}"].to_numpy().astype(np.uint64) << np.uint64(1) | minus)
    return pd.DataFrame({"low": np.minimum(*numbers), "high": np.maximum(*numbers)})


def positions(libraries, reads, dataset, threshold):
    """Share of uniquely mapped pairs whose two 5' ends and strands are exactly those of a simulated pair.

    Parameters
    ----------
    libraries : dict of str to DataFrame
        Pairs of each library (:func:`read_pairs`).
    reads : DataFrame
        Of :func:`akitaflow.simulate.reads.read_truth`.
    dataset : str
    threshold : float
    """
    right = total = 0
    for library, pairs in libraries.items():
        unique = pairs[pairs["pair_type"] == "UU"]
        simulated = _ends(reads[reads["library"] == library]).drop_duplicates()
        matched = _ends(unique).merge(simulated, on=["low", "high"], how="left", indicator=True)
        right += (matched["_merge"] == "both").sum()
        total += len(unique)
    return at_least(f"{dataset}: share of pairs at their simulated positions", threshold, *_share(right, total))


def decay(libraries, reads, can_map, dataset, threshold, n, seed):
    """Difference of pairs per distance, mapped against simulated: root mean square of log10 of their ratio.

    Pairs within a chromosome, in logarithmic classes of distance with enough simulated pairs; simulated pairs are those
    that can be mapped, each molecule once. Parameters as in :func:`positions` and :func:`duplicates`; n and seed are
    those of the bootstrap.
    """
    single = reads[can_map & ~reads["duplicate"].to_numpy()]
    mapped = np.concatenate([_distances(pairs) for pairs in libraries.values()])
    ratios = log_ratios(mapped, _distances(single))

    def difference(items):
        return np.sqrt(np.mean(ratios[items] ** 2))

    estimate = bootstrap.estimate(difference, np.arange(len(ratios)), n, (seed, "truth", "decay", dataset))
    return at_most(f"{dataset}: difference of log10 pairs per distance", threshold, *estimate)


def _distances(pairs):
    """Distances of the pairs within chromosomes, bp."""
    cis = (pairs["chrom1"].astype(str) == pairs["chrom2"].astype(str)).to_numpy()
    return np.abs(pairs["pos2"].to_numpy(np.int64) - pairs["pos1"].to_numpy(np.int64))[cis]


def log_ratios(mapped, simulated):
    """log10(mapped / simulated pairs) of each class of distance with enough simulated pairs.

    Parameters
    ----------
    mapped, simulated : ndarray of int
        Distances of pairs, bp.

    Returns
    -------
    ndarray of float, shape (classes,)
        Minus infinity where a class that was simulated is not seen at all.
    """
    longest = max(mapped.max(initial=1), simulated.max(initial=1))
    edges = 10 ** (np.arange(np.ceil(np.log10(longest + 1) * PER_DECADE) + 1) / PER_DECADE)
    seen, drawn = (np.histogram(distances, edges)[0] for distances in (mapped, simulated))
    enough = drawn >= LEAST_PAIRS
    with np.errstate(divide="ignore"):
        return np.log10(seen[enough] / drawn[enough])
