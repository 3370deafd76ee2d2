"""The variants of a set that change the predicted map most: which they are, their maps, and tracks of their windows."""

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from akitaflow.errors import InputError
from akitaflow.files import whole, write_h5
from akitaflow.genome.intervals import read_intervals
from akitaflow.variants.haplotypes import Haplotypes
from akitaflow.variants.variant import OK

RANKED_BY = "disruption"
KINDS = ("reference", "alternative", "difference")
TEXT = ("chrom", "id", "ref", "alt", "genome_chrom", "peak_chrom", "dataset", "kind", "status", "reason")
GENES, CTCF = "gene", "CTCF"  # tracks
TRACK_COLUMNS = ["rank", "track", "chrom", "start", "end", "name", "strand", "value"]


def read_scores(path):
    """A table of scores as :func:`akitaflow.variants.runs.run` writes it; names are text whatever they look like.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    DataFrame
    """
    names = dict.fromkeys(TEXT, str)
    return pd.read_csv(path, sep="\t", dtype=names, keep_default_na=False, na_values=_missing(path))


def _missing(path):
    """Empty cells are missing in columns of numbers only."""
    columns = pd.read_csv(path, sep="\t", nrows=0).columns
    return {column: [""] for column in columns if column not in TEXT}


def choose(scores, dataset, n):
    """The variants with the largest disruption of one dataset.

    Parameters
    ----------
    scores : DataFrame
        Of :meth:`akitaflow.variants.scoring.Scorer.score`.
    dataset : str
    n : int

    Returns
    -------
    DataFrame
        At most ``n`` rows with a first column ``rank``, from 1. Of equal variants the first one is taken. Breakends are
        left out, because their maps join two places.
    """
    rows = scores[(scores["dataset"] == dataset) & (scores["status"] == OK) & (scores["kind"] != "breakend")]
    place = ["kind", "genome_chrom", "start", "end", "ref", "alt"]
    rows = rows.drop_duplicates([*place, *(["haplotype"] if "haplotype" in rows else [])])
    rows = rows.sort_values(RANKED_BY, ascending=False, kind="stable").head(n).reset_index(drop=True)
    rows.insert(0, "rank", np.arange(1, len(rows) + 1))
    return rows


@dataclass(frozen=True, eq=False)
class TopMaps:
    """Maps of the top variants of one dataset.

    Attributes
    ----------
    table : DataFrame
        Of :func:`choose`.
    reference, alternative : ndarray of float32, shape (variants, bins, bins)
        log(observed / expected), on the bins of the reference; NaN where missing.
    bin_size, crop : int
        bp; the map of a window begins at ``window_start + crop``.
    """

    table: pd.DataFrame
    reference: np.ndarray
    alternative: np.ndarray
    bin_size: int
    crop: int

    @property
    def difference(self):
        """Alternative minus reference."""
        return self.alternative - self.reference

    @property
    def starts(self):
        """First base of each map."""
        return self.table["window_start"].astype(int).to_numpy() + self.crop

    @property
    def ends(self):
        """End of each map, exclusive."""
        return self.starts + self.reference.shape[-1] * self.bin_size

    def __len__(self):
        return len(self.table)


def predict(scorer, alleles, table, dataset):
    """Predict the maps of chosen variants.

    Parameters
    ----------
    scorer : akitaflow.variants.scoring.Scorer
        With the settings that gave the scores.
    alleles : callable
        Returns an iterator over the variants, in order, at each call.
    table : DataFrame
        Of :func:`choose`; with a column haplotype, alternatives have all alleles of the haplotype.
    dataset : str

    Returns
    -------
    TopMaps
    """
    by_haplotype = "haplotype" in table
    carried = Haplotypes(scorer.place(variant)[0] for variant in alleles()) if by_haplotype else None
    haplotypes = table["haplotype"] if by_haplotype else np.zeros(len(table), int)
    places = {key: place for place, key in enumerate(zip(table["record"], table["allele"], haplotypes, strict=True))}
    records = {key[:2] for key in places}
    chosen = [variant for variant in alleles() if (variant.record, variant.allele) in records]
    output, bins = scorer.model.outputs.index(dataset), scorer.model.map_bins
    maps = np.full((2, len(table), bins, bins), np.nan, np.float32)
    for variant, haplotype, *pair in scorer.maps(chosen, carried):
        place = places.get((variant.record, variant.allele, haplotype))
        if place is not None:
            maps[:, place] = [squares[output] for squares in pair]
    return TopMaps(table, *maps, scorer.model.bin_size, scorer.model.geometry.crop)


def save(path, maps):
    """Write the maps, without the table, to an HDF5 file: ``reference`` and ``alternative``, as in :class:`TopMaps`."""
    attributes = {"bin_size": maps.bin_size, "crop": maps.crop}
    write_h5(path, {"reference": maps.reference, "alternative": maps.alternative}, attributes)


def read(path, table):
    """The maps of a file of :func:`save`.

    Parameters
    ----------
    path : str or Path
    table : DataFrame
        With which they were made.

    Returns
    -------
    TopMaps
    """
    with h5py.File(path) as file:
        maps = [file[name][:] for name in ("reference", "alternative")]
        return TopMaps(table, *maps, int(file.attrs["bin_size"]), int(file.attrs["crop"]))


