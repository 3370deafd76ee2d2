"""Simulation of Hi-C reads.

Near contacts are drawn with rates of enrichment x distance decay x visibility of both bins, and their ends uniformly
within the bins. Far contacts, a given share, join random positions. Bins with fewer near contacts get more far ones, so
that without visibility the totals of the bins are about equal and balancing removes visibility but not folding. Each
contact is a molecule, which is read from both ends.
"""

import h5py
import numpy as np
import pandas as pd

from akitaflow import seeds
from akitaflow.errors import InputError
from akitaflow.files import whole_gzip, whole_h5
from akitaflow.genome.sequence import UNKNOWN

LETTERS = np.frombuffer(b"ACGTN", np.uint8)
LEAST_FAR = 0.02  # least far contacts of a bin, as a share of the mean total of near contacts
EXTRA = 1.1  # molecules drawn per molecule needed, because those with N are rejected
MAX_ROUNDS = 50
CHUNK = 100_000  # reads written at once
QUALITY = ord("I")


def contact_rates(bands, decay, blocked, far, visibility, rng):
    """Rates of near contacts, and weights of bins for far contacts.

    Parameters
    ----------
    bands : dict of str to ndarray, shape (bins, distances)
        Enrichment by chromosome (:func:`akitaflow.simulate.folding.enrichment`).
    decay : ndarray, shape (distances,)
        Contact at each distance.
    blocked : dict of str to ndarray of bool, shape (bins,)
        Bins without contacts.
    far : float
        Share of far contacts.
    visibility : float
        Standard deviation of the logarithm of the visibility of bins.
    rng : numpy.random.Generator

    Returns
    -------
    near : list of ndarray, shape (bins, distances)
        Rates by chromosome.
    weights : list of ndarray, shape (bins,)
        Weights by chromosome.
    """
    near, totals = [], []
    for chrom, band in bands.items():
        rate = np.nan_to_num(band.astype(float)) * decay
        n_bins, n_distances = rate.shape
        open_bins = ~blocked[chrom]
        total = np.zeros(n_bins)
        for d in range(min(n_distances, n_bins)):
            rate[: n_bins - d, d] *= open_bins[: n_bins - d] & open_bins[d:]
            total[: n_bins - d] += rate[: n_bins - d, d]
            if d:
                total[d:] += rate[: n_bins - d, d]
        near.append(rate)
        totals.append(total)
    mean = np.concatenate([total[total > 0] for total in totals]).mean()
    weights = []
    for rate, total in zip(near, totals, strict=True):
        bin_visibility = np.exp(rng.normal(0, visibility, len(total)))
        far_weight = np.maximum(mean / (1 - far) - total, LEAST_FAR * mean)
        weights.append(np.where(total > 0, far_weight, 0) * bin_visibility)
        for d in range(min(rate.shape[1], len(total))):
            rate[: len(total) - d, d] *= bin_visibility[: len(total) - d] * bin_visibility[d:]
    return near, weights


def blocked_bins(chromosomes, bin_size, capture=None):
    """Bins without contacts: those with N only, and those outside the captured region.

    Parameters
    ----------
    chromosomes : dict of str to ndarray of uint8
    bin_size : int
        bp.
    capture : (str, int, int), optional
        Chromosome, first bin and last bin; 0-based, half-open.

    Returns
    -------
    dict of str to ndarray of bool, shape (bins,)
    """
    blocked = {}
    for chrom, codes in chromosomes.items():
        starts = np.arange(0, len(codes), bin_size)
        blocked[chrom] = np.add.reduceat(codes != UNKNOWN, starts) == 0
        if capture is not None:
            outside = np.ones(len(starts), bool)
            if chrom == capture[0]:
                outside[capture[1] : capture[2]] = False
            blocked[chrom] |= outside
    return blocked


