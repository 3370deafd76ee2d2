"""Scores of random variants, with which variants of the same kind and size are compared.

Sizes are grouped by doubling: 1, 2 to 3, 4 to 7 bases and so on. For each kind and group of the scored variants, random
variants are drawn from windows that the model was not trained on, scored like other variants, and stored. A random
variant is in the middle bin of its window; sizes are log-uniform in their group, new bases are uniform and differ from
the genome. A quantile is the share of random variants whose effect is not larger. Effects are the absolute values of
changes, and 1 - x of correlations and similarities.

Alleles that replace bases by another number of bases are compared with deletions if they remove more bases than they
insert, else with insertions. Breakends have no quantiles.
"""

import json
import zlib
from pathlib import Path

import numpy as np
import pandas as pd

from akitaflow import logs
from akitaflow.errors import InputError
from akitaflow.files import read_json, write_table, write_text
from akitaflow.genome.sequence import UNKNOWN, decode
from akitaflow.seeds import generator
from akitaflow.variants.scoring import CHUNK, Scorer
from akitaflow.variants.variant import OK, Variant
from akitaflow.variants.windows import map_interval

KINDS = ("snv", "mnv", "insertion", "deletion", "duplication", "inversion")
SIMILARITIES = ("correlation", "supremo_spearman", "supremo_ssi", "supremo_scc")
ABOUT = "background.json"
TRIES = 50  # attempts per variant; an attempt fails at N or ends of chromosomes