def write_coolers(folder, maps, chromsizes, *, assembly=None, metadata=None):
    """Write three coolers with several resolutions for each variant: ``{rank}.{kind}.mcool``.

    Pixels are as of :func:`akitaflow.prediction.map_files.write_cooler`; of the difference ``log_oe`` is alternative -
    reference and ``count`` the ratio of the two.

    Parameters
    ----------
    folder : str or Path
        Replaced if it exists; appears only when complete.
    maps : TopMaps
    chromsizes : dict of str to int
        Of the genome.
    assembly : str, optional
    metadata : dict, optional
        JSON values, stored in each file.
    """
    # here, because figures are drawn where cooler is not installed
    from akitaflow.prediction.map_files import write_cooler
    from akitaflow.prediction.maps import Map

    with whole(folder, folder=True) as temporary:
        for place, row in enumerate(maps.table.itertuples()):
            for kind in KINDS:
                squares = getattr(maps, kind)[place][None]
                map_ = Map.of_squares(squares, row.genome_chrom, maps.starts[place], maps.bin_size, [row.dataset])
                about = {**(metadata or {}), "variant": describe(row), "kind": kind}
                if kind == "difference":
                    about["quantity"] = "alternative / reference, predicted"
                path = Path(temporary) / f"{row.rank}.{kind}.mcool"
                write_cooler(path, map_, row.dataset, chromsizes, assembly=assembly, metadata=about)


def describe(row, most=12):
    """A short description of a variant: place, alleles (of a symbolic one kind and size), id.

    Parameters
    ----------
    row : namedtuple
        Of a table of scores.
    most : int
        Bases of an allele that are shown.
    """
    shortened = (text if len(text) <= most else f"{text[: most - 3]}..." for text in (row.ref, row.alt))
    alleles = f"{row.kind} of {row.size:,.0f} bp" if row.alt.startswith("<") else ">".join(shortened)
    name = "" if row.id in (".", "") else f" {row.id}"
    haplotype = f", haplotype {row.haplotype}" if getattr(row, "haplotype", 0) else ""
    return f"{row.chrom}:{row.pos:,} {alleles}{name}{haplotype}"


def tracks(maps, ctcf=None, genes=None, per_bin=4, chromsizes=None):
    """What lies in the maps' windows: CTCF signal and genes.

    Parameters
    ----------
    maps : TopMaps
    ctcf : str or Path, optional
        BigWig.
    genes : str or Path, optional
        BED with at least three columns; the fourth is the name and the sixth the strand.
    per_bin : int
        Values of the signal per bin of the map.
    chromsizes : dict of str to int, optional
        Lengths in bp of the genome's chromosomes, with which both files are compared.

    Returns
    -------
    DataFrame
        rank, track (``CTCF`` or ``gene``), chrom, start, end, name, strand, value (mean signal; NaN for genes).

    Raises
    ------
    InputError
        Files that cannot be read, or are of another genome.
    """
    from akitaflow.genome.bigwig import bin_track

    parts = [pd.DataFrame(columns=TRACK_COLUMNS)]
    windows = pd.DataFrame({"chrom": maps.table["genome_chrom"], "start": maps.starts, "end": maps.ends})
    if ctcf and len(maps):
        step = next(maps.bin_size // n for n in range(per_bin, 0, -1) if maps.bin_size % n == 0)
        signal = bin_track(ctcf, windows, step, chromsizes)
        for rank, (window, values) in enumerate(zip(windows.itertuples(), signal, strict=True), start=1):
            starts = np.arange(window.start, window.end, step)
            part = {"rank": rank, "track": CTCF, "chrom": window.chrom, "start": starts, "end": starts + step}
            parts.append(pd.DataFrame({**part, "name": "", "strand": "", "value": values}))
    if genes and len(maps):
        table = read_intervals(genes, chromsizes, "genes of the variants")
        if not set(windows["chrom"]) & set(table["chrom"]):
            raise InputError(
                f"{genes}: it has no interval on a chromosome of the variants, as {windows['chrom'][0]}; give a file "
                "of this genome"
            )
        names = table[3] if 3 in table else ""
        strands = table[5] if 5 in table else "."
        table = table[["chrom", "start", "end"]].assign(name=names, strand=strands, track=GENES)
        for rank, window in enumerate(windows.itertuples(), start=1):
            inside = (table["chrom"] == window.chrom) & (table["start"] < window.end) & (table["end"] > window.start)
            parts.append(table[inside].assign(rank=rank))
    filled = [part for part in parts if len(part)] or parts
    return pd.concat(filled, ignore_index=True).reindex(columns=TRACK_COLUMNS)


def read_tracks(path):
    """The table of a file of :func:`tracks`."""
    text = dict.fromkeys(("track", "chrom", "name", "strand"), str)
    return pd.read_csv(path, sep="\t", dtype=text, keep_default_na=False, na_values={"value": [""]})
