"""Predictions on another genome: agreement with measured maps, and the effect of randomising repeats of one family.

The paper predicts mouse maps with the model of human maps. B2 SINEs contain CTCF motifs at which the ChAHP complex
prevents CTCF binding; randomising them makes predictions more similar to the measured maps (Fig. 3b, Supplementary
Fig. 8). The control randomises as many intervals of the same lengths at random positions in the same window.
"""

import numpy as np
import pandas as pd

from akitaflow.dataset.windows import WINDOW_COLUMNS, choose_strongest
from akitaflow.evaluation import bootstrap, scores
from akitaflow.files import write_h5
from akitaflow.genome.intervals import Window, inside
from akitaflow.genome.repeats import random_intervals
from akitaflow.prediction.perturb import Randomise, merge_intervals
from akitaflow.prediction.stream import Request

#: What is randomised: the repeats, or as many intervals of the same lengths elsewhere.
KINDS = ("elements", "control")
#: Maps that are compared with the measured one.
MAPS = ("reference", *KINDS)
SUMMARY = ["quantity", "mean", "low", "high", "median", "n_windows", "n_contigs", "median_low", "median_high",
           "share_spearman", "share_low", "share_high"]  # fmt: skip


def place(genome, windows, elements, draws, seed, name):
    """Intervals to randomise in each window: its elements, and for each draw a control.

    Parameters
    ----------
    genome : akitaflow.genome.sequence.Genome
    windows : DataFrame
        window, chrom, start, end.
    elements : DataFrame
        chrom, start, end (0-based, half-open). Elements contained in a window are used; overlapping ones are merged.
    draws : int
        Number of controls.
    seed : int
        Seed of the study.
    name : str
        Name of the elements, part of the seed.

    Returns
    -------
    DataFrame
        window, chrom, start, end, kind (:data:`KINDS`), draw (of the control; -1 for elements, which are the same in
        every draw). Controls have the number and lengths of the elements, contain no N, and overlap no element and no
        other control interval of their draw.

    Raises
    ------
    InputError
        If a window has no room for its control.
    """
    chosen = elements_in_windows(elements, windows)
    tables = [chosen.assign(kind="elements", draw=-1)]
    for draw in range(draws):
        control = random_intervals(genome, windows, chosen, elements, seed, "cross_species", name, draw)
        tables.append(control.assign(kind="control", draw=draw))
    return pd.concat(tables, ignore_index=True)


def elements_in_windows(elements, windows):
    """Elements contained in each window, overlapping ones merged; DataFrame of window, chrom, start, end."""
    rows = []
    chosen, window_rows = inside(elements, windows)
    for row, part in elements.iloc[chosen].groupby(window_rows):
        window, chrom = windows["window"].iloc[row], windows["chrom"].iloc[row]
        merged = merge_intervals(zip(part["start"], part["end"], strict=True))
        rows += [(window, chrom, start, end) for start, end in merged]
    return pd.DataFrame(rows, columns=["window", "chrom", "start", "end"])


class Comparison:
    """Requests of each window: the reference, and in several draws its elements and its control randomised.

    Parameters
    ----------
    placed : DataFrame
        Of :func:`place`.
    name : str
        Name of the elements, part of the seed.
    seed : int
        Seed of the study.
    draws : int
        Random sequences per window.
    """

    def __init__(self, placed, name, seed, draws):
        self.name, self.seed, self.draws = name, seed, draws
        self._placed = {
            key: list(zip(rows["start"], rows["end"], strict=True))
            for key, rows in placed.groupby(["window", "kind", "draw"])
        }

    def elements(self, number):
        """Elements of a window number as a list of (start, end)."""
        return self._placed.get((number, "elements", -1), [])

    def request(self, number, window):
        """The request of a window: for each draw an alternative for the elements, then one for the control."""
        elements = self.elements(number)
        if not elements:
            return Request(window)
        alternatives = []
        for draw in range(self.draws):
            for kind, intervals in zip(KINDS, (elements, self._placed[number, "control", draw]), strict=True):
                key = (self.seed, "cross_species", self.name, kind, str(window), draw)
                alternatives.append(tuple(Randomise(int(start), int(end), key) for start, end in intervals))
        return Request(window, tuple(alternatives))

    def kind(self, alternative):
        """Kind (:data:`KINDS`) of an alternative by its index."""
        return KINDS[alternative % len(KINDS)]


