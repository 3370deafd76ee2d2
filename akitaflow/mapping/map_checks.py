"""Checks of the bins, pixels and weights of a map of another tool, made while it is imported.

Notes
-----
Each chunk of pixels is given to :class:`MapCheck` once. For 2 million pixels this takes less than half the time of
reading them (``benchmarks/map_check.py``).
"""

import itertools

import numpy as np

from akitaflow.errors import InputError

BLOCK = 1 << 16  # pixels at a time, whose arrays fit in the cache
BALANCED = 0.1  # largest relative difference from the median for the balanced sums of 90 % of the bins
FEW = 10  # bins of a chromosome from which its sums are also checked separately


def place_bins(starts, ends, chroms, names, sizes, bin_size, uri):
    """Number of each bin within its chromosome, from its coordinates.

    Parameters
    ----------
    starts, ends : ndarray of int, shape (bins,)
        bp; 0-based, half-open.
    chroms : ndarray of int, shape (bins,)
        Number of the chromosome of each bin.
    names : list of str
        Chromosomes of the file.
    sizes : list of int
        Their lengths in bp.
    bin_size : int
        bp.
    uri : str
        For messages.

    Returns
    -------
    ndarray of int64, shape (bins,)

    Raises
    ------
    InputError
        If a bin does not start at a multiple of ``bin_size``, extends beyond its chromosome, is repeated or out of
        order, or the bins of a chromosome are not together.
    """
    starts, ends, chroms = (np.asarray(values).astype(np.int64) for values in (starts, ends, chroms))
    if len(chroms) and (chroms.min() < 0 or chroms.max() >= len(names)):
        raise InputError(
            f"{uri}: a bin is of chromosome number {chroms.max()}, but there are {len(names)}: get it again."
        )
    lengths = np.asarray(sizes, np.int64)[chroms]
    wrong = (starts % bin_size != 0) | (starts < 0) | (starts >= lengths) | (ends <= starts)
    wrong |= (ends != np.minimum(starts + bin_size, lengths)) & (ends != starts + bin_size)
    before = (
        chroms[1:] * (lengths.max(initial=0) + 1) + starts[1:]
        <= chroms[:-1] * (lengths.max(initial=0) + 1) + starts[:-1]
    )
    wrong[1:] |= before
    if wrong.any():
        bin_id = int(np.flatnonzero(wrong)[0])
        name = names[chroms[bin_id]]
        raise InputError(
            f"{uri}: bin {bin_id} is {name}:{starts[bin_id]}-{ends[bin_id]}, but bins must be of {bin_size} bp from "
            f"the start of each chromosome on ({name} has {lengths[bin_id]} bp), in order and each once. Make the map "
            "again with cooler makebins and cooler load."
        )
    return starts // bin_size


