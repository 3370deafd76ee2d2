"""Statistics of mapping: counts of libraries and datasets, and contacts by distance."""

import numpy as np
import pandas as pd

from akitaflow.errors import InputError
from akitaflow.files import read_table

# column of the tables -> key of the statistics of `pairtools dedup`
COUNTS = {
    "read_pairs": "total",
    "unmapped": "total_unmapped",
    "one_sided": "total_single_sided_mapped",
    "mapped": "total_mapped",
    "duplicates": "total_dups",
    "unique_pairs": "total_nodups",
    "cis": "cis",
    "cis_1kb": "cis_1kb+",
    "cis_10kb": "cis_10kb+",
    "cis_20kb": "cis_20kb+",
    "trans": "trans",
}
# total of the statistics -> its parts
PARTS = {
    "read_pairs": ("unmapped", "one_sided", "mapped"),
    "mapped": ("duplicates", "unique_pairs"),
    "unique_pairs": ("cis", "trans"),
}
SHARES = {"cis_share": "cis", "cis_1kb_share": "cis_1kb", "cis_10kb_share": "cis_10kb", "cis_20kb_share": "cis_20kb"}
TABLE_1 = [
    "dataset", "cell_type", "genome", "role", "protocol", "reference", "entry", "libraries", "runs", "read_pairs",
    "unmapped", "one_sided", "mapped", "duplicates", "unique_pairs", "min_mapq", "selected_pairs", *SHARES, "bin_size",
    "contacts", "bins", "filtered_bins", "balanced",
]  # fmt: skip
ROLES = ["train", "evaluate", "map"]  #: order in table 1
WHOLE = [
    "libraries", "runs", "selected_pairs", "binned_pairs", "bin_size", "contacts", "bins", "filtered_bins", "min_mapq",
    *COUNTS,
]  # fmt: skip


def read_stats(path):
    """Statistics that ``pairtools dedup --output-stats`` writes.

    Parameters
    ----------
    path : str

    Returns
    -------
    dict of str to float
        Keys of pairtools; entries that are not numbers are left out.
    """
    table = pd.read_csv(path, sep="\t", header=None, names=["key", "value"], dtype=str)
    numbers = pd.to_numeric(table["value"], errors="coerce")
    return {key: float(value) for key, value in zip(table["key"], numbers, strict=True) if np.isfinite(value)}


def library_row(stats):
    """Counts of one library by the columns of the tables (``COUNTS``).

    ``cis`` and ``trans`` count pairs after removal of duplicates and before the MAPQ filter.

    Parameters
    ----------
    stats : dict of str to float
        Of :func:`read_stats`.

    Returns
    -------
    dict of str to int
    """
    return {column: int(stats[key]) for column, key in COUNTS.items()}


def count_problems(row, reads):
    """Numbers of the statistics of a library that do not add up.

    Parameters
    ----------
    row : dict of str to int
        Of :func:`library_row`.
    reads : int
        Read pairs in the FASTQ files.

    Returns
    -------
    list of str
        A clause for each difference; empty if all add up.
    """
    problems = []
    if row["read_pairs"] != reads:
        problems.append(f"{row['read_pairs']} read pairs, but {reads} in the FASTQ files")
    for total, parts in PARTS.items():
        if row[total] != sum(row[part] for part in parts):
            problems.append(f"{total} {row[total]} is not the sum of {', '.join(parts)}")
    return problems


def check_counts(stats, checks, pairs, rows):
    """Compare the numbers of a library's reads, statistics and pairs.

    Parameters
    ----------
    stats : str
        Statistics of ``pairtools dedup``.
    checks : list of str
        Tables of :func:`akitaflow.mapping.fastq.check_fastq` of all runs.
    pairs : str
        File of its pairs without duplicates.
    rows : int
        Number of its pairs.

    Raises
    ------
    InputError
        If a read or a pair is missing between two steps, with both files and both numbers.
    """
    row = library_row(read_stats(stats))
    reads = sum(int(read_table(path)["reads"].iloc[0]) for path in checks)
    problems = [f"{stats}: {problem} ({', '.join(checks)})" for problem in count_problems(row, reads)]
    if row["unique_pairs"] != rows:
        problems.append(f"{stats}: {row['unique_pairs']} unique pairs, but {rows} in {pairs}")
    if problems:
        raise InputError(f"{'; '.join(problems)}. Delete {pairs} and {stats}, so that the library is mapped anew.")


def check_contacts(libraries, summary):
    """Compare the pairs that were binned with the contacts of the map of a dataset.

    Parameters
    ----------
    libraries : DataFrame
        Rows of the dataset in the table of libraries, with binned_pairs; none for a map that was imported.
    summary : dict
        dataset and contacts of its map.

    Raises
    ------
    InputError
        If the numbers differ.
    """
    binned = int(libraries["binned_pairs"].sum())
    if len(libraries) and binned != summary["contacts"]:
        dataset = summary["dataset"]
        raise InputError(
            f"results/mapping/{dataset}/selected/: {binned} pairs were binned, but results/coolers/{dataset}.cool has "
            f"{summary['contacts']} contacts. Delete results/coolers/{dataset}.cool, so that it is made anew."
        )


