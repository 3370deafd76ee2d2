"""Motif mutagenesis: how predicted maps change when all sites of a motif in a window are randomised, or inverted.

The sites of a window are randomised together, several times with other random bases. Each draw gives the disruption,
mean((ref - mut)^2), and the change in signal, mean(ref^2) - mean(mut^2), of each output; both are then averaged over
draws. Example maps are means of predicted maps. Sites that share bases are randomised as one stretch. A window without
a site stays in the tables, with n_sites 0, no draws and no effect.
"""

import os
from dataclasses import dataclass

import h5py
import numpy as np
import pandas as pd

from akitaflow.dataset.windows import choose_strongest
from akitaflow.errors import InputError
from akitaflow.evaluation import scores
from akitaflow.genome.intervals import Window
from akitaflow.prediction.perturb import Invert, Randomise, merge_intervals
from akitaflow.prediction.stream import Request, stream

COMPOSITIONS = ("uniform", "window", "shuffle")
WINDOW_COLUMNS = ["window", "chrom", "start", "end", "fold", "dataset", "n_sites"]
SCORES = ["disruption", "change_in_signal", "signal", "signal_mutated"]


class _Plan:
    """What is done to the sites of each window; a subclass says it by ``request``."""

    def requests(self, genome, windows, pairs):
        """The requests of all windows, made as they are wanted.

        Parameters
        ----------
        genome : akitaflow.genome.sequence.Genome
        windows : DataFrame
            Of :func:`akitaflow.dataset.windows.fold_windows`.
        pairs : DataFrame
            Of :func:`akitaflow.genome.motifs.sites_in_windows`.
        """
        intervals = {window: list(zip(rows["start"], rows["end"], strict=True)) for window, rows in _by_window(pairs)}
        for row in windows.itertuples():
            window = Window(row.chrom, int(row.start), int(row.end))
            yield self.request(genome, window, intervals.get(row.window, []))


@dataclass(frozen=True)
class Inversion(_Plan):
    """Each site, sites that share bases as one stretch, is replaced by its reverse complement where it stands."""

    def request(self, genome, window, intervals):
        """The request of a window: one alternative with all its sites inverted; none without sites."""
        intervals = merge_intervals(intervals)
        return Request(window, (tuple(Invert(start, end) for start, end in intervals),) if intervals else ())


@dataclass(frozen=True)
class Mutagenesis(_Plan):
    """Each site, sites that share bases as one stretch, is replaced by random bases, several times.

    Parameters
    ----------
    motif : str
        Name of the set of sites; a part of every draw's seed.
    seed : int
        The study's.
    draws : int
        Random sequences per window.
    composition : str
        Random bases: ``uniform``, ``window`` (as frequent as in the window) or ``shuffle`` (each site's own bases).
    """

    motif: str
    seed: int
    draws: int = 10
    composition: str = "uniform"

    def __post_init__(self):
        if self.composition not in COMPOSITIONS:
            raise InputError(f"mutagenesis.composition is {self.composition!r}; write one of {', '.join(COMPOSITIONS)}")

    def request(self, genome, window, intervals):
        """The request of a window: one alternative per draw, each with all its intervals randomised; none without."""
        intervals = merge_intervals(intervals)
        if not intervals:
            return Request(window)
        composition = base_frequencies(genome.fetch(*window)) if self.composition == "window" else self.composition
        alternatives = tuple(
            tuple(
                Randomise(start, end, (self.seed, "mutagenesis", self.motif, str(window), draw), composition)
                for start, end in intervals
            )
            for draw in range(self.draws)
        )
        return Request(window, alternatives)


def _by_window(pairs):
    return pairs.groupby("window", sort=True)


def base_frequencies(codes):
    """Frequencies of A, C, G, T among the known bases; a quarter each where there is none."""
    counts = np.bincount(codes, minlength=5)[:4].astype(float)
    return tuple(counts / counts.sum()) if counts.sum() else (0.25,) * 4


class _Counted:
    """Requests with a known number, so that progress can say how much is left."""

    def __init__(self, requests, number):
        self.requests, self.number = requests, number

    def __iter__(self):
        return iter(self.requests)

    def __len__(self):
        return self.number