class MapCheck:
    """Check of a map, to which the chunks of pixels are given once and in the order of the file.

    Parameters
    ----------
    uri : str
        For messages.
    chroms : ndarray of int, shape (bins,)
        Number of the chromosome of each bin, ascending.
    weights : ndarray of float, shape (bins,)
        Factors that multiply; NaN for filtered bins.
    stated : dict
        Attributes ``nnz`` and ``sum`` of the file, each optional.
    column : str
        Column of the weights, for messages.
    named : bool
        Whether the table of datasets names the column. Factors that only approximate a balanced map, such as VC of
        Juicer, are then accepted if they halve the spread of the sums.
    converged : bool
        False if the file says that balancing did not converge.
    ignore_diags : int
        Number of diagonals that balancing left out, according to the file.
    """

    def __init__(self, uri, chroms, weights, stated, column="weight", named=False, converged=True, ignore_diags=2):
        self.uri, self.column, self.named, self.converged = uri, column, named, converged
        self.chroms, self.weights, self.stated = np.asarray(chroms), weights, stated
        self.n_bins = len(self.chroms)
        self.factors = np.where(np.isfinite(weights), weights, 0.0)
        self.chrom_ends = np.searchsorted(self.chroms, self.chroms, side="right")  # first bin of the next chromosome
        self.near = int(min(max(ignore_diags, 3), 10))  # diagonals whose counts are stored
        names = ["balanced", "raw"] if named else ["balanced"]
        self.diagonals = {name: np.zeros((self.near, self.n_bins)) for name in names}  # by distance and first bin
        self.sums = {name: np.zeros(self.n_bins) for name in names}  # of rows, the diagonal twice
        self.trans = {name: np.zeros(self.n_bins) for name in names}  # of rows, between chromosomes only
        self.has_contacts = np.zeros(self.n_bins, bool)
        self.pixels, self.total, self.last = 0, 0, -1

    def add(self, bin1, bin2, count):
        """Check a chunk of pixels and add it to the sums of rows.

        Parameters
        ----------
        bin1, bin2 : ndarray of int, shape (pixels,)
            Bin numbers in the file.
        count : ndarray, shape (pixels,)
            Contacts.

        Raises
        ------
        InputError
            If a count is not a whole number >= 0, or pixels are unsorted, repeated, below the diagonal or of bins
            that do not exist.
        """
        for low in range(0, len(bin1), BLOCK):
            block = slice(low, low + BLOCK)
            ends = (ids[block].astype(np.int64, copy=False) for ids in (bin1, bin2))  # may be unsigned
            self._add(*ends, count[block])

    def _add(self, bin1, bin2, count):
        distance = bin2 - bin1
        self._check_order(bin1, bin2, distance)
        self._check_counts(bin1, bin2, count)
        self.pixels += len(bin1)
        self.total += int(count.sum(dtype=np.int64)) if count.dtype.kind in "iu" else float(count.sum(dtype=np.float64))
        trans = np.flatnonzero(bin2 >= self.chrom_ends[bin1])
        near = np.flatnonzero(distance < self.near)
        near = near[self.chroms[bin1[near]] == self.chroms[bin2[near]]]
        balanced = self.factors[bin1] * self.factors[bin2]
        balanced *= count
        # for other pixels the balanced sum shows that there are contacts
        without_sum = np.flatnonzero(balanced == 0)
        without_sum = without_sum[count[without_sum] > 0]
        self.has_contacts[bin1[without_sum]] = self.has_contacts[bin2[without_sum]] = True
        for name, value in {"balanced": balanced, "raw": count.astype(float)}.items():
            if name not in self.sums:
                continue
            self.diagonals[name][distance[near], bin1[near]] = value[near]
            for end in (bin1, bin2):
                np.add.at(self.sums[name], end, value)
                np.add.at(self.trans[name], end[trans], value[trans])

    def _check_order(self, bin1, bin2, distance):
        low, high = min(bin1[0], bin2.min()), max(bin1.max(), bin2.max())
        if low < 0 or high >= self.n_bins:
            raise InputError(
                f"{self.uri}: a pixel is of bin {low if low < 0 else high}, but there are {self.n_bins} bins: get it "
                "again."
            )
        index = bin1.astype(np.int64) * self.n_bins  # of the pixel in the square map
        index += bin2
        if distance.min() < 0:
            row = int(np.argmax(distance < 0))
            raise InputError(
                f"{self.uri}: pixel {self.pixels + row} ({bin1[row]}, {bin2[row]}) is below the diagonal, but the file "
                "says symmetric-upper. Write its pixels again: cooler load sorts them."
            )
        if index[0] <= self.last or (index[1:] <= index[:-1]).any():
            row = 0 if index[0] <= self.last else int(np.argmax(index[1:] <= index[:-1])) + 1
            before = index[row - 1] if row else self.last
            fault = "is there twice" if index[row] == before else "is not in the order of bin1_id and bin2_id"
            raise InputError(
                f"{self.uri}: pixel {self.pixels + row} ({bin1[row]}, {bin2[row]}) {fault}. Write the pixels again: "
                "cooler load sorts them and adds up the counts of double ones."
            )
        self.last = int(index[-1])

    def _check_counts(self, bin1, bin2, count):
        wrong, fault = None, ""
        if count.dtype.kind == "f":
            finite = np.isfinite(count)
            if not finite.all():
                wrong, fault = ~finite, "not finite"
            elif (count != np.rint(count)).any():
                wrong, fault = count != np.rint(count), "not a whole number"
        if wrong is None and count.min() < 0:
            wrong, fault = count < 0, "negative"
        if wrong is not None:
            row = int(np.argmax(wrong))
            raise InputError(
                f"{self.uri}: the count of pixel {self.pixels + row} ({bin1[row]}, {bin2[row]}) is {count[row]}, which "
                f"is {fault}. Counts must be numbers of read pairs: give the map of raw counts, with the factors of "
                "balancing as a column of its bins."
            )

    def finish(self):
        """Compare the sums with the attributes of the file, and check that the weights balance the map.

        Raises
        ------
        InputError
            If pixels or contacts are missing, a weight is 0, negative or infinite or on a bin without contacts, or the
            balanced sums of rows are not constant.
        """
        for key, value, unit in (("nnz", self.pixels, "pixels"), ("sum", self.total, "contacts")):
            stated = self.stated.get(key)
            if stated is not None and not np.isclose(float(stated), float(value), rtol=1e-9, atol=0):
                raise InputError(
                    f"{self.uri} says that it has {stated} {unit} ({key}), but it has {value}: it was cut short or "
                    "edited; get it again."
                )
        has_weight = np.isfinite(self.weights)
        for wrong, fault in (
            (np.isinf(self.weights) | (has_weight & (self.weights <= 0)), "0, negative or infinite"),
            (has_weight & ~(self.has_contacts | (self.sums["balanced"] > 0)), "on bins without contacts"),
        ):
            if wrong.any():
                bin_id = int(np.flatnonzero(wrong)[0])
                raise InputError(
                    f"{self.uri}: {wrong.sum()} weights of column {self.column} are {fault} (the first: "
                    f"{self.weights[bin_id]:g} on bin {bin_id}); bins that balancing leaves out must have NaN. Run: "
                    f"cooler balance --force {self.uri}"
                )
        if not self.named and self.balances("balanced", BALANCED):
            return
        spread = self.spread("balanced")
        limit = max(BALANCED, self.spread("raw") / 2) if self.named else BALANCED
        if spread > limit and self.converged:
            raise InputError(
                f"{self.uri}: column {self.column} does not balance the map: the balanced sums of rows differ by up to "
                f"{spread:.0%} from their median, of a balanced map by less than {limit:.0%}. If its values divide, "
                f"write divide:{self.column} as 'weight' of the dataset (multiply:{self.column} if they multiply); if "
                f"the counts were normalised before, give the raw ones; else run: cooler balance --force {self.uri}"
            )

    def balances(self, name, limit):
        """Whether :meth:`spread` is at most a limit; faster than computing it.

        Parameters
        ----------
        name : {"balanced", "raw"}
        limit : float

        Returns
        -------
        bool
        """
        return any(_within(*way, limit) for way in self._ways(name))

    def spread(self, name):
        """Relative difference of the sums of rows from their median that 90 % of the bins do not exceed.

        At least 99 % of the bins must not exceed five times the value; otherwise it is larger. The value is the largest
        of the whole map and each chromosome, and the smallest over the ways in which tools balance: genome-wide, within
        or between chromosomes, with or without the near diagonals, which are counted once or twice.

        Parameters
        ----------
        name : {"balanced", "raw"}

        Returns
        -------
        float
            Infinite if no bin has a weight.
        """
        return min((_spread(*way) for way in self._ways(name)), default=np.inf)

    def _ways(self, name):
        """Yield the sums of rows of bins with a weight and their expected values, for each way of balancing."""
        weighted = np.flatnonzero(np.isfinite(self.weights))
        if not len(weighted):
            return
        edges = np.append(np.flatnonzero(np.diff(self.chroms[weighted], prepend=-1)), len(weighted))
        sums, trans = self.sums[name][weighted], self.trans[name][weighted]
        # sums of the diagonals that are left out; Juicer counts the main one once
        removed = []
        for distance in (2, 1, 0, *range(3, self.near + 1)):
            removed.append(self._diagonal_sums(name, distance)[weighted])
            yield sums - removed[-1], edges, False
        removed.append(removed[1] / 2)
        yield sums - removed[-1], edges, False
        if trans.any():
            for values in removed:
                yield sums - trans - values, edges, True
            yield trans, edges, False
        else:
            for values in removed:
                yield sums - values, edges, True

    def _diagonal_sums(self, name, count):
        """Sums of rows over the first ``count`` diagonals; the main one counts twice."""
        sums = np.zeros(self.n_bins)
        for distance, values in enumerate(self.diagonals[name][:count]):
            sums += values
            sums[distance:] += values[: self.n_bins - distance]
        return sums


