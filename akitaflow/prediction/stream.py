"""Prediction of maps of windows and of their alternatives.

All analyses predict through :func:`stream`. It fills batches with sequences of several windows, predicts each reference
window once and equal sequences of a request once, averages over strands and shifts, and keeps a few batches in memory.
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

KEPT_BASES = 2**26  # alternatives of a request up to this total length are kept in memory until they are predicted


@dataclass(frozen=True)
class Average:
    """The strands and shifts of a sequence over which its prediction is averaged.

    Parameters
    ----------
    reverse_complement : bool
        Also predict the reverse complement of each sequence and flip its map.
    shifts : tuple of int
        bp by which the sequence is moved to the right. Bases beyond its end are lost and replaced by N at the other
        end, as in the authors' code.
    """

    reverse_complement: bool = False
    shifts: tuple = (0,)

    def __post_init__(self):
        if not self.shifts:
            raise InputError("average: shifts is empty; write [0] for none")
        twice = [shift for i, shift in enumerate(self.shifts) if shift in self.shifts[:i]]
        if twice:
            raise InputError(f"average: the shift {twice[0]} is there twice; write each once")

    @classmethod
    def from_config(cls, average):
        """Average from the config's ``average``: reverse_complement, shifts."""
        return cls(average["reverse_complement"], tuple(average["shifts"]))

    @property
    def size(self):
        """Number of predictions per sequence."""
        return len(self.shifts) * (2 if self.reverse_complement else 1)

    def check(self, length):
        """Raise an InputError if a shift moves all bases out of a window of ``length`` bp."""
        for shift in self.shifts:
            if abs(shift) >= length:
                raise InputError(
                    f"a shift of {shift} bp moves all bases out of the window of {length} bp; write shifts of a few "
                    "bp, as -1, 0, 1"
                )

    def strands_and_shifts(self, codes):
        """Yield (codes, flipped) of each shift and strand; ``flipped`` is True if the map must be flipped."""
        for shift in self.shifts:
            shifted = codes
            if shift:
                shifted = np.full_like(codes, UNKNOWN)
                shifted[max(shift, 0) : len(codes) + min(shift, 0)] = codes[max(-shift, 0) : len(codes) - max(shift, 0)]
            yield shifted, False
            if self.reverse_complement:
                yield reverse_complement(shifted), True


@dataclass(frozen=True)
class Request:
    """A window to predict, and alternatives of it.

    Parameters
    ----------
    window : akitaflow.genome.intervals.Window or (chrom, start, end)
        Of the model's length.
    alternatives : tuple of tuples of perturbations
        Each inner tuple is one alternative; its perturbations are applied together.
    name : object
        Any object by which the caller identifies the request.
    reference : ndarray of float32, shape (n_values, outputs), optional
        Map of the window, if it is known; it is not predicted again.
    """

    window: tuple
    alternatives: tuple = ()
    name: object = None
    reference: np.ndarray | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, eq=False)
class Prediction:
    """One predicted map.

    On a GPU the map stays there. ``values`` and ``reference`` copy it; :mod:`akitaflow.evaluation.map_scores` computes
    scores on the GPU.

    Attributes
    ----------
    request_index : int
        Index of the request in the stream.
    request : Request
    alternative : int or None
        Index of the alternative in the request; None for the reference window.
    values : ndarray of float32, shape (n_values, outputs)
        Upper triangle of the map of each output. Do not modify it: predictions of equal sequences share it.
    reference : ndarray of float32, shape (n_values, outputs)
        Map of the reference window; the same object as ``values`` if the sequences are equal.
    altered : akitaflow.prediction.perturb.Altered or None
        The alternative window; None for the reference.
    map, reference_map : ndarray or tensor
        ``values`` and ``reference`` on the device that computed them.
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
        Or another object with ``predict_codes``, which is called if there is no ``predict_maps``.
    genome : akitaflow.genome.sequence.Genome
    requests : iterable of Request
        May be a generator, which is read as predictions are consumed.
    batch_size : int
        Sequences per call of the model.
    average : Average, optional
        Strands and shifts to average over; by default none.
    progress : str, optional
        Description of a progress line that counts requests; by default no line.

    Yields
    ------
    Prediction
        For each request in order, the reference and then its alternatives in order. A request with the same window as
        the previous one shares its reference.

    Raises
    ------
    InputError
        If a window has another length than the model's, its chromosome is not in the genome, or perturbations are not
        valid (:func:`akitaflow.prediction.perturb.apply`).
    """
    queue = _Queue(model, batch_size, average or Average())
    waiting = deque()
    if average is not None:
        average.check(model.length)
    if progress is not None:
        requests = logs.progress(requests, progress, unit="window")
    sequences = _sequences(model, genome, requests)
    if getattr(model, "on_gpu", False):  # prepare the next sequences while the GPU computes
        sequences = _ahead(sequences, 2 * batch_size)
    for item in _items(sequences, queue):
        waiting.append(item)
        # limits the number of items that wait for a batch to become full
        if len(waiting) >= 4 * batch_size:
            queue.flush()
        while waiting and waiting[0].ready:
            yield waiting.popleft().prediction()
    queue.flush()
    while waiting:
        yield waiting.popleft().prediction()