def score_draws(model, genome, windows, pairs, mutagenesis, *, each=None, batch_size=8, average=None, progress=None):
    """Scores of every draw, and the signal of every reference map.

    Parameters
    ----------
    model : akitaflow.model.folding_model.FoldingModel
    genome : akitaflow.genome.sequence.Genome
    windows : DataFrame
        Of :func:`akitaflow.dataset.windows.fold_windows`.
    pairs : DataFrame
        Of :func:`akitaflow.genome.motifs.sites_in_windows`.
    mutagenesis : Mutagenesis or Inversion
    each : callable, optional
        Gets every :class:`akitaflow.prediction.stream.Prediction` as well.
    batch_size, average, progress
        Of :func:`akitaflow.prediction.stream.stream`.

    Returns
    -------
    (references, draws) : tuple of DataFrame
        Columns window, dataset, signal; and window, dataset, draw, disruption, change_in_signal, signal_mutated.
        Scores in squared log units.
    """
    requests = _Counted(mutagenesis.requests(genome, windows, pairs), len(windows))
    numbers = windows["window"].to_numpy()
    references, draws = [], []
    for made in stream(model, genome, requests, batch_size=batch_size, average=average, progress=progress):
        if each:
            each(made)
        window = numbers[made.request_index]
        strength = scores.signal(made.values, axis=0)
        if made.alternative is None:
            references += zip([window] * len(strength), model.outputs, strength, strict=True)
            continue
        disruption = scores.disruption(made.reference, made.values, axis=0)
        change = scores.change_in_signal(made.reference, made.values, axis=0)
        for values in zip(model.outputs, disruption, change, strength, strict=True):
            draws.append((window, values[0], made.alternative, *values[1:]))
    return (
        pd.DataFrame(references, columns=["window", "dataset", "signal"]),
        pd.DataFrame(draws, columns=["window", "dataset", "draw", "disruption", "change_in_signal", "signal_mutated"]),
    )


def summarise(windows, pairs, references, draws):
    """The table of windows: scores averaged over draws, for each window and dataset.

    Parameters
    ----------
    windows, pairs : DataFrame
        As for :func:`score_draws`.
    references, draws : DataFrame
        Of :func:`score_draws`.

    Returns
    -------
    DataFrame
        Columns window, chrom, start, end, fold, dataset, n_sites, disruption, change_in_signal, signal,
        signal_mutated, n_draws. Windows without a site: n_sites and n_draws 0, disruption and change 0,
        signal_mutated as signal.
    """
    table = windows[["window", "chrom", "start", "end", "fold"]].merge(references, on="window", validate="1:m")
    table["n_sites"] = table["window"].map(pairs.groupby("window").size()).fillna(0).astype(int)
    grouped = draws.groupby(["window", "dataset"])
    means = grouped[["disruption", "change_in_signal", "signal_mutated"]].mean()
    means["n_draws"] = grouped.size()
    table = table.merge(means.reset_index(), on=["window", "dataset"], how="left")
    untouched = table["n_draws"].isna()
    table.loc[untouched, ["disruption", "change_in_signal", "n_draws"]] = 0
    table.loc[untouched, "signal_mutated"] = table["signal"]
    table["n_draws"] = table["n_draws"].astype(int)
    return table[[*WINDOW_COLUMNS, *SCORES, "n_draws"]]


def choose_examples(table, n):
    """The windows of strongest predicted patterns that have sites and do not overlap.

    Parameters
    ----------
    table : DataFrame
        Of :func:`summarise`; a window's strength is the mean signal of its datasets.
    n : int

    Returns
    -------
    list of int
        Numbers of at most ``n`` windows, the strongest first; fewer where no more qualify.
    """
    strength = (
        table[table["n_sites"] > 0]
        .groupby("window")
        .agg({"chrom": "first", "start": "first", "end": "first", "signal": "mean"})
    )
    return choose_strongest(strength, "signal", n)


