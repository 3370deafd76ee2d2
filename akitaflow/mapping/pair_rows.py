"""Checks and counts of the rows of a pairs file, made while the rows are binned."""

import io

import numpy as np
import pandas as pd

from akitaflow.errors import InputError
from akitaflow.genome.intervals import bare_name

UNPLACED = "!"  # chromosome of an end without a place
MAPQS = ("mapq1", "mapq2")


class RowCheck:
    """Check of the rows of a pairs file, given block by block, and their numbers.

    Parameters
    ----------
    path : str
        The file, for messages.
    columns : list of str
        Columns of the file, with chrom1, pos1, chrom2 and pos2.
    sizes : dict of str to int
        Names in the file of the chromosomes in use, and their lengths in bp. Positions on others are not checked.
    min_mapq : int
        Least MAPQ of both ends of a selected pair; 0 for no filter.
    drop_duplicates : bool
        Whether pairs of type DD are not selected.
    line : int
        Number of the first row's line in the file, from 1.
    known : collection of str
        Chromosomes of the header; empty if it has none, and names are then not checked.

    Attributes
    ----------
    rows : int
        All pairs.
    selected : int
        Pairs of which both ends have a place and a MAPQ of at least ``min_mapq``, without those that are dropped.
    binned : int
        Selected pairs with both ends on chromosomes in use.
    """

    def __init__(self, path, columns, sizes, min_mapq=0, drop_duplicates=False, line=1, known=()):
        self.path, self.columns, self.sizes, self.min_mapq, self.line = path, list(columns), sizes, min_mapq, line
        self.known = {UNPLACED, *known, *sizes} if known else None
        self.alike = {} if known else {bare_name(name): name for name in sizes}
        names = ["chrom1", "pos1", "chrom2", "pos2"]
        names += MAPQS if min_mapq > 0 else ()
        names += ["pair_type"] if drop_duplicates and "pair_type" in columns else []
        self.number_of = {name: self.columns.index(name) for name in names}
        # other columns have numbers; their type is found, because pandas takes 1e2 and 60.0 for whole numbers if told
        self.texts = {number: "category" for name, number in self.number_of.items() if name[:4] in ("chro", "pair")}
        self.rows = self.selected = self.binned = 0

    def add(self, block):
        """Check and count the rows of a block.

        Parameters
        ----------
        block : bytes
            Whole lines.

        Returns
        -------
        int
            Number of its pairs that are binned.

        Raises
        ------
        InputError
            With the line: a row with fewer columns than the header names, a header among the rows, a position or MAPQ
            that is no whole number, a position that is 0 or beyond the end of its chromosome, a chromosome that the
            header lacks or, if the header has none, one whose name differs from that of the genome by ``chr`` or case.
        """
        try:
            table = pd.read_csv(
                io.BytesIO(block),
                sep="\t",
                header=None,
                usecols=list(self.number_of.values()),
                dtype=self.texts,
                quoting=3,
                na_filter=False,
                skip_blank_lines=False,
            )
        except (ValueError, pd.errors.ParserError, OverflowError) as error:
            self._refuse(block, error)
        column = {name: table[number] for name, number in self.number_of.items()}
        wrong = block.startswith(b"#") or b"\n#" in block
        wrong = wrong or block.count(b"\t") < len(table) * (len(self.columns) - 1)  # pandas fills up short rows
        wrong = wrong or any(table[number].dtype != np.int64 for number in table if number not in self.texts)
        if wrong:
            self._refuse(block)
        selected, in_use = np.ones(len(table), bool), np.ones(len(table), bool)
        for end in "12":
            names, codes = column[f"chrom{end}"].cat.categories, column[f"chrom{end}"].cat.codes.to_numpy()
            lengths = np.array([self.sizes.get(name, 0) for name in names])[codes]
            positions = column[f"pos{end}"].to_numpy()
            here = lengths > 0
            wrong = wrong or (self.known is not None and not self.known.issuperset(names))
            wrong = wrong or any(name not in self.sizes and bare_name(name) in self.alike for name in names)
            wrong = wrong or "" in names or (here & ((positions < 1) | (positions > lengths))).any()
            in_use &= here
            selected &= (names != UNPLACED)[codes]
        if wrong:
            self._refuse(block)
        for name in MAPQS if self.min_mapq > 0 else ():
            selected &= column[name].to_numpy() >= self.min_mapq
        if "pair_type" in column:
            selected &= (column["pair_type"] != "DD").to_numpy()
        binned = int((selected & in_use).sum())
        self.line += len(table)
        self.rows += len(table)
        self.selected += int(selected.sum())
        self.binned += binned
        return binned

    def _refuse(self, block, error=None):
        """Raise the error of the first wrong line of a block."""
        n_lines = block.count(b"\n") + (not block.endswith(b"\n"))
        for number, line in enumerate(block.decode(errors="replace").split("\n"), start=self.line):
            problem = self._problem(line) if number < self.line + n_lines else ""
            if problem:
                raise InputError(f"{self.path}, line {number}: {problem}") from None
        raise InputError(f"{self.path}, after line {self.line}: the rows cannot be read ({error}): get the file again.")

    def _problem(self, line):
        """What is wrong with a line; empty if nothing is."""
        if line.startswith("#"):
            return (
                f"{line[:40]!r} is a line of a header among the pairs, so files were joined as text; join them with "
                "pairtools merge."
            )
        if not line:
            return "an empty line; delete it."
        fields = line.split("\t")
        if len(fields) < len(self.columns):
            return (
                f"found {len(fields)} columns, but the header names {len(self.columns)} ({' '.join(self.columns)}); "
                "write tabs between them, or get the file again if it was cut."
            )
        for name, number in self.number_of.items():
            value = fields[number]
            if number in self.texts:
                if not value:
                    return f"{name} is empty; write a chromosome, or {UNPLACED} if the end has no place."
                if self.known is not None and name[:4] == "chro" and value not in self.known:
                    return (
                        f"{name} is {value!r}, which no line #chromsize of the header has; the header is of another "
                        "file, or lacks the line."
                    )
                if name[:4] == "chro" and value not in self.sizes and bare_name(value) in self.alike:
                    return (
                        f"{name} is {value!r}, but the genome has {self.alike[bare_name(value)]!r}; write one name for "
                        "each chromosome."
                    )
                continue
            if not (value.isascii() and value.removeprefix("-").isdigit() and len(value) < 19):
                advice = (
                    "set min_mapq to 0 for the dataset, or make the pairs with pairtools parse --add-columns mapq"
                    if name in MAPQS
                    else "write a position in bp, 1-based"
                )
                return f"{name} is {value!r}, which is no whole number; {advice}."
            if name in MAPQS:
                continue
            chrom = fields[self.number_of[f"chrom{name[-1]}"]]
            length = self.sizes.get(chrom)
            if length is not None and not 1 <= int(value) <= length:
                advice = (
                    "positions of pairs are 1-based: add 1 to all if those of the file begin at 0"
                    if int(value) == 0
                    else "the pairs are of another assembly: give the FASTA they were mapped to"
                )
                return f"{name} is {value}, but {chrom} has positions 1 to {length}; {advice}."
        return ""
