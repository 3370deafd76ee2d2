"""Claims about mapping: duplicates, unmapped pairs, positions and decay agree with the simulated reads.

Intervals (95 %) are Wilson intervals for shares of pairs, and bootstrap intervals over classes of distance for the
decay.
"""

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from akitaflow.errors import InputError
from akitaflow.evaluation import bootstrap
from akitaflow.mapping.pairs import read_header
from akitaflow.truth import at_least, at_most, close_to

PER_DECADE = 8  # classes of distance per factor of 10
LEAST_PAIRS = 100  # least number of simulated pairs of a class of distance


def mappable(reads, repeats, length):
    """Simulated pairs that can be mapped: neither mate is junk or lies in a repeat.

    Parameters
    ----------
    reads : DataFrame
        From :func:`akitaflow.simulate.reads.read_truth`.
    repeats : DataFrame
        chrom, start, end (0-based, half-open), family. Families with a single copy are not repeats.
    length : int
        Length of a read, bp.

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
    """Claim that the share of duplicates among mapped pairs is that among the simulated pairs that can be mapped.

    Parameters
    ----------
    libraries : DataFrame
        Rows of the dataset in the table of libraries: mapped, duplicates.
    reads : DataFrame
        From :func:`akitaflow.simulate.reads.read_truth`.
    can_map : ndarray of bool, shape (pairs,)
        From :func:`mappable`.
    dataset : str
        Name in the claim.
    tolerance : float
        Largest difference of the shares.

    Returns
    -------
    dict
    """
    expected = reads.loc[can_map, "duplicate"].mean()
    measured = _over_libraries(libraries, ["duplicates"], "mapped")
    return close_to(f"{dataset}: share of duplicates", expected, tolerance, *measured)


def unmapped(libraries, can_map, dataset, tolerance):
    """Claim that the share of pairs that are not mapped on both sides is the simulated one.

    Parameters
    ----------
    libraries : DataFrame
        Rows of the dataset in the table of libraries: read_pairs, unmapped, one_sided.
    can_map : ndarray of bool, shape (pairs,)
        From :func:`mappable`.
    dataset : str
        Name in the claim.
    tolerance : float
        Largest difference of the shares.

    Returns
    -------
    dict
    """
    measured = _over_libraries(libraries, ["unmapped", "one_sided"], "read_pairs")
    return close_to(f"{dataset}: share of unmapped pairs", 1 - can_map.mean(), tolerance, *measured)


def _over_libraries(libraries, counts, total):
    """Share over all libraries, with its interval."""
    return _share(libraries[counts].sum().sum(), libraries[total].sum())


def _share(count, total):
    """Share of pairs and its 95 % interval (Wilson); NaN if there are no pairs."""
    if total == 0:
        return (float("nan"),) * 3
    interval = binomtest(int(count), int(total)).proportion_ci(method="wilson")
    return count / total, interval.low, interval.high


def read_pairs(path):
    """Read the pairs of a ``.pairs.gz`` file.

    Parameters
    ----------
    path : str

    Returns
    -------
    DataFrame
        chrom1, pos1 (1-based, 5' end), strand1, chrom2, pos2, strand2, pair_type.

    Raises
    ------
    InputError
        If the file lacks one of the columns.
    """
    required = ["chrom1", "pos1", "strand1", "chrom2", "pos2", "strand2", "pair_type"]
    columns = read_header(path).columns
    missing = [name for name in required if name not in columns]
    if missing:
        raise InputError(
            f"{path}: has no column {missing[0]}; the pairs of a simulated dataset need {', '.join(required)}"
        )
    categories = {name: "category" for name in ("chrom1", "strand1", "chrom2", "strand2", "pair_type")}
    options = {"names": columns, "usecols": required, "dtype": categories | {"pos1": np.int64, "pos2": np.int64}}
    return pd.read_csv(path, sep="\t", comment="#", header=None, compression="gzip", **options)


def _ends(pairs):
    """The ends of each pair as two integers, the smaller first, so that the order of the mates does not matter.

    Names of chromosomes enter by their digests, so that the integers of different tables can be compared.
    """
    numbers = []
    for mate in ("1", "2"):
        names = pd.Series(pairs[f"chrom{mate}"].astype(str))
        chrom = pd.util.hash_array(names.to_numpy(object)).astype(np.uint64) << np.uint64(40)
        minus = (pairs[f"strand{mate}"] == "-").to_numpy().astype(np.uint64)
        numbers.append(chrom | pairs[f"pos{mate}"].to_numpy().astype(np.uint64) << np.uint64(1) | minus)
    return pd.DataFrame({"low": np.minimum(*numbers), "high": np.maximum(*numbers)})


def positions(libraries, reads, dataset, threshold):
    """Claim about the share of uniquely mapped pairs whose 5' ends and strands are those of a simulated pair.

    Parameters
    ----------
    libraries : dict of str to DataFrame
        Pairs of each library (:func:`read_pairs`).
    reads : DataFrame
        From :func:`akitaflow.simulate.reads.read_truth`.
    dataset : str
        Name in the claim.
    threshold : float
        Least share.

    Returns
    -------
    dict
    """
    n_matched = n_total = 0
    for library, pairs in libraries.items():
        unique = pairs[pairs["pair_type"] == "UU"]
        simulated = _ends(reads[reads["library"] == library]).drop_duplicates()
        matched = _ends(unique).merge(simulated, on=["low", "high"], how="left", indicator=True)
        n_matched += (matched["_merge"] == "both").sum()
        n_total += len(unique)
    return at_least(f"{dataset}: share of pairs at their simulated positions", threshold, *_share(n_matched, n_total))


def decay(libraries, reads, can_map, dataset, threshold, n, seed):
    """Claim about the decay with distance: root mean square of log10 of the ratio of mapped to simulated pairs.

    The ratio is that of pairs within chromosomes in logarithmic classes of distance. Only simulated pairs that can be
    mapped are used, without duplicates.

    Parameters
    ----------
    libraries : dict of str to DataFrame
        Pairs of each library (:func:`read_pairs`).
    reads : DataFrame
        From :func:`akitaflow.simulate.reads.read_truth`.
    can_map : ndarray of bool, shape (pairs,)
        From :func:`mappable`.
    dataset : str
        Name in the claim.
    threshold : float
        Largest root mean square.
    n, seed : int
        Resamples and seed of the bootstrap over classes of distance.

    Returns
    -------
    dict
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
        Minus infinity for a class without mapped pairs.
    """
    longest = max(mapped.max(initial=1), simulated.max(initial=1))
    edges = 10 ** (np.arange(np.ceil(np.log10(longest + 1) * PER_DECADE) + 1) / PER_DECADE)
    n_mapped, n_simulated = (np.histogram(distances, edges)[0] for distances in (mapped, simulated))
    used = n_simulated >= LEAST_PAIRS
    with np.errstate(divide="ignore"):
        return np.log10(n_mapped[used] / n_simulated[used])