def draw_molecules(chromosomes, rates, n, far, bin_size, length, rng):
    """Draw molecules whose two reads lie inside a chromosome and have no N.

    Parameters
    ----------
    chromosomes : dict of str to ndarray of uint8
    rates : (list, list)
        From :func:`contact_rates`.
    n : int
        Number of molecules.
    far : float
        Share of far contacts.
    bin_size, length : int
        Size of a bin and length of a read, bp.
    rng : numpy.random.Generator

    Returns
    -------
    dict of str to ndarray, shape (n,)
        ``chrom1``, ``chrom2`` (index of the chromosome), ``pos1``, ``pos2`` (1-based position of the 5' end of the
        read), ``strand1``, ``strand2`` (+1 or -1). The order of the two ends is random.

    Raises
    ------
    InputError
        If too few molecules have no N.
    """
    near, weights = rates
    usable = [_usable(codes, length) for codes in chromosomes.values()]
    ends_of_rounds, n_drawn = [], 0
    for _ in range(MAX_ROUNDS):
        n_round = int((n - n_drawn) * EXTRA) + 100
        ends = _draw_ends(near, weights, n_round, far, bin_size, rng)
        strands = rng.choice(np.array([-1, 1], np.int8), (2, n_round))
        good = _keep(ends[0], strands[0], usable) & _keep(ends[1], strands[1], usable)
        ends_of_rounds.append(np.vstack([ends[0], ends[1], strands])[:, good])
        n_drawn += int(good.sum())
        if n_drawn >= n:
            break
    else:
        raise InputError("simulation: hardly any read pair fits the genome; give longer chromosomes or fewer gaps")
    molecules = np.concatenate(ends_of_rounds, axis=1)
    molecules = molecules[:, rng.permutation(n_drawn)[:n]]
    swapped = rng.random(n) < 0.5
    molecules[:, swapped] = molecules[[2, 3, 0, 1, 5, 4]][:, swapped]
    chrom1, start1, chrom2, start2, strand1, strand2 = molecules
    return {
        "chrom1": chrom1.astype(np.int16),
        "pos1": (start1 + 1).astype(np.int32),
        "strand1": strand1.astype(np.int8),
        "chrom2": chrom2.astype(np.int16),
        "pos2": (start2 + 1).astype(np.int32),
        "strand2": strand2.astype(np.int8),
    }


def _draw_ends(near, weights, n, far, bin_size, rng):
    """Chromosomes and 0-based positions of both ends: two arrays of shape (2, n)."""
    n_far = rng.binomial(n, far)
    flat = np.concatenate([rate.ravel() for rate in near])
    counts = rng.multinomial(n - n_far, flat / flat.sum())
    cells = np.repeat(np.flatnonzero(counts), counts[counts > 0])
    offsets = np.cumsum([0] + [rate.size for rate in near])
    chrom = np.searchsorted(offsets, cells, side="right") - 1
    first, distance = np.divmod(cells - offsets[chrom], near[0].shape[1])
    far_weights = np.concatenate(weights)
    offsets = np.cumsum([0] + [len(weights_of_chrom) for weights_of_chrom in weights])
    ends = []
    for bins in (first, first + distance):
        far_bin = rng.choice(len(far_weights), n_far, p=far_weights / far_weights.sum())
        far_chrom = np.searchsorted(offsets, far_bin, side="right") - 1
        all_bins = np.concatenate([bins, far_bin - offsets[far_chrom]])
        position = all_bins * bin_size + rng.integers(0, bin_size, n)
        ends.append(np.vstack([np.concatenate([chrom, far_chrom]), position]))
    return ends


def _usable(codes, length):
    """Whether a forward read and a reverse read can start at each base, shape (2, bases)."""
    unknown = np.concatenate([[0], np.cumsum(codes == UNKNOWN)])
    usable = np.zeros((2, len(codes)), bool)
    clean = unknown[length:] == unknown[:-length]  # no N in the bases from start to start + length
    usable[0, : len(clean)] = clean
    usable[1, length - 1 :] = clean
    return usable


def _keep(ends, strands, usable):
    keep = np.zeros(ends.shape[1], bool)
    for chrom, table in enumerate(usable):
        # positions in the last bin may lie beyond the end of the chromosome
        on_chrom = np.flatnonzero((ends[0] == chrom) & (ends[1] < table.shape[1]))
        keep[on_chrom] = table[(strands[on_chrom] < 0).astype(int), ends[1, on_chrom]]
    return keep