def mean_maps(model, genome, windows, pairs, mutagenesis, *, batch_size=8, average=None):
    """Reference and mean mutated map of a few windows; arguments as in :func:`score_draws`.

    The maps are predicted anew, because which windows are wanted shows only after all were scored.

    Returns
    -------
    (reference, mutated) : ndarrays of float32, shape (windows, n_values, outputs)
    """
    shape = (len(windows), model.n_values, len(model.outputs))
    reference, mutated = np.zeros(shape, np.float32), np.zeros(shape)
    made_draws = np.zeros(len(windows), int)
    requests = mutagenesis.requests(genome, windows, pairs)
    for made in stream(model, genome, requests, batch_size=batch_size, average=average):
        if made.alternative is None:
            reference[made.request_index] = made.values
        else:
            mutated[made.request_index] += made.values
            made_draws[made.request_index] += 1
    whole = made_draws == 0
    mutated[whole] = reference[whole]
    return reference, (mutated / np.maximum(made_draws, 1)[:, None, None]).astype(np.float32)


def write_maps(path, model, windows, pairs, reference, mutated, /, **description):
    """Store example maps with all that is needed to draw them.

    Datasets ``reference`` and ``mutated`` (windows, n_values, outputs); ``window``, ``chrom``, ``start``, ``end``,
    ``fold``, ``n_sites`` per window; ``sites/example`` (row of the window), ``sites/start``, ``sites/end``,
    ``sites/strand``. Attributes outputs, bin_size, map_bins, diagonal_offset, and ``description``.

    Parameters
    ----------
    path : str
        Replaced whole.
    model : akitaflow.model.folding_model.FoldingModel
    windows, pairs : DataFrame
        The examples, in the order of the maps, and their sites.
    reference, mutated : ndarray
        Of :func:`mean_maps`.
    """
    text = h5py.string_dtype()
    order = {number: row for row, number in enumerate(windows["window"])}
    counts = pairs.groupby("window").size()
    part = f"{path}.part"
    with h5py.File(part, "w") as file:
        file.attrs.update(outputs=np.array(model.outputs, dtype=object), bin_size=model.bin_size)
        file.attrs.update(map_bins=model.map_bins, diagonal_offset=model.diagonal_offset, **description)
        file.create_dataset("reference", data=reference, compression="gzip")
        file.create_dataset("mutated", data=mutated, compression="gzip")
        for name in ("window", "start", "end"):
            file[name] = windows[name].to_numpy(np.int64)
        for name in ("chrom", "fold"):
            file.create_dataset(name, data=windows[name].tolist(), dtype=text)
        file["n_sites"] = windows["window"].map(counts).fillna(0).to_numpy(np.int64)
        file["sites/example"] = pairs["window"].map(order).to_numpy(np.int64)
        for name in ("start", "end"):
            file[f"sites/{name}"] = pairs[name].to_numpy(np.int64)
        file.create_dataset("sites/strand", data=pairs["strand"].tolist(), dtype=text)
    os.replace(part, path)


class AlteredMaps:
    """A file of the reference and the altered map of every window, filled prediction by prediction, named when whole.

    Datasets ``reference`` and ``altered`` float16 (windows, n_values, outputs); ``altered`` is the reference where a
    window has no alternative. Attributes outputs, bin_size, map_bins, diagonal_offset, and ``about``.

    Parameters
    ----------
    path : str
    model : akitaflow.model.folding_model.FoldingModel
    windows : DataFrame
        In the order of the requests.
    about : str
        Further attributes.
    """

    def __init__(self, path, model, windows, /, **about):
        self._path, self._part = path, f"{path}.part"
        shape = (len(windows), model.n_values, len(model.outputs))
        self._file = h5py.File(self._part, "w")
        self._file.attrs.update(outputs=np.array(model.outputs, dtype=object), bin_size=model.bin_size)
        self._file.attrs.update(map_bins=model.map_bins, diagonal_offset=model.diagonal_offset, **about)
        for name in ("reference", "altered"):
            self._file.create_dataset(name, shape, np.float16, chunks=(1, *shape[1:]))

    def add(self, prediction):
        """Take in the one alternative of a window, or its reference."""
        index, values = prediction.request_index, prediction.values.astype(np.float16)
        self._file["altered"][index] = values
        if prediction.alternative is None:
            self._file["reference"][index] = values

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self._file.close()
        if kind is None:
            os.replace(self._part, self._path)
