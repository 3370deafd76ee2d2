"""Scores of DNA variants: a table with a row for each variant, allele and dataset of a model, in the input's order."""

from dataclasses import dataclass, field, replace
from itertools import count, islice

import numpy as np
import pandas as pd

from akitaflow import logs
from akitaflow.errors import InputError
from akitaflow.genome.sequence import UNKNOWN, Genome
from akitaflow.prediction.predictor import Predictor
from akitaflow.prediction.stream import Average, Request
from akitaflow.variants import supremo
from akitaflow.variants.alleles import as_breakend
from akitaflow.variants.change import Comparison, alternative_middle
from akitaflow.variants.haplotypes import Haplotypes, overlap
from akitaflow.variants.junctions import JoinedWindow
from akitaflow.variants.members import Members
from akitaflow.variants.places import MITOCHONDRIA, Lift, Names, check_bases, locate
from akitaflow.variants.tables import from_frame, guess_format, read_variants
from akitaflow.variants.vcf import contig_lengths
from akitaflow.variants.windows import MAX_UNKNOWN, Windows

CHUNK = 50  # variants scored and written together: some minutes for the published network on a CPU
INPUT_COLUMNS = ["record", "chrom", "pos", "id", "ref", "alt", "allele"]
PLACE_COLUMNS = ["kind", "genome_chrom", "start", "end", "size", "status", "reason", "window_start", "window_end"]
PEAK_COLUMNS = ["peak_chrom", "peak_start_1", "peak_start_2"]
WHOLE_NUMBERS = ["start", "end", "size", "window_start", "window_end", "peak_start_1", "peak_start_2"]


@dataclass(frozen=True)
class Settings:
    """Settings of the scores of variants.

    Parameters
    ----------
    average : Average
        Strands and shifts over which scores are averaged; by default both strands.
    batch_size : int
        Sequences per call of the network.
    supremo_scores : tuple of str
        Of :data:`akitaflow.variants.supremo.NAMES`, in addition to those of :mod:`akitaflow.variants.change`.
    insulation_bins : int, optional
        As in :class:`akitaflow.variants.change.Comparison`.
    max_unknown : float
        Share of N above which a window is not scored.
    """

    average: Average = field(default_factory=lambda: Average(reverse_complement=True))
    batch_size: int = 8
    supremo_scores: tuple = ()
    insulation_bins: int | None = None
    max_unknown: float = MAX_UNKNOWN

    @classmethod
    def from_config(cls, variants, batch_size):
        """Of ``variants`` of a study's config: average, supremo, insulation_bins."""
        scores = supremo.NAMES if variants["supremo"] else ()
        return cls(Average.from_config(variants["average"]), batch_size, scores, variants["insulation_bins"])


@dataclass(eq=False)
class _Row:
    """One variant, or one haplotype that carries it."""

    variant: object
    haplotype: int = 0
    window: object = None
    alternatives: tuple = ()
    junction: JoinedWindow | None = None
    change: object = None