def simulate_reads(chromosomes, bands, runs, settings, pairs, decay, bin_size, seed, dataset, capture=None):
    """Draw the read pairs of all runs of a dataset.

    All runs have about the same number of pairs. Duplicates are copies of pairs of the same library.

    Parameters
    ----------
    chromosomes : dict of str to ndarray of uint8
    bands : dict of str to ndarray
        Enrichment by chromosome, see :func:`contact_rates`.
    runs : list of (str, str)
        Library and run.
    settings : dict
        The config's ``simulation.reads``.
    pairs : int
        Number of read pairs of all runs.
    decay : ndarray, shape (distances,)
        Contact at each distance.
    bin_size : int
        bp.
    seed : int
    dataset : str
        Name that the random numbers depend on.
    capture : (str, int, int), optional
        See :func:`blocked_bins`.

    Returns
    -------
    DataFrame
        One row per pair in the order of the FASTQ files, run after run: library, run, chrom1, pos1, strand1, chrom2,
        pos2, strand2 as :func:`draw_molecules` gives them, ``molecule`` (number in the library; duplicates share it),
        ``duplicate`` (every copy but the first) and ``junk`` (0, or the mate, 1 or 2, that is random sequence).
    """

    def rng(*parts):
        return seeds.generator(seed, "simulation", "reads", dataset, *parts)

    bands = {chrom: bands[chrom] for chrom in chromosomes}  # chromosomes are numbered in the order of the genome
    blocked = blocked_bins(chromosomes, bin_size, capture)
    rates = contact_rates(bands, decay, blocked, settings["far"], settings["visibility"], rng("bias"))
    shares = np.diff(np.linspace(0, pairs, len(runs) + 1).round().astype(int))
    tables = []
    for library in dict.fromkeys(library for library, _ in runs):
        names = [run for key, run in runs if key == library]
        sizes = [share for (key, _), share in zip(runs, shares, strict=True) if key == library]
        n = int(sum(sizes))
        copies = round(settings["duplicates"] * n)
        draws = rng(library)
        molecules = draw_molecules(chromosomes, rates, n - copies, settings["far"], bin_size, settings["length"], draws)
        table = pd.DataFrame(molecules)
        table["molecule"] = np.arange(n - copies, dtype=np.int32)
        table["junk"] = np.where(draws.random(n - copies) < settings["junk"], draws.integers(1, 3, n - copies), 0)
        table["junk"] = table["junk"].astype(np.uint8)
        rows = np.concatenate([np.arange(n - copies), draws.integers(0, n - copies, copies)])
        table = table.iloc[draws.permutation(rows)].reset_index(drop=True)
        table.insert(0, "library", library)
        table.insert(1, "run", np.repeat(names, sizes))
        table["duplicate"] = table["molecule"].duplicated().astype(np.uint8)
        tables.append(table)
    order = {run: i for i, run in enumerate(runs)}
    pairs_of_runs = pd.concat(tables, ignore_index=True)
    keys = [order[key] for key in zip(pairs_of_runs["library"], pairs_of_runs["run"], strict=True)]
    return pairs_of_runs.iloc[np.argsort(keys, kind="stable")].reset_index(drop=True)


def write_truth(path, table, chromosomes):
    """Write the truth of a dataset's reads as HDF5, a dataset per column.

    Names are stored as numbers; the names themselves are in attributes of the file.

    Parameters
    ----------
    path : str
    table : DataFrame
        From :func:`simulate_reads`.
    chromosomes : list of str
        Names of the chromosomes in the order of their numbers.
    """
    with whole_h5(path) as file:
        file.attrs["chromosomes"] = list(chromosomes)
        for column in table:
            values = table[column]
            if column in ("library", "run"):
                names = list(dict.fromkeys(values))
                file.attrs[column] = names
                values = values.map({name: i for i, name in enumerate(names)}).astype(np.int16)
            file.create_dataset(column, data=values.to_numpy(), compression="gzip", compression_opts=1)


def read_truth(path):
    """Read the truth of a dataset's reads.

    Parameters
    ----------
    path : str
        File of :func:`write_truth`.

    Returns
    -------
    DataFrame
        Columns as from :func:`simulate_reads`, but chrom1 and chrom2 are names, strands are + or -, and ``duplicate``
        is bool.
    """
    with h5py.File(path) as file:
        table = pd.DataFrame({column: file[column][:] for column in file})
        for column in ("library", "run"):
            table[column] = pd.Categorical.from_codes(table[column], list(file.attrs[column]))
        for column in ("chrom1", "chrom2"):
            table[column] = pd.Categorical.from_codes(table[column], list(file.attrs["chromosomes"]))
    for column in ("strand1", "strand2"):
        table[column] = np.where(table[column] > 0, "+", "-")
    table["duplicate"] = table["duplicate"].astype(bool)
    return table


