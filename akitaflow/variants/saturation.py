"""Saturation mutagenesis: every base of a region changed to every other, blocks of bases randomised, or deleted.

The results are variants like those of a VCF, scored by :mod:`akitaflow.variants.scoring`.
"""

import numpy as np
import pandas as pd

from akitaflow.errors import InputError
from akitaflow.genome.sequence import BASES, UNKNOWN, decode
from akitaflow.seeds import generator
from akitaflow.variants.variant import OK, Variant

METHODS = ("substitute", "randomise", "delete")


def saturate(genome, region, method="substitute", block=None, seed=1):
    """The variants of a saturation mutagenesis.

    Parameters
    ----------
    genome : akitaflow.genome.sequence.Genome
    region : akitaflow.genome.intervals.Window or (chrom, start, end)
        0-based and half-open.
    method : {"substitute", "randomise", "delete"}
        ``substitute``: each base is changed to the three others; ``randomise``: blocks are replaced by random bases;
        ``delete``: blocks are deleted.
    block : int, optional
        Length of a block, bp; by default 10. Blocks are adjacent from the start of the region; the last may be shorter.
    seed : int
        Seed of the random bases.

    Yields
    ------
    Variant
        In the order of the region. Blocks with N have the status unknown_base.

    Raises
    ------
    InputError
        If the region is outside the genome, or a setting is invalid.
    """
    chrom, start, end = region
    if chrom not in genome.chromsizes or not 0 <= start < end <= genome.chromsizes[chrom]:
        raise InputError(f"region {chrom}:{start}-{end} lies on no chromosome of the genome")
    if method not in METHODS:
        raise InputError(f"mutagenesis {method!r} is unknown; write one of {', '.join(METHODS)}")
    if block is not None and (block < 1 or method == "substitute"):
        raise InputError(f"blocks of {block} bases: write 1 or more, with {' or '.join(METHODS[1:])}")
    record = 0
    codes = genome.fetch(chrom, start, end)
    size = 1 if method == "substitute" else block or 10
    for first in range(0, end - start, size):
        part = codes[first : first + size]
        for sequence in _replacements(part, method, (seed, "variants", "saturation", chrom, start + first)):
            record += 1
            low, high = start + first, start + first + len(part)
            kind = {"delete": "deletion"}.get(method, "snv" if len(part) == 1 else "mnv")
            alt = sequence or "<DEL>"
            variant = Variant(record, chrom, low + 1, ".", decode(part), alt, 1, kind, chrom, low, high, sequence)
            unknown = UNKNOWN in part
            yield variant.failed("unknown_base", "the genome has N there") if unknown else variant


def _replacements(part, method, seed):
    """Sequences that replace an interval with these codes."""
    if method == "delete":
        return [""]
    if method == "substitute":
        if part[0] == UNKNOWN:
            return ["N"]
        return [chr(base) for code, base in enumerate(BASES[:4]) if code != part[0]]
    random = generator(*seed)
    bases = random.integers(4, size=len(part), dtype=np.uint8)
    if np.array_equal(bases, part):
        bases = (bases + 1) % 4
    return [decode(bases)]


def effects(scores, name="disruption"):
    """Effect of each changed stretch: the mean score over what replaces it.

    Parameters
    ----------
    scores : DataFrame
        Of the variants of :func:`saturate`.
    name : str
        Column.

    Returns
    -------
    DataFrame
        chrom, start, end, ref, dataset, effect, largest (score of the change with the largest absolute score) and alt
        (what that change writes), in the order of the region. Stretches that were not scored are left out.
    """
    rows = scores[scores["status"] == OK]
    rows = rows.assign(chrom=rows["genome_chrom"], size_of_effect=rows[name].abs())
    keys = ["chrom", "start", "end", "ref", "dataset"]
    mean = rows.groupby(keys, sort=False)[name].mean().rename("effect").reset_index()
    largest = rows.sort_values("size_of_effect", kind="stable").drop_duplicates(keys, keep="last")
    largest = largest[[*keys, name, "alt"]].rename(columns={name: "largest"})
    return mean.merge(largest, on=keys) if len(mean) else pd.DataFrame(columns=[*keys, "effect", "largest", "alt"])


def bigwig_runs(effects, dataset):
    """(chrom, start, end, effect) of one dataset, for :func:`akitaflow.genome.bigwig.write_bigwig`."""
    rows = effects[effects["dataset"] == dataset].sort_values("start")
    places = rows[["chrom", "start", "end", "effect"]].astype({"start": int, "end": int, "effect": float})
    return list(places.itertuples(index=False, name=None))