class Scorer:
    """Scores variants with one model and one genome.

    Parameters
    ----------
    model : akitaflow.model.folding_model.FoldingModel
    genome : akitaflow.genome.sequence.Genome
    settings : Settings, optional
    lift : akitaflow.variants.places.Lift, optional
        From the assembly of the variants to the genome.
    """

    def __init__(self, model, genome, settings=None, lift=None):
        self.model, self.genome, self.settings, self.lift = model, genome, settings or Settings(), lift
        self.names = Names(genome.chromsizes)
        if lift is not None:
            lift.check_target(genome.chromsizes)
        self.windows = Windows(model, genome, self.settings.max_unknown)
        self.comparison = Comparison(
            model, self.settings.average.size, self.settings.supremo_scores, self.settings.insulation_bins
        )
        # strands and shifts are separate outputs, so the predictor does not average
        self._predictor = Predictor(Members(model, self.settings.average), genome, self.settings.batch_size)

    def check_contigs(self, path, format=None):
        """Check that a VCF is of this assembly: lengths of its header are compared with the genome.

        If variants are lifted over, they are compared with the assembly from which the chain file leads. A
        mitochondrion that has another name and another length there is not used: UCSC's hg19 has another one than
        GRCh37.

        Parameters
        ----------
        path : str or Path
            Other formats have no lengths and are not checked.
        format : str, optional
            By default recognised.

        Raises
        ------
        InputError
            If a chromosome has another length.
        """
        if (format or guess_format(path)) != "vcf":
            return
        sizes, names, whose = self.genome.chromsizes, self.names, "the genome"
        if self.lift is not None:
            sizes, names, whose = self.lift.sizes, self.lift.names, "the chain file"
        find = Names(sizes)
        for name, length in contig_lengths(path).items():
            other = find(name)
            if other is None or sizes[other] == length:
                continue
            text = f"{path}: its header has {name} of {length} bp, {whose} {other} of {sizes[other]} bp"
            if name == other or other not in MITOCHONDRIA:
                raise InputError(
                    f"{text}: the variants are of another assembly. Give the FASTA of that assembly, or a chain file "
                    "from it to this genome."
                )
            logs.warn(f"{text}; variants on {name} are not scored")
            names.left_out.add(name)

    def place(self, variant):
        """A variant located in the genome and checked against it: (Variant, Window or None)."""
        variant = check_bases(locate(variant, self.names, self.lift), self.genome)
        placed, window = self.windows(variant)
        if placed.status == "too_long" and variant.junction and variant.kind != "breakend":
            placed, window = self.windows(as_breakend(variant))
        return placed, window

    def score(self, variants, haplotypes=None, scored=lambda: None):
        """Scores of some variants. Those of one window share its reference.

        Parameters
        ----------
        variants : sequence of Variant
            As read.
        haplotypes : Haplotypes, optional
            Of the sample; each row is then a haplotype that carries the variant.
        scored : callable, optional
            Called without arguments after each variant.

        Returns
        -------
        DataFrame
            In the order of the variants: ``INPUT_COLUMNS``, haplotype if requested, ``PLACE_COLUMNS``, dataset, a
            column and one with ``_sd`` for each score, ``PEAK_COLUMNS``.
        """
        rows = [row for variant in variants for row in self._rows(variant, haplotypes)]
        waiting = [row for row in rows if row.window is not None]
        waiting.sort(key=lambda row: row.window)
        last_rows = {id(row.variant): row for row in waiting}  # of variants, which have a row for each haplotype
        for _ in range(len(variants) - len(last_rows)):
            scored()
        for row in self._predict(waiting):
            if row is last_rows[id(row.variant)]:
                scored()
        return self._table(rows, haplotypes is not None)

    def _rows(self, variant, haplotypes):
        variant, window = self.place(variant)
        if window is None:
            yield _Row(variant)
        elif variant.kind == "breakend":
            junction = JoinedWindow.of(variant, window)
            share = (self.genome.fetch(*junction.mate) == UNKNOWN).mean()
            if share > self.settings.max_unknown:
                yield _Row(variant.failed("unknown_sequence", f"{share:.0%} of the mate's {junction.mate} is N"))
            else:
                alternatives = junction.alternatives(self.genome, variant.sequence)
                yield _Row(variant, 0, window, alternatives, junction)
        elif haplotypes is None:
            yield _Row(variant, 0, window, (variant.edits(self.genome),))
        else:
            for haplotype in variant.phase:
                alleles = haplotypes.alleles(variant, haplotype, window)
                if overlap(alleles):
                    yield _Row(variant.failed("overlapping"), haplotype)
                else:
                    edits = tuple(edit for each in alleles for edit in each.edits(self.genome))
                    yield _Row(variant, haplotype, window, (edits,))

    def maps(self, variants, haplotypes=None):
        """Maps of the windows of some variants, without and with each of them.

        Variants that cannot be scored and breakends, whose maps join two places, have none.

        Parameters
        ----------
        variants, haplotypes
            As of :meth:`score`.

        Yields
        ------
        (Variant, int, ndarray, ndarray)
            The variant; its haplotype, 0 without ``haplotypes``; reference and alternative map, means over strands and
            shifts: float32 (outputs, bins, bins), both on the bins of the reference, NaN where there is no value. Those
            of one window follow each other.
        """
        rows = [row for variant in variants for row in self._rows(variant, haplotypes)]
        waiting = [row for row in rows if row.window is not None and row.junction is None]
        waiting.sort(key=lambda row: row.window)
        for row, _, prediction in self._stream(waiting):
            alternative = self.comparison.aligned(prediction.reference, prediction.values, prediction.altered.bins)[1]
            pair = (self.comparison.mean_maps(values) for values in (prediction.reference, alternative))
            yield row.variant, row.haplotype, *pair

    def _stream(self, rows):
        """(row, number of its alternative, prediction) of the rows; rows of one window follow each other."""
        requests = []
        for row in rows:
            if not requests or requests[-1].window != row.window:
                requests.append(Request(row.window, (), []))
            request = requests[-1]
            request.name.extend((row, number) for number in range(len(row.alternatives)))
            requests[-1] = replace(request, alternatives=request.alternatives + row.alternatives)
        for prediction in self._predictor.stream(requests):
            if prediction.alternative is not None:
                yield *prediction.request.name[prediction.alternative], prediction

    def _predict(self, rows):
        """Compute the change of each row and yield it; rows of one window follow each other."""
        waiting = None
        for row, number, prediction in self._stream(rows):
            if row.junction is None:
                row.change = self._changed(row, prediction)
                yield row
            elif number == 0:
                waiting = prediction
            else:
                row.change = self._joined(row, waiting, prediction)
                yield row

    def _changed(self, row, prediction):
        variant = row.variant
        reference = variant.end - variant.start
        new = {"duplication": variant.duplicated, "inversion": reference}
        length = new.get(variant.kind, len(variant.sequence))
        after = alternative_middle(prediction.altered.origin, variant.start, variant.end, length)
        places = self._bin(variant.middle - row.window.start), self._bin(after)
        return self.comparison(prediction.reference, prediction.values, prediction.altered.bins, places)

    def _joined(self, row, prediction, mate):
        place = self._bin(row.variant.start - row.window.start)
        reference = row.junction.reference(self.model, prediction.reference, mate.values)
        return self.comparison(reference, prediction.values, None, (place, place), own=prediction.reference)

    def _bin(self, offset):
        """Bin of the map with a base of the window."""
        return (offset - self.model.geometry.crop) // self.model.bin_size

    def _table(self, rows, with_haplotype):
        names, datasets = self.comparison.names, self.model.outputs
        count = len(rows) * len(datasets)
        columns = {name: [] for name in self._columns(with_haplotype)}
        scores = np.full((len(rows), 2, len(names), len(datasets)), np.nan)
        for index, row in enumerate(rows):
            self._describe(columns, row, with_haplotype)
            if row.change is not None:
                scores[index] = row.change.mean, row.change.spread
        table = {name: values for name, values in columns.items() if values or not count}
        flat = scores.transpose(0, 3, 2, 1).reshape(count, len(names), 2)
        for place, name in enumerate(names):
            table[name], table[f"{name}_sd"] = flat[:, place, 0], flat[:, place, 1]
        table = pd.DataFrame(table, columns=self._columns(with_haplotype))
        return table.astype(dict.fromkeys(WHOLE_NUMBERS, "Int64"))

    def _columns(self, with_haplotype):
        scores = [column for name in self.comparison.names for column in (name, f"{name}_sd")]
        haplotype = ["haplotype"] if with_haplotype else []
        return [*INPUT_COLUMNS, *haplotype, *PLACE_COLUMNS, "dataset", *scores, *PEAK_COLUMNS]

    def _describe(self, columns, row, with_haplotype):
        """Add the columns that do not depend on predictions, once for each dataset."""
        variant, window, n = row.variant, row.window, len(self.model.outputs)
        values = {name: getattr(variant, name) for name in [*INPUT_COLUMNS, "kind", "genome_chrom", "status", "reason"]}
        known = variant.start >= 0
        for name in ("start", "end", "size"):
            values[name] = getattr(variant, name) if known else pd.NA
        values["window_start"], values["window_end"] = window[1:] if window else (pd.NA, pd.NA)
        if with_haplotype:
            values["haplotype"] = row.haplotype
        for name, value in values.items():
            columns[name] += [value] * n
        columns["dataset"] += self.model.outputs
        for dataset in range(n):
            places = self._peak(row, dataset)
            for name, value in zip(PEAK_COLUMNS, places, strict=True):
                columns[name].append(value)

    def _peak(self, row, dataset):
        """(chrom, start, start) of the bins whose pixel changes most."""
        if row.change is None or row.change.peak[0, dataset] < 0:
            return "", pd.NA, pd.NA
        bins = row.change.peak[:, dataset].tolist()
        if row.junction is not None:
            (chrom, first), (_, second) = (row.junction.place_of_bin(self.model, each) for each in bins)
            return chrom, *sorted((first, second))
        start = row.window.start + self.model.geometry.crop
        return row.window.chrom, *(start + each * self.model.bin_size for each in bins)


