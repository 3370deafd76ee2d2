"""Motif mutagenesis: change of predicted maps when all sites of a motif in a window are randomised or inverted.

All sites of a window are randomised together, in several draws. Each draw gives the disruption, mean((ref - mut)^2),
and the change in signal, mean(ref^2) - mean(mut^2), of each output; both are averaged over draws. Example maps are
means of the predicted maps of the draws. Overlapping sites are randomised as one interval. Windows without a site are
kept in the tables, with n_sites 0, no draws and no effect.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from akitaflow.dataset.windows import choose_strongest
from akitaflow.errors import InputError
from akitaflow.evaluation import map_scores
from akitaflow.files import write_h5
from akitaflow.genome.intervals import Window
from akitaflow.prediction.map_files import map_attributes
from akitaflow.prediction.perturb import Invert, Randomise, merge_intervals
from akitaflow.prediction.stream import Request

COMPOSITIONS = ("uniform", "window", "shuffle")
WINDOW_COLUMNS = ["window", "chrom", "start", "end", "fold", "dataset", "n_sites"]
SCORES = ["disruption", "change_in_signal", "signal", "signal_mutated"]


class _Plan:
    """Base class of perturbations of the sites of each window; a subclass defines ``request``."""

    def requests(self, genome, windows, pairs):
        """Generate the requests of all windows.

        Parameters
        ----------
        genome : akitaflow.genome.sequence.Genome
        windows : DataFrame
            Of :func:`akitaflow.dataset.windows.fold_windows`.
        pairs : DataFrame
            Of :func:`akitaflow.genome.motifs.sites_in_windows`.

        Yields
        ------
        akitaflow.prediction.stream.Request
        """
        intervals = {window: list(zip(rows["start"], rows["end"], strict=True)) for window, rows in _by_window(pairs)}
        for row in windows.itertuples():
            window = Window(row.chrom, int(row.start), int(row.end))
            yield self.request(genome, window, intervals.get(row.window, []))


@dataclass(frozen=True)
class Inversion(_Plan):
    """Replace each site by its reverse complement; overlapping sites are one interval."""

    def request(self, genome, window, intervals):
        """The request of a window: one alternative with all sites inverted, or none without sites."""
        intervals = merge_intervals(intervals)
        return Request(window, (tuple(Invert(start, end) for start, end in intervals),) if intervals else ())


@dataclass(frozen=True)
class Mutagenesis(_Plan):
    """Replace each site by random bases in several draws; overlapping sites are one interval.

    Parameters
    ----------
    motif : str
        Name of the set of sites; part of every draw's seed.
    seed : int
        Seed of the study.
    draws : int
        Random sequences per window.
    composition : {"uniform", "window", "shuffle"}
        Random bases: equal frequencies, the frequencies of the window, or each site's own bases, shuffled.
    """

    motif: str
    seed: int
    draws: int = 10
    composition: str = "uniform"

    def __post_init__(self):
        if self.composition not in COMPOSITIONS:
            raise InputError(f"mutagenesis.composition is {self.composition!r}; write one of {', '.join(COMPOSITIONS)}")

    def request(self, genome, window, intervals):
        """The request of a window: one alternative per draw with all intervals randomised, or none without sites."""
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
    """Frequencies of A, C, G, T among the known bases; 0.25 each if there are none."""
    counts = np.bincount(codes, minlength=5)[:4].astype(float)
    return tuple(counts / counts.sum()) if counts.sum() else (0.25,) * 4


class _Counted:
    """Requests with a known number, for the progress line."""

    def __init__(self, requests, number):
        self.requests, self.number = requests, number

    def __iter__(self):
        return iter(self.requests)

    def __len__(self):
        return self.number


def score_draws(predictor, windows, pairs, mutagenesis, *, each=None, progress=None):
    """Scores of every draw, and the signal of every reference map.

    Parameters
    ----------
    predictor : akitaflow.prediction.predictor.Predictor
    windows : DataFrame
        Of :func:`akitaflow.dataset.windows.fold_windows`.
    pairs : DataFrame
        Of :func:`akitaflow.genome.motifs.sites_in_windows`.
    mutagenesis : Mutagenesis or Inversion
    each : callable, optional
        Called with every :class:`akitaflow.prediction.stream.Prediction`.
    progress : str, optional
        Description of a progress line.

    Returns
    -------
    (references, draws) : tuple of DataFrame
        References: window, dataset, signal. Draws: window, dataset, draw, disruption, change_in_signal,
        signal_mutated. Scores in squared log units.
    """
    outputs = predictor.model.outputs
    requests = _Counted(mutagenesis.requests(predictor.genome, windows, pairs), len(windows))
    numbers = windows["window"].to_numpy()
    references, draws = [], []
    for prediction in predictor.stream(requests, progress=progress):
        if each:
            each(prediction)
        window = numbers[prediction.request_index]
        strength = map_scores.signal(prediction)
        if prediction.alternative is None:
            references += zip([window] * len(strength), outputs, strength, strict=True)
            continue
        disruption = map_scores.disruption(prediction)
        change = map_scores.change_in_signal(prediction)
        for values in zip(outputs, disruption, change, strength, strict=True):
            draws.append((window, values[0], prediction.alternative, *values[1:]))
    return (
        pd.DataFrame(references, columns=["window", "dataset", "signal"]),
        pd.DataFrame(draws, columns=["window", "dataset", "draw", "disruption", "change_in_signal", "signal_mutated"]),
    )


def summarise(windows, pairs, references, draws):
    """Scores averaged over draws, for each window and dataset.

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
        signal_mutated, n_draws. In windows without a site, n_sites, n_draws, disruption and change_in_signal are 0 and
        signal_mutated equals signal.
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
    """Choose non-overlapping windows with sites and the strongest predicted patterns.

    Parameters
    ----------
    table : DataFrame
        Of :func:`summarise`; the strength of a window is its mean signal over datasets.
    n : int

    Returns
    -------
    list of int
        Numbers of at most ``n`` windows, the strongest first.
    """
    strength = (
        table[table["n_sites"] > 0]
        .groupby("window")
        .agg({"chrom": "first", "start": "first", "end": "first", "signal": "mean"})
    )
    return choose_strongest(strength, "signal", n)