def score(predictor, windows, targets, output, comparison):
    """Correlation of predicted and measured maps in each window, before and after randomisation.

    Parameters
    ----------
    predictor : akitaflow.prediction.predictor.Predictor
    windows : DataFrame
        window, chrom, start, end, fold, contig.
    targets : ndarray, shape (windows, n_values)
    output : str
        Name of the model output to compare.
    comparison : Comparison

    Returns
    -------
    DataFrame
        The columns of ``windows``; n_elements (after merging), element_share (fraction of the window's bases); pearson
        and spearman of the reference; spearman_elements and spearman_control (mean over draws; equal to spearman in
        windows without elements); signal (mean(target^2)).
    """
    model = predictor.model
    column = model.outputs.index(output)
    requests = _requests(windows, comparison)
    table = windows[WINDOW_COLUMNS].reset_index(drop=True)
    intervals = [comparison.elements(number) for number in table["window"]]
    table["n_elements"] = [len(elements) for elements in intervals]
    table["element_share"] = [sum(end - start for start, end in elements) / model.length for elements in intervals]
    n = len(windows)
    sums = {kind: np.zeros(n) for kind in KINDS}
    unperturbed = {name: np.full(n, np.nan) for name in ("pearson", "spearman")}
    for prediction in predictor.stream(requests, progress=f"{comparison.name} randomised"):
        row, values = prediction.request_index, prediction.values[:, column]
        if prediction.alternative is None:
            for name in unperturbed:
                unperturbed[name][row] = getattr(scores, name)(targets[row], values)
        else:
            agreement = scores.spearman(targets[row], values)
            sums[comparison.kind(prediction.alternative)][row] += agreement / comparison.draws
    for name, values in unperturbed.items():
        table[name] = values
    touched = (table["n_elements"] > 0).to_numpy()
    for kind in KINDS:
        table[f"spearman_{kind}"] = np.where(touched, sums[kind], unperturbed["spearman"])
    table["signal"] = scores.signal(targets, axis=-1)
    return table


def summarise(table, n, seed):
    """Mean and median Spearman before and after, the gains, and how all of them vary with the share of elements.

    Parameters
    ----------
    table : DataFrame
        Of :func:`score`.
    n : int
        Resamples.
    seed : tuple
        ``(seed, *names)``.

    Returns
    -------
    DataFrame
        quantity, mean, low, high (of the mean), median, n_windows, n_contigs, median_low, median_high, share_spearman
        (rank correlation of the quantity and the share of a window's bases in elements), share_low, share_high.
        Intervals: 95 %, bootstrap over contigs; NaN with fewer than 5. Quantities: ``reference``, ``elements``,
        ``control``, and the differences ``elements - reference``, ``control - reference``.
    """
    values = {"reference": table["spearman"], **{kind: table[f"spearman_{kind}"] for kind in KINDS}}
    values |= {f"{kind} - reference": values[kind] - values["reference"] for kind in KINDS}
    rows = []
    for name, column in values.items():
        known = column.notna()
        numbers, contigs = column[known].to_numpy(), table.loc[known, "contig"]
        shares = table.loc[known, "element_share"].to_numpy()
        mean = bootstrap.mean(numbers, contigs, n, (*seed, name))
        median = bootstrap.estimate(lambda rows, numbers=numbers: np.median(numbers[rows]), contigs, n,
                                    (*seed, name, "median"))  # fmt: skip
        share = bootstrap.rank_correlation(shares, numbers, contigs, n, (*seed, name, "share"))
        rows.append((name, *mean, median.value, len(numbers), contigs.nunique(), *median[1:], *share))
    return pd.DataFrame(rows, columns=SUMMARY)


def example_maps(predictor, windows, comparison, output):
    """Predict the maps of some windows: reference, and means over draws for elements and control.

    Parameters
    ----------
    predictor : akitaflow.prediction.predictor.Predictor
    windows : DataFrame
        window, chrom, start, end.
    comparison : Comparison
    output : str

    Returns
    -------
    dict of str to ndarray of float32, shape (windows, n_values)
        Keys :data:`MAPS`.
    """
    model = predictor.model
    column = model.outputs.index(output)
    maps = {name: np.zeros((len(windows), model.n_values)) for name in MAPS}
    requests = _requests(windows, comparison)
    for prediction in predictor.stream(requests):
        values = prediction.values[:, column]
        if prediction.alternative is None:
            maps["reference"][prediction.request_index] = values
        else:
            maps[comparison.kind(prediction.alternative)][prediction.request_index] += values / comparison.draws
    return {name: values.astype(np.float32) for name, values in maps.items()}


def _requests(windows, comparison):
    return [
        comparison.request(row.window, Window(row.chrom, int(row.start), int(row.end))) for row in windows.itertuples()
    ]


def choose(table, n):
    """Numbers of at most n non-overlapping windows with elements and the strongest measured patterns."""
    return choose_strongest(table[table["n_elements"] > 0].set_index("window"), "signal", n)


def write_maps(path, maps, targets, windows, /, **about):
    """Write example maps to an HDF5 file.

    Datasets :data:`MAPS` and ``target`` float32 (windows, n_values); window, start, end, n_elements, chrom.

    Parameters
    ----------
    path : str
    maps : dict
        Of :func:`example_maps`.
    targets : ndarray, shape (windows, n_values)
    windows : DataFrame
        In the order of the maps.
    **about : object
        Attributes.
    """
    arrays = {name: np.asarray(values, np.float32) for name, values in {**maps, "target": targets}.items()}
    arrays |= {name: windows[name].to_numpy(np.int64) for name in ("window", "start", "end", "n_elements")}
    write_h5(path, arrays | {"chrom": windows["chrom"].tolist()}, about)
