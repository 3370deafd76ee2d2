"""Prediction of maps for windows and their perturbations: one stream, the only caller of the model.

Every analysis asks through :func:`stream`. It batches sequences across windows, predicts each reference window once
however many alternatives it has, predicts no sequence twice within a request, averages over reverse complement and
shifts where asked, and holds no more than a few batches at a time.
"""

from collections import Counter, deque
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np

from akitaflow import logs
from akitaflow.errors import InputError
from akitaflow.genome.intervals import some_names
from akitaflow.genome.sequence import UNKNOWN, reverse_complement
from akitaflow.prediction.perturb import Altered, apply


@dataclass(frozen=True)
class Average:
    """The strands and shifts of a sequence over which its prediction is averaged.

    Parameters
    ----------
    reverse_complement : bool
        Also predict the reverse complement of each and flip its map back.
    shifts : tuple of int
        bp by which the sequence moves to the right, bases that leave it being lost and N coming in; as in the
        authors' code.
    """

    reverse_complement: bool = False
    shifts: tuple = (0,)

    def __post_init__(self):
        if not self.shifts:
            raise InputError("average: shifts is empty; write [0] for none")

    @classmethod
    def from_config(cls, average):
        """Of the config's ``average``: reverse_complement, shifts."""
        return cls(average["reverse_complement"], tuple(average["shifts"]))

    @property
    def size(self):
        """Number of predictions that one sequence costs."""
        return len(self.shifts) * (2 if self.reverse_complement else 1)

    def strands_and_shifts(self, codes):
        """Yield (codes, flipped) of each shift and strand; ``flipped`` says that its map must be flipped back."""
        for shift in self.shifts:
            moved = codes
            if shift:
                moved = np.full_like(codes, UNKNOWN)
                moved[max(shift, 0) : len(codes) + min(shift, 0)] = codes[max(-shift, 0) : len(codes) - max(shift, 0)]
            yield moved, False
            if self.reverse_complement:
                yield reverse_complement(moved), True


@dataclass(frozen=True)
class Request:
    """A window and the alternatives of it that are wanted.

    Parameters
    ----------
    window : akitaflow.genome.intervals.Window or (chrom, start, end)
        Of the model's length.
    alternatives : tuple of tuples of perturbations
        Each inner tuple is one alternative, applied at once.
    name : object
        Anything the caller wants to find the request by.
    reference : ndarray of float32, shape (n_values, outputs), optional
        The window's own map where it is known already: it is then not predicted again.
    """

    window: tuple
    alternatives: tuple = ()
    name: object = None
    reference: np.ndarray | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, eq=False)
class Prediction:
    """One predicted map.

    Attributes
    ----------
    request_index : int
        Position of the request in the stream.
    request : Request
    alternative : int or None
        Position of the alternative in the request, None for the reference window.
    values : ndarray of float32, shape (n_values, outputs)
        Upper triangle of the map of each output. Shared with other predictions of the same sequence: do not change.
    reference : ndarray of float32, shape (n_values, outputs)
        The reference window's map; the same object as ``values`` where the sequences are equal.
    altered : akitaflow.prediction.perturb.Altered or None
        The alternative window, None for the reference.
    """

    request_index: int
    request: Request
    alternative: int | None
    values: np.ndarray = field(repr=False)
    reference: np.ndarray = field(repr=False)
    altered: Altered | None = field(repr=False)


def stream(model, genome, requests, *, batch_size=8, average=None, progress=None):
    """Predict the maps of windows and of their alternatives.

    Parameters
    ----------
    model : akitaflow.model.folding_model.FoldingModel
        Its ``predict_codes`` is called here and nowhere else.
    genome : akitaflow.genome.sequence.Genome
    requests : iterable of Request
        May be a generator; it is read as predictions are consumed.
    batch_size : int
        Sequences per call of the model.
    average : Average, optional
        Default: the sequence as it is.
    progress : str, optional
        Description of a progress line that counts requests; none without.

    Yields
    ------
    Prediction
        Of each request first the reference, then its alternatives in order; requests in order. A request with the
        same window as the one before it shares its reference.

    Raises
    ------
    InputError
        A window that is not of the model's length or on no chromosome of the genome; perturbations that do not fit
        (:func:`akitaflow.prediction.perturb.apply`).
    """
    work = _Queue(model, batch_size, average or Average())
    waiting = deque()
    if progress is not None:
        requests = logs.progress(requests, progress, unit="window")
    for item in _items(model, genome, requests, work):
        waiting.append(item)
        # items that need no prediction of their own must not pile up behind a batch that is not full
        if len(waiting) >= 4 * batch_size:
            work.flush()
        while waiting and waiting[0].ready:
            yield waiting.popleft().prediction()
    work.flush()
    while waiting:
        yield waiting.popleft().prediction()