def library_table(libraries, runs, stats, selected):
    """Counts of every library.

    Parameters
    ----------
    libraries : dict of str to list of str
        Libraries of each dataset of entry fastq or pairs.
    runs : dict of str to int
        Number of runs by ``dataset/library``, for datasets of entry fastq.
    stats : list of str
        Statistics of ``pairtools dedup``: one file per item of ``runs``, in the same order.
    selected : list of str
        Tables with the numbers of pairs that pass the MAPQ filter (selected_pairs), and of those of them on
        chromosomes in use (binned_pairs), one per library.

    Returns
    -------
    DataFrame
        dataset, library, runs, the counts of ``COUNTS``, selected_pairs and binned_pairs; unknown counts are missing.
    """
    counts_by_library = {key: library_row(read_stats(path)) for key, path in zip(runs, stats, strict=True)}
    filtered = {}
    for path in selected:
        row = read_table(path).iloc[0]
        counts = {"selected_pairs": int(row.selected_pairs), "binned_pairs": int(row.binned_pairs)}
        filtered[f"{row.dataset}/{row.library}"] = counts
    rows = []
    for dataset, names in libraries.items():
        for name in names:
            key = f"{dataset}/{name}"
            row = {"dataset": dataset, "library": name, "runs": runs.get(key)}
            rows.append(row | filtered[key] | counts_by_library.get(key, {}))
    return tabulate(rows, ["dataset", "library", "runs", *COUNTS, "selected_pairs", "binned_pairs"])


def dataset_row(libraries, summary, settings):
    """Row of a dataset in table 1.

    Parameters
    ----------
    libraries : DataFrame
        Rows of the dataset in the table of libraries; empty for a dataset that was imported as a map.
    summary : dict
        Summary of its map, see :func:`akitaflow.mapping.coolers.summarise`.
    settings : dict
        cell_type, genome, role, protocol, reference, entry and min_mapq, from the table of datasets.

    Returns
    -------
    dict
        If the workflow mapped the reads, sums over libraries and shares of unique pairs; else the shares of the map.
    """
    row = dict(summary) | settings
    if settings["entry"] == "fastq":
        sums = libraries[[*COUNTS, "runs"]].sum().to_dict()
        row |= sums | {"libraries": len(libraries)}
        row |= {share: sums[count] / max(sums["unique_pairs"], 1) for share, count in SHARES.items()}
    if len(libraries):
        row["selected_pairs"] = libraries["selected_pairs"].sum()
    else:
        row["min_mapq"] = None  # the filter of an imported map is unknown
    return row


def tabulate(rows, columns):
    """Table of rows with integer counts, also in columns in which some are missing.

    Parameters
    ----------
    rows : list of dict
    columns : list of str
        Columns in order.

    Returns
    -------
    DataFrame
    """
    table = pd.DataFrame(rows).reindex(columns=columns)
    for column in [name for name in columns if name in WHOLE]:
        table[column] = pd.to_numeric(table[column]).astype("Int64")
    return table


def table_1(rows):
    """Table 1 from rows of :func:`dataset_row`, in the order of :data:`ROLES`."""
    table = tabulate(rows, TABLE_1)
    return table.sort_values("role", key=lambda roles: roles.map(ROLES.index), kind="stable", ignore_index=True)


def distance_decay(chromosome_bins, bin_size, counts, per_decade=8):
    """Contacts by genomic distance, in classes of equal width in log distance.

    All pairs of bins of a chromosome count as possible, also those of filtered bins, so that sparse maps are
    comparable.

    Parameters
    ----------
    chromosome_bins : sequence of int
        Number of bins of each chromosome.
    bin_size : int
        bp.
    counts : ndarray, shape (distances,)
        Contacts within chromosomes at each distance, in bins.
    per_decade : int
        Distance classes per factor of 10.

    Returns
    -------
    DataFrame
        start, end (bp, half-open, of the class), distance (geometric mean, bp), contacts, possible (pairs of bins),
        per_possible, probability (per_possible over all contacts within chromosomes at a distance of at least one bin).
    """
    longest = max(chromosome_bins)
    distances = np.arange(longest)
    possible = sum(np.clip(size - distances, 0, None) for size in chromosome_bins)
    steps = int(np.ceil(np.log10(max(longest, 2)) * per_decade))
    edges = np.unique(np.round(10 ** (np.arange(steps + 1) / per_decade)).astype(int))
    edges = np.append(edges[edges < longest], longest)
    counts = np.pad(counts, (0, max(longest - len(counts), 0)))[:longest]
    contacts, pairs = (np.add.reduceat(values, edges[:-1]) if len(edges) > 1 else [] for values in (counts, possible))
    table = pd.DataFrame({"start": edges[:-1] * bin_size, "end": edges[1:] * bin_size})
    table["distance"] = np.sqrt(edges[:-1] * np.maximum(edges[1:] - 1, edges[:-1])) * bin_size
    table["contacts"], table["possible"] = contacts, pairs
    table["per_possible"] = table["contacts"] / table["possible"]
    table["probability"] = table["per_possible"] / max(counts[1:].sum(), 1)
    return table
