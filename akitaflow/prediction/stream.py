"""Prediction of maps for windows and their perturbations: one stream, the only caller of the model.

Every analysis asks through :func:`stream`. It batches sequences across windows, predicts each reference window once
however many alternatives it has, predicts no sequence twice within a request, averages over reverse complement and
shifts where asked, and holds no more than a few batches at a time.
"""

from collections import Counter, deque
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from queue import Empty, Full, Queue
from threading import Event, Thread

import numpy as np

from akitaflow import logs
from akitaflow.errors import InputError
from akitaflow.genome.intervals import some_names
from akitaflow.genome.sequence import UNKNOWN, reverse_complement
from akitaflow.prediction.perturb import Altered, apply

KEPT_BASES = 2**26  # alternatives of a request that are made once and kept until predicted; of more, twice


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

    On a GPU the map stays there: ``values`` and ``reference`` copy it, :mod:`akitaflow.evaluation.map_scores` scores it
    where it is.

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
    map, reference_map : ndarray or tensor
        ``values`` and ``reference`` where they were computed.
    """

    request_index: int
    request: Request
    alternative: int | None
    map: object = field(repr=False)
    reference_map: object = field(repr=False)
    altered: Altered | None = field(repr=False)

    @cached_property
    def values(self):
        return np.asarray(self.map)

    @cached_property
    def reference(self):
        return self.values if self.reference_map is self.map else np.asarray(self.reference_map)


def stream(model, genome, requests, *, batch_size=8, average=None, progress=None):
    """Predict the maps of windows and of their alternatives.

    Parameters
    ----------
    model : akitaflow.model.folding_model.FoldingModel
        Its ``predict_maps``, or ``predict_codes`` where it has none, is called here and nowhere else.
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
    sequences = _sequences(model, genome, requests)
    if getattr(model, "on_gpu", False):  # the GPU computes while the next sequences are made
        sequences = _ahead(sequences, 2 * batch_size)
    for item in _items(sequences, work):
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
    """One sequence to predict; its map is the mean over its strands and shifts once none is left."""

    def __init__(self, map_=None):
        self.left = 0
        self.total = 0.0
        self.map = map_

    def add(self, share):
        self.total = self.total + share
        self.left -= 1
        if not self.left:
            self.map = self.total.astype(np.float32) if isinstance(self.total, np.ndarray) else self.total
            self.total = None


class _Queue:
    """Collects strands and shifts of sequences and runs the model whenever a batch is full."""

    def __init__(self, model, batch_size, average):
        if batch_size < 1:
            raise InputError(f"batch_size is {batch_size}; write 1 or more")
        self.model, self.batch_size, self.average = model, batch_size, average
        self.predict = getattr(model, "predict_maps", model.predict_codes)
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

    def known(self, values):
        """A job whose map is given."""
        return _Job(self.model.to_device(values) if hasattr(self.model, "to_device") else values)

    def flush(self):
        if self.pending:
            self._run(self.pending)
            self.pending = []

    def _run(self, batch):
        predicted = self.predict(np.stack([codes for codes, _, _ in batch]))
        for i, (_, flipped, job) in enumerate(batch):
            values = predicted[i]
            if flipped:
                values = values[self.flip] if isinstance(values, np.ndarray) else self.model.flipped(values)
            # a copy, so that a map that is kept does not keep its whole batch
            job.add(values / self.average.size)


@dataclass
class _Item:
    """A prediction whose map may still be in the queue."""

    index: int
    request: Request
    alternative: int | None
    job: _Job
    reference: _Job
    altered: Altered | None

    @property
    def ready(self):
        return self.job.map is not None and self.reference.map is not None

    def prediction(self):
        return Prediction(self.index, self.request, self.alternative, self.job.map, self.reference.map, self.altered)