def write_pairs(path, table, chromsizes, assembly):
    """Write the pairs of a dataset that mapping without errors would give, as gzipped 4DN pairs.

    Duplicates and pairs with a random mate are left out. All ends have MAPQ 60, also in repeats. The ends of a pair are
    in the order of the genome; lines are sorted by names of chromosomes and positions.

    Parameters
    ----------
    path : str
        ``.pairs.gz``; it gets its name only when complete.
    table : DataFrame
        From :func:`read_truth`.
    chromsizes : dict of str to int
        Lengths in bp, in the order of the genome.
    assembly : str
        Name of the genome.
    """
    table = table[~table["duplicate"] & (table["junk"] == 0)]
    rank = {chrom: i for i, chrom in enumerate(chromsizes)}
    first, second = (table[name].map(rank).to_numpy(int) for name in ("chrom1", "chrom2"))
    swapped = (first > second) | ((first == second) & (table["pos1"] > table["pos2"]).to_numpy())
    ends = {}
    for name in ("chrom", "pos", "strand"):
        end1, end2 = (table[f"{name}{end}"].to_numpy() for end in (1, 2))
        ends[f"{name}1"], ends[f"{name}2"] = np.where(swapped, end2, end1), np.where(swapped, end1, end2)
    columns = [f"{name}{end}" for end in (1, 2) for name in ("chrom", "pos")] + ["strand1", "strand2"]
    lines = pd.DataFrame({name: ends[name] for name in columns})
    lines = lines.sort_values(["chrom1", "chrom2", "pos1", "pos2"], kind="stable", ignore_index=True)
    lines = lines.assign(pair_type="UU", mapq1=60, mapq2=60)
    lines.insert(0, "readID", ".")
    header = ["## pairs format v1.0.0", "#sorted: chr1-chr2-pos1-pos2", "#shape: upper triangle"]
    header += [f"#genome_assembly: {assembly}"]
    header += [f"#chromsize: {chrom} {size}" for chrom, size in chromsizes.items()]
    header += ["#columns: " + " ".join(lines.columns)]
    with whole_gzip(path, level=1) as zipped:
        zipped.write(("\n".join(header) + "\n").encode())
        for start in range(0, len(lines), CHUNK):
            text = lines.iloc[start : start + CHUNK].to_csv(sep="\t", header=False, index=False)
            zipped.write(text.encode())


def write_fastq(paths, table, chromosomes, run, settings, seed, dataset):
    """Write the two gzipped FASTQ files of a run; equal arguments give equal bytes.

    Parameters
    ----------
    paths : (str, str)
        Files of the first and second mates.
    table : DataFrame
        Rows of the library of the table of :func:`read_truth`.
    chromosomes : dict of str to ndarray of uint8
        Codes by chromosome.
    run : str
        Name of the run.
    settings : dict
        The config's ``simulation.reads``.
    seed : int
    dataset : str
    """
    library = table["library"].iloc[0]
    length = settings["length"]
    junk_molecules = np.unique(table.loc[table["junk"] > 0, "molecule"])
    rng = seeds.generator(seed, "simulation", "junk", dataset, library)
    junk_codes = rng.integers(
        0, 4, (len(junk_molecules), length), dtype=np.uint8
    )  # one per molecule, so that duplicates are equal
    rows = table[table["run"] == run]
    for mate, path in enumerate(paths, start=1):
        rng = seeds.generator(seed, "simulation", "errors", dataset, library, run, mate)
        with whole_gzip(path, level=1) as zipped:
            for start in range(0, len(rows), CHUNK):
                chunk = rows.iloc[start : start + CHUNK]
                codes = _sequences(chunk, mate, chromosomes, length)
                random_mates = (chunk["junk"] == mate).to_numpy()
                codes[random_mates] = junk_codes[np.searchsorted(junk_molecules, chunk["molecule"][random_mates])]
                _add_errors(codes, settings["errors"], rng)
                zipped.write(_fastq(codes, run, start))


def _sequences(rows, mate, chromosomes, length):
    """Codes of one mate of each pair, shape (pairs, length)."""
    codes = np.empty((len(rows), length), np.uint8)
    chrom, strand = rows[f"chrom{mate}"].to_numpy(), np.where(rows[f"strand{mate}"] == "+", 1, -1)
    bases = rows[f"pos{mate}"].to_numpy()[:, None] - 1 + strand[:, None] * np.arange(length)
    for name, sequence in chromosomes.items():
        on_chrom = chrom == name
        codes[on_chrom] = sequence[bases[on_chrom]]
    reverse = strand < 0
    codes[reverse] = 3 - codes[reverse]  # the order of the bases is reversed already
    return codes


def _add_errors(codes, rate, rng):
    """Replace random bases by other bases, in place."""
    n_errors = rng.binomial(codes.size, rate)
    positions = np.unravel_index(rng.integers(0, codes.size, n_errors), codes.shape)
    codes[positions] = (codes[positions] + rng.integers(1, 4, n_errors)) % 4


def _fastq(codes, run, first):
    """Bytes of the FASTQ records of reads, which are numbered from ``first``; all records have one length."""
    n, length = codes.shape
    start = f"@{run}.".encode()
    number = np.char.zfill(np.arange(first, first + n).astype("S9"), 9).view(np.uint8).reshape(n, 9)
    parts = [
        np.broadcast_to(np.frombuffer(start, np.uint8), (n, len(start))),
        number,
        np.full((n, 1), ord("\n"), np.uint8),
        LETTERS[codes],
        np.broadcast_to(np.frombuffer(b"\n+\n", np.uint8), (n, 3)),
        np.full((n, length), QUALITY, np.uint8),
        np.full((n, 1), ord("\n"), np.uint8),
    ]
    return np.concatenate(parts, axis=1).tobytes()