def score_variants(
    model, fasta, variants, *, settings=None, chain=None, sample=None, background=None, progress=None, **options
):
    """Score DNA variants.

    Parameters
    ----------
    model : akitaflow.model.folding_model.FoldingModel
    fasta : str, Path or akitaflow.genome.sequence.Genome
    variants : str, Path or DataFrame
        A VCF, BED or table (:func:`akitaflow.variants.tables.read_variants`), or a data frame with the columns chrom,
        pos (1-based), ref and alt.
    settings : Settings, optional
    chain : str or Path, optional
        Chain file of UCSC from the assembly of the variants to the genome.
    sample : str, optional
        Sample of a VCF; its phased haplotypes are scored instead of one allele at a time.
    background : akitaflow.variants.background.Background, optional
        Adds quantiles against random variants of the same kind and size.
    progress : str, optional
        Description of a progress line; by default none.
    **options
        ``format`` and ``bed_kind`` of :func:`akitaflow.variants.tables.read_variants`.

    Returns
    -------
    DataFrame
        As of :meth:`Scorer.score`.

    Raises
    ------
    InputError
        If the variants cannot be read. A single variant that cannot be scored has a row with the reason.
    """
    genome = fasta if hasattr(fasta, "fetch") else Genome(fasta)
    scorer = Scorer(model, genome, settings, Lift(chain) if chain else None)
    if not isinstance(variants, pd.DataFrame):
        scorer.check_contigs(variants, options.get("format"))

    def alleles():
        if isinstance(variants, pd.DataFrame):
            return from_frame(variants)
        return read_variants(variants, sample=sample, **options)

    tables = list(score_chunks(scorer, alleles, sample is not None, background, progress))
    return pd.concat(tables, ignore_index=True) if tables else scorer.score([])


def score_chunks(scorer, alleles, haplotypes=False, background=None, progress=None, skip=()):
    """Tables of scores of ``CHUNK`` variants at a time, so that any number of variants fits into memory.

    Parameters
    ----------
    scorer : Scorer
    alleles : callable
        Returns an iterator over the variants, in order, at each call.
    haplotypes : bool
        Whether rows are haplotypes: all variants that can be placed are then kept in memory.
    background, progress
        As in :func:`score_variants`.
    skip : collection of int
        Numbers of chunks to skip; None is yielded for them.

    Yields
    ------
    DataFrame or None
    """
    carried = Haplotypes(scorer.place(variant)[0] for variant in alleles()) if haplotypes else None
    finished = iter(())
    if progress is not None:
        finished = logs.progress(range(sum(1 for _ in alleles())), progress, unit="variant")
        next(finished, None)  # begins the line; each further step counts a variant
    variants = iter(alleles())
    for number in count():
        chunk = list(islice(variants, CHUNK))
        if not chunk:
            break
        if number in skip:
            for _ in chunk:
                next(finished, None)
            yield None
        else:
            table = scorer.score(chunk, carried, lambda: next(finished, None))
            yield background.add_quantiles(table) if background is not None else table