def _differences(sums, edges, by_chrom):
    """Relative difference of each sum from the median of the map or of its chromosome; None if a median is 0."""
    if not by_chrom:
        median = np.median(sums)
    else:
        medians = [np.median(sums[low:high]) for low, high in itertools.pairwise(edges)]
        median = np.repeat(medians, np.diff(edges))
    if not np.min(median) > 0:
        return None
    difference = sums / median
    difference -= 1
    return np.abs(difference, out=difference)


def _parts(difference, edges):
    """The differences of the whole map and of each chromosome with enough bins."""
    return [difference, *(difference[low:high] for low, high in itertools.pairwise(edges) if high - low >= FEW)]


def _spread(sums, edges, by_chrom):
    difference = _differences(sums, edges, by_chrom)
    if difference is None:
        return np.inf
    parts = _parts(difference, edges)
    return float(max(max(np.quantile(part, 0.9), np.quantile(part, 0.99) / 5) for part in parts))


def _within(sums, edges, by_chrom, limit):
    difference = _differences(sums, edges, by_chrom)
    if difference is None:
        return False
    sizes = np.diff(edges)
    for values, share in ((difference > limit, 0.1), (difference > 5 * limit, 0.01)):
        counts = np.add.reduceat(values, edges[:-1], dtype=np.int64)
        if counts.sum() > share * len(values) or (counts > share * sizes)[sizes >= FEW].any():
            return False
    return True