def mean_maps(predictor, windows, pairs, mutagenesis):
    """Predict the reference map and the mean mutated map of some windows.

    The examples are chosen after all windows are scored, so their maps are predicted again.

    Parameters
    ----------
    predictor, windows, pairs, mutagenesis
        As in :func:`score_draws`.

    Returns
    -------
    (reference, mutated) : ndarrays of float32, shape (windows, n_values, outputs)
    """
    model = predictor.model
    shape = (len(windows), model.n_values, len(model.outputs))
    reference, mutated = np.zeros(shape, np.float32), np.zeros(shape)
    n_draws = np.zeros(len(windows), int)
    requests = mutagenesis.requests(predictor.genome, windows, pairs)
    for prediction in predictor.stream(requests):
        if prediction.alternative is None:
            reference[prediction.request_index] = prediction.values
        else:
            mutated[prediction.request_index] += prediction.values
            n_draws[prediction.request_index] += 1
    without_draws = n_draws == 0
    mutated[without_draws] = reference[without_draws]
    return reference, (mutated / np.maximum(n_draws, 1)[:, None, None]).astype(np.float32)


def write_maps(path, model, windows, pairs, reference, mutated, /, **description):
    """Write example maps and their sites to an HDF5 file.

    Datasets ``reference`` and ``mutated`` (windows, n_values, outputs); ``window``, ``chrom``, ``start``, ``end``,
    ``fold``, ``n_sites`` per window; ``sites/example`` (row of the window), ``sites/start``, ``sites/end``,
    ``sites/strand``. Attributes outputs, bin_size, map_bins, diagonal_offset, and ``description``.

    Parameters
    ----------
    path : str
        Replaced atomically.
    model : akitaflow.model.folding_model.FoldingModel
    windows, pairs : DataFrame
        The examples, in the order of the maps, and their sites.
    reference, mutated : ndarray, shape (windows, n_values, outputs)
        Of :func:`mean_maps`.
    **description : object
        Further attributes.
    """
    order = {number: row for row, number in enumerate(windows["window"])}
    counts = pairs.groupby("window").size()
    arrays = {"reference": reference, "mutated": mutated}
    arrays |= {name: windows[name].to_numpy(np.int64) for name in ("window", "start", "end")}
    arrays |= {name: windows[name].tolist() for name in ("chrom", "fold")}
    arrays["n_sites"] = windows["window"].map(counts).fillna(0).to_numpy(np.int64)
    arrays["sites/example"] = pairs["window"].map(order).to_numpy(np.int64)
    arrays |= {f"sites/{name}": pairs[name].to_numpy(np.int64) for name in ("start", "end")}
    arrays["sites/strand"] = pairs["strand"].tolist()
    write_h5(path, arrays, map_attributes(model) | description)


class AlteredMaps:
    """Writes the reference and the altered map of every window to an HDF5 file, one prediction at a time.

    Datasets ``reference`` and ``altered`` float16 (windows, n_values, outputs); ``altered`` equals ``reference`` in
    windows without an alternative. Attributes outputs, bin_size, map_bins, diagonal_offset, and ``about``.

    Parameters
    ----------
    file : h5py.File
        Open for writing, for example by :func:`akitaflow.files.whole_h5`.
    model : akitaflow.model.folding_model.FoldingModel
    windows : DataFrame
        In the order of the requests.
    **about : str
        Further attributes.
    """

    def __init__(self, file, model, windows, /, **about):
        self._file = file
        shape = (len(windows), model.n_values, len(model.outputs))
        file.attrs.update(map_attributes(model) | about)
        for name in ("reference", "altered"):
            file.create_dataset(name, shape, np.float16, chunks=(1, *shape[1:]))

    def add(self, prediction):
        """Write the map of a reference or of a window's only alternative."""
        index, values = prediction.request_index, prediction.values.astype(np.float16)
        self._file["altered"][index] = values
        if prediction.alternative is None:
            self._file["reference"][index] = values