@dataclass
class _Sequence:
    """A window or an alternative of it, before it is predicted."""

    index: int
    request: Request
    alternative: int | None
    codes: np.ndarray | None  # None: that of the request before
    altered: Altered | None = None
    key: bytes | None = None  # of an alternative that differs from the window
    again: bool = False  # whether the request has the same sequence once more


def _items(sequences, work):
    """Items of all sequences in order; every sequence that must be predicted is put to work once."""
    reference, jobs = None, {}
    for sequence in sequences:
        request = sequence.request
        if sequence.alternative is None:
            jobs = {}
            if sequence.codes is not None:
                reference = work.add(sequence.codes) if request.reference is None else work.known(request.reference)
        job = reference
        if sequence.key is not None:
            job = jobs.get(sequence.key) or work.add(sequence.altered.codes)
            if sequence.again:
                jobs[sequence.key] = job
            else:
                jobs.pop(sequence.key, None)
        yield _Item(sequence.index, request, sequence.alternative, job, reference, sequence.altered)


def _sequences(model, genome, requests):
    """The windows of all requests, each with its alternatives behind it."""
    window = codes = None
    for index, request in enumerate(requests):
        new = window is None or tuple(request.window) != window
        if new:
            window = tuple(request.window)
            chrom, start, end = window
            if end - start != model.length:
                raise InputError(f"window {chrom}:{start}-{end} is {end - start} bp; the model takes {model.length}")
            known = getattr(genome, "chromsizes", None)  # sequences in the place of a genome have no chromosomes
            if known is not None and chrom not in known:
                raise InputError(f"no chromosome {chrom!r} in the genome; it has {some_names(known)}")
            codes = genome.fetch(chrom, start, end)
        yield _Sequence(index, request, None, codes if new else None)
        yield from _alternatives(model, genome, index, request, codes)


def _alternatives(model, genome, index, request, codes):
    def altered_window(perturbations) -> Altered:
        return apply(genome, request.window, perturbations, model.bin_size, reference=codes)

    # How often each sequence is wanted is counted first, so that its map is kept no longer than needed. Where all
    # alternatives would take too much memory they are made a second time.
    wanted, kept = Counter(), None
    if 1 < len(request.alternatives) <= KEPT_BASES // model.length:
        kept = [altered_window(perturbations) for perturbations in request.alternatives]
        wanted.update(map(_digest, kept))
    elif len(request.alternatives) > 1:
        wanted.update(_digest(altered_window(perturbations)) for perturbations in request.alternatives)
    for position, perturbations in enumerate(request.alternatives):
        altered = kept[position] if kept else altered_window(perturbations)
        key = _digest(altered) if len(altered.changed) else None
        wanted[key] -= 1
        yield _Sequence(index, request, position, None, altered, key, wanted[key] > 0)
        if kept:
            kept[position] = None


def _ahead(iterable, size):
    """The members of an iterable, made in a thread that is at most ``size`` of them ahead."""
    members, stop, end = Queue(size), Event(), object()

    def put(member):
        while not stop.is_set():
            try:
                return members.put(member, timeout=0.1)
            except Full:
                continue

    def work():
        try:
            for member in iterable:
                put((member, None))
                if stop.is_set():
                    return
            put((end, None))
        except BaseException as error:  # reaches the caller
            put((end, error))

    thread = Thread(target=work, name="sequences ahead", daemon=True)
    thread.start()
    try:
        while True:
            try:
                member, error = members.get(timeout=10)
            except Empty:
                continue
            if error is not None:
                raise error
            if member is end:
                return
            yield member
    finally:
        stop.set()
        thread.join()


def _digest(altered):
    """A key of the sequence: what differs from the reference and where."""
    key = blake2b(altered.changed.tobytes(), digest_size=16)
    for start, end in altered.changed:
        key.update(altered.codes[start:end])
    return key.digest()


def n_predictions(requests, average=None):
    """An upper bound of the sequences that :func:`stream` predicts for a list of requests: equal ones count each."""
    return sum(1 + len(request.alternatives) for request in requests) * (average or Average()).size