class Background:
    """Random variants of one model, scored when they are first needed.

    Parameters
    ----------
    folder : str or Path
        Folder of their scores.
    scorer : akitaflow.variants.scoring.Scorer
        Scorer of the variants that are compared with them; both have its settings.
    windows : DataFrame
        chrom, start, end of windows of the model's length that it was not trained on, 0-based and half-open.
    identity : dict
        Plain JSON values on which the scores depend: model, genome, settings.
    n : int
        Random variants of each kind and group of sizes.
    seed : int
    overwrite : bool
        Remove scores of another model, genome or settings from the folder instead of refusing it.

    Raises
    ------
    InputError
        If the folder has scores of another model, genome or settings, or the windows do not fit.
    """

    def __init__(self, folder, scorer, windows, identity, n=200, seed=1, overwrite=False):
        self.folder, self.n, self.seed = Path(folder), n, seed
        self.scorer = Scorer(scorer.model, scorer.genome, scorer.settings)  # random variants need no lift-over
        known = scorer.genome.chromsizes
        self.windows = [tuple(row) for row in windows[["chrom", "start", "end"]].itertuples(index=False)]
        if not self.windows:
            raise InputError("there are no held-out windows to draw random variants from")
        for chrom, start, end in self.windows:
            if end - start < scorer.model.map_bins * scorer.model.bin_size or chrom not in known:
                raise InputError(
                    f"held-out window {chrom}:{start}-{end} is shorter than the model's map or on no chromosome of the "
                    "genome"
                )
        self.identity = {**identity, "windows": [list(window) for window in self.windows], "n": n, "seed": seed}
        self._check(self.identity, overwrite)
        self._effects = {}

    def _check(self, about, overwrite):
        path = self.folder / ABOUT
        about = json.loads(json.dumps(about))
        if not path.exists():
            write_text(path, json.dumps(about, indent=1) + "\n")
            return
        stored = read_json(path, "delete the folder, or give another one")
        differing = [key for key in {**stored, **about} if stored.get(key) != about.get(key)]
        if differing and overwrite:
            path.unlink()  # first: a folder without it holds nothing of value
            for table in self.folder.glob("*_*.tsv.gz"):
                table.unlink()
            write_text(path, json.dumps(about, indent=1) + "\n")
        elif differing:
            key = differing[0]
            if key in ("n", "seed"):
                option = {"n": "--random", "seed": "--seed"}[key]
                made = f"made with {key}={stored.get(key)}, not {key}={about[key]} ({option}); give the same number"
            else:
                made = f"made with another {'version of akitaflow' if key == 'akitaflow' else key}; remove it"
            raise InputError(f"{self.folder} holds random variants {made}, or give another folder")

    def prepare(self, variants, progress=None):
        """Make the random variants that some variants are compared with, unless they are stored.

        Parameters
        ----------
        variants : iterable of (Variant, Window or None)
            As placed by :meth:`akitaflow.variants.scoring.Scorer.place`. Those without a window need none.
        progress : str, optional
            Description of a progress line; none without.

        Returns
        -------
        DataFrame
            A row for each kind and group of sizes: kind, smallest, largest (bp), n (random variants), file.
        """
        placed = {matched_class(each.kind, each.size, each.start, each.end) for each, window in variants if window}
        groups = sorted(placed - {None})
        rows = []
        for kind, low in groups if progress is None else logs.progress(groups, progress, unit="kind and size"):
            n = self.table(kind, low)["record"].size // len(self.scorer.model.outputs)
            rows.append((kind, low, 2 * low - 1, n, self._path(kind, low).name))
        return pd.DataFrame(rows, columns=["kind", "smallest", "largest", "n", "file"])

    def _path(self, kind, low):
        return self.folder / f"{kind}_{low}.tsv.gz"

    def add_quantiles(self, table):
        """The table with a column ``..._quantile`` for each score, and ``background_n``, after the scores.

        Parameters
        ----------
        table : DataFrame
            Of :meth:`akitaflow.variants.scoring.Scorer.score`.

        Returns
        -------
        DataFrame
        """
        names = self.scorer.comparison.names
        quantiles = {name: np.full(len(table), np.nan) for name in names}
        number = np.zeros(len(table), int)
        scored = table[table["status"] == OK]
        classes = [matched_class(*row) for row in scored[["kind", "size", "start", "end"]].itertuples(index=False)]
        groups = pd.DataFrame({"place": np.flatnonzero(table["status"] == OK), "class": classes})
        groups["dataset"] = scored["dataset"].to_numpy()
        for (group, dataset), rows in groups.dropna(subset="class").groupby(["class", "dataset"], sort=False):
            places = rows["place"].to_numpy()
            random = self._sorted_effects(*group)[dataset]
            for name in names:
                known = random[name]
                values = effect(name, table[name].to_numpy()[places])
                shares = np.searchsorted(known, values, side="right") / max(len(known), 1)
                quantiles[name][places] = np.where(np.isfinite(values) & (len(known) > 0), shares, np.nan)
            number[places] = max(map(len, random.values()))
        added = {f"{name}_quantile": values for name, values in quantiles.items()}
        return table.assign(**added, background_n=number)

    def _sorted_effects(self, kind, low):
        """{dataset: {score: sorted effects}} of a class."""
        if (kind, low) not in self._effects:
            table = self.table(kind, low)
            self._effects[kind, low] = {
                dataset: {
                    name: np.sort(effect(name, rows[name].dropna().to_numpy())) for name in self.scorer.comparison.names
                }
                for dataset, rows in table.groupby("dataset")
            }
        return self._effects[kind, low]

    def table(self, kind, low):
        """Scores of the random variants of a kind with sizes ``low`` to 2 ``low`` - 1; computed if they are missing."""
        path = self._path(kind, low)
        if not path.exists():
            variants = self.draw(kind, low)
            tables = [self.scorer.score(variants[i : i + CHUNK]) for i in range(0, len(variants), CHUNK)]
            table = pd.concat(tables, ignore_index=True)
            write_table(table, path, float_format="%.9g")
        try:
            return pd.read_csv(path, sep="\t", dtype={"chrom": str, "genome_chrom": str, "ref": str, "alt": str})
        except (EOFError, OSError, ValueError, zlib.error) as error:
            raise InputError(f"{path} is damaged ({error}): delete it, and it is made anew") from None

    def draw(self, kind, low):
        """Random variants.

        Parameters
        ----------
        kind : str
            Of ``KINDS``.
        low : int
            Smallest size, a power of two; the largest is ``2 * low - 1``, or what a map can show.

        Returns
        -------
        list of Variant
        """
        model = self.scorer.model
        limit = model.map_bins * model.bin_size // (2 if kind == "duplication" else 1)
        high = min(2 * low, limit + 1)
        random = generator(self.seed, "variants", "background", kind, low)
        order = random.permutation(len(self.windows))
        variants, tried = [], 0
        while len(variants) < self.n and tried < TRIES * self.n:
            chrom, start, end = self.windows[order[tried % len(order)]]
            tried += 1
            size = int(min(np.exp(random.uniform(np.log(low), np.log(high))), high - 1))
            middle = (start + end) // 2 // model.bin_size * model.bin_size + int(random.integers(model.bin_size))
            variant = self._random(random, kind, chrom, middle - size // 2 if kind != "insertion" else middle, size)
            placed, window = self.scorer.place(variant) if variant else (None, None)
            if window is not None and _inside(placed, map_interval(window, model)):
                variants.append(variant)
        if not variants:
            raise InputError(f"no random {kind} of {low} or more bases fits into the held-out windows")
        return variants

    def _random(self, random, kind, chrom, start, size):
        """A random variant of a kind; None if it has N or is not inside the chromosome."""
        genome = self.scorer.genome
        if not 0 < start < start + size < genome.chromsizes[chrom]:
            return None
        end = start if kind == "insertion" else start + size
        bases = genome.fetch(chrom, start, max(end, start + 1))
        if (bases == UNKNOWN).any():
            return None
        sequence = ""
        if kind == "snv":
            sequence = decode((bases + random.integers(1, 4, dtype=np.uint8)) % 4)
        elif kind in ("mnv", "insertion"):
            sequence = decode(random.integers(4, size=size, dtype=np.uint8))
        if kind == "mnv" and sequence == decode(bases):
            return None
        alt = {"deletion": "<DEL>", "duplication": "<DUP>", "inversion": "<INV>"}.get(kind, sequence)
        ref = decode(bases) if kind in ("snv", "mnv") else "N"
        copies = int(kind == "duplication")
        return Variant(1, chrom, start + 1, ".", ref, alt, 1, kind, chrom, start, end, sequence, copies)


def effect(name, values):
    """Size of an effect: distance of a score from its value for equal maps."""
    return 1 - values if name in SIMILARITIES else np.abs(values)


def matched_class(kind, size, start, end):
    """(kind, smallest size) of the random variants that a variant is compared with; None for breakends."""
    if kind == "delins":
        kind = "deletion" if end - start == size else "insertion"
    if kind not in KINDS:
        return None
    return kind, 1 << (int(size).bit_length() - 1)


def _inside(variant, limits):
    return limits[0] <= variant.start and variant.end <= limits[1]