class _Job:
    """One sequence to predict; its values are the mean over its strands and shifts once none is left."""

    def __init__(self, values=None):
        self.left = 0
        self.total = 0.0
        self.values = values

    def add(self, values):
        self.total = self.total + values
        self.left -= 1
        if not self.left:
            self.values = self.total.astype(np.float32)
            self.total = None


class _Queue:
    """Collects strands and shifts of sequences and runs the model whenever a batch is full."""

    def __init__(self, model, batch_size, average):
        if batch_size < 1:
            raise InputError(f"batch_size is {batch_size}; write 1 or more")
        self.model, self.batch_size, self.average = model, batch_size, average
        self.flip = model.geometry.flip_index() if average.reverse_complement else None
        self.pending = []  # (codes, flipped, job)

    def add(self, codes):
        job = _Job()
        job.left = self.average.size
        for moved, flipped in self.average.strands_and_shifts(codes):
            self.pending.append((moved, flipped, job))
        while len(self.pending) >= self.batch_size:
            self._run(self.pending[: self.batch_size])
            del self.pending[: self.batch_size]
        return job

    def flush(self):
        if self.pending:
            self._run(self.pending)
            self.pending = []

    def _run(self, batch):
        predicted = np.asarray(self.model.predict_codes(np.stack([codes for codes, _, _ in batch])))
        for values, (_, flipped, job) in zip(predicted, batch, strict=True):
            # a copy, so that a value that is kept does not keep its whole batch
            share = (values[self.flip] if flipped else values) / self.average.size
            job.add(share)


@dataclass
class _Item:
    """A prediction whose values may still be in the queue."""

    index: int
    request: Request
    alternative: int | None
    job: _Job
    reference: _Job
    altered: Altered | None

    @property
    def ready(self):
        return self.job.values is not None and self.reference.values is not None

    def prediction(self):
        return Prediction(
            self.index, self.request, self.alternative, self.job.values, self.reference.values, self.altered
        )


def _items(model, genome, requests, work):
    """Items of all requests in order; every sequence that must be predicted is put to work once."""
    window = codes = reference = None
    for index, request in enumerate(requests):
        if window is None or tuple(request.window) != window:
            window = tuple(request.window)
            chrom, start, end = window
            if end - start != model.length:
                raise InputError(f"window {chrom}:{start}-{end} is {end - start} bp; the model takes {model.length}")
            known = getattr(genome, "chromsizes", None)  # sequences in the place of a genome have no chromosomes
            if known is not None and chrom not in known:
                raise InputError(f"no chromosome {chrom!r} in the genome; it has {some_names(known)}")
            codes = genome.fetch(chrom, start, end)
            reference = work.add(codes) if request.reference is None else _Job(request.reference)
        yield _Item(index, request, None, reference, reference, None)
        yield from _alternatives(model, genome, index, request, codes, reference, work)


def _alternatives(model, genome, index, request, codes, reference, work):
    def altered_window(perturbations) -> Altered:
        return apply(genome, request.window, perturbations, model.bin_size, reference=codes)

    # Sequences are made twice: first to count how often each is wanted, so that its values are kept no longer than
    # needed. Making one costs a thousandth of predicting it.
    wanted = Counter()
    if len(request.alternatives) > 1:
        wanted.update(_digest(altered_window(perturbations)) for perturbations in request.alternatives)
    jobs = {}
    for position, perturbations in enumerate(request.alternatives):
        altered = altered_window(perturbations)
        if not len(altered.changed):
            job = reference
        else:
            key = _digest(altered)
            job = jobs.get(key) or work.add(altered.codes)
            wanted[key] -= 1
            if wanted[key] > 0:
                jobs[key] = job
            else:
                jobs.pop(key, None)
        yield _Item(index, request, position, job, reference, altered)


def _digest(altered):
    """A key of the sequence: what differs from the reference and where."""
    key = blake2b(altered.changed.tobytes(), digest_size=16)
    for start, end in altered.changed:
        key.update(altered.codes[start:end])
    return key.digest()


def n_predictions(requests, average=None):
    """An upper bound of the sequences that :func:`stream` predicts for a list of requests: equal ones count each."""
    return sum(1 + len(request.alternatives) for request in requests) * (average or Average()).size