class _Job:
    """A sequence to predict. ``map`` is the mean over strands and shifts, or None until all ``left`` are predicted."""

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
    """Collects the strands and shifts of sequences, and runs the model when a batch is full."""

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
        for shifted, flipped in self.average.strands_and_shifts(codes):
            self.pending.append((shifted, flipped, job))
        while len(self.pending) >= self.batch_size:
            self._run(self.pending[: self.batch_size])
            del self.pending[: self.batch_size]
        return job

    def known(self, values):
        """A job whose map is known."""
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
            # division makes a copy, so that a kept map does not keep its whole batch in memory
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
    codes: np.ndarray | None  # of a reference window; None if it is that of the previous request
    altered: Altered | None = None
    key: bytes | None = None  # identifies the sequence of an alternative that differs from the window
    again: bool = False  # whether the same sequence follows in the request


def _items(sequences, queue):
    """Items of all sequences in order. Each different sequence of a request is added to the queue once."""
    reference, jobs = None, {}
    for sequence in sequences:
        request = sequence.request
        if sequence.alternative is None:
            jobs = {}
            if sequence.codes is not None:
                reference = queue.add(sequence.codes) if request.reference is None else queue.known(request.reference)
        job = reference
        if sequence.key is not None:
            job = jobs.get(sequence.key) or queue.add(sequence.altered.codes)
            if sequence.again:
                jobs[sequence.key] = job
            else:
                jobs.pop(sequence.key, None)
        yield _Item(sequence.index, request, sequence.alternative, job, reference, sequence.altered)


def _sequences(model, genome, requests):
    """The windows of all requests, each followed by its alternatives."""
    window = codes = None
    for index, request in enumerate(requests):
        new = window is None or tuple(request.window) != window
        if new:
            window = tuple(request.window)
            chrom, start, end = window
            if end - start != model.length:
                raise InputError(f"window {chrom}:{start}-{end} is {end - start} bp; the model takes {model.length}")
            chromsizes = getattr(genome, "chromsizes", None)  # None: sequences that are not of a genome
            if chromsizes is not None and chrom not in chromsizes:
                raise InputError(f"no chromosome {chrom!r} in the genome; it has {some_names(chromsizes)}")
            codes = genome.fetch(chrom, start, end)
        yield _Sequence(index, request, None, codes if new else None)
        yield from _alternatives(model, genome, index, request, codes)


def _alternatives(model, genome, index, request, codes):
    def altered_window(perturbations) -> Altered:
        return apply(genome, request.window, perturbations, model.bin_size, reference=codes)

    # The number of alternatives with each sequence is counted first, so that a map is kept only until its last use.
    # Alternatives that together are too long for the memory are computed a second time.
    uses_left, kept = Counter(), None
    if 1 < len(request.alternatives) <= KEPT_BASES // model.length:
        kept = [altered_window(perturbations) for perturbations in request.alternatives]
        uses_left.update(map(_digest, kept))
    elif len(request.alternatives) > 1:
        uses_left.update(_digest(altered_window(perturbations)) for perturbations in request.alternatives)
    for position, perturbations in enumerate(request.alternatives):
        altered = kept[position] if kept else altered_window(perturbations)
        key = _digest(altered) if len(altered.changed) else None
        uses_left[key] -= 1
        yield _Sequence(index, request, position, None, altered, key, uses_left[key] > 0)
        if kept:
            kept[position] = None


def _ahead(iterable, size):
    """The members of an iterable, produced by a thread that is at most ``size`` members ahead."""
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
        except BaseException as error:  # raised in the thread of the caller
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
    """A key of the sequence: the intervals that differ from the reference, and their bases."""
    key = blake2b(altered.changed.tobytes(), digest_size=16)
    for start, end in altered.changed:
        key.update(altered.codes[start:end])
    return key.digest()


def n_predictions(requests, average=None):
    """Upper bound of the number of sequences that ``stream`` predicts; equal sequences are counted each time."""
    return sum(1 + len(request.alternatives) for request in requests) * (average or Average()).size
