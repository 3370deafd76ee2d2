"""Insertion of sequences into random backgrounds: designed experiments about orientation, spacing and number of sites.

A background is a random sequence of the model's length with independent bases. An arrangement lists inserts with
strands, such as ``CTCF+ CTCF-``. They replace bases of the background, so that its length stays the same; their middles
are ``spacing`` bp apart, and the middle of all of them is the middle of the window. Every arrangement is put into every
background, and its map is compared with that of the background.

========================  ===========================================================================================
column                    definition
========================  ===========================================================================================
``disruption``            mean of (background - arrangement)^2
``change_in_signal``      mean(background^2) - mean(arrangement^2): negative where patterns appear
``change_in_contact``     arrangement - background, mean of the 3 x 3 pixels around the bins of the first and the last
                          insert: positive for a loop between them; NaN for one insert, or where these pixels are not
                          predicted
========================  ===========================================================================================

Values are log(observed / expected).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from akitaflow import logs
from akitaflow.errors import InputError
from akitaflow.evaluation import scores
from akitaflow.genome.intervals import Window
from akitaflow.prediction.perturb import Substitute
from akitaflow.prediction.stream import Request
from akitaflow.seeds import generator
from akitaflow.variants.variant import reverse_complement_text

NEIGHBOURS = 1  # bins on each side of the pixel of a contact
COLUMNS = ["background", "arrangement", "inserts", "spacing", "dataset", "disruption", "change_in_signal"]
COLUMNS += ["change_in_contact"]


class Backgrounds:
    """Random sequences in the place of a genome; each is a chromosome named by its number.

    Parameters
    ----------
    n : int
    length : int
        bp of each.
    gc : float
        Probability of G and C together.
    seed : int
    """

    def __init__(self, n, length, gc, seed):
        probabilities = [(1 - gc) / 2, gc / 2, gc / 2, (1 - gc) / 2]
        self._codes = {
            str(number): generator(seed, "experiments", "background", number)
            .choice(4, size=length, p=probabilities)
            .astype(np.uint8)
            for number in range(n)
        }
        self.chromsizes = dict.fromkeys(self._codes, length)

    def fetch(self, chrom, start, end):
        """Codes of a stretch of a background; ndarray of uint8, shape (end - start,)."""
        return self._codes[chrom][start:end]


@dataclass(frozen=True)
class Arrangement:
    """Inserts of one arrangement.

    Attributes
    ----------
    name : str
    inserts : tuple of (str, str)
        Name and strand, ``+`` or ``-``, of each insert from left to right.
    spacing : int
        Distance of the middles of neighbouring inserts, bp.
    """

    name: str
    inserts: tuple
    spacing: int

    @classmethod
    def from_config(cls, name, arrangement):
        """Of ``arrangements`` of an experiment in the config: sites, as ``[CTCF+, CTCF-]``, and spacing."""
        return cls(name, tuple((site[:-1], site[-1]) for site in arrangement["sites"]), arrangement["spacing"])

    def starts(self, sequences, length):
        """First base of each insert in a window, from 0.

        Parameters
        ----------
        sequences : dict of str to str
            Inserts by name.
        length : int
            Of the window.

        Returns
        -------
        list of int
        """
        first = length // 2 - self.spacing * (len(self.inserts) - 1) // 2
        return [
            first + place * self.spacing - len(sequences[name]) // 2 for place, (name, _) in enumerate(self.inserts)
        ]

    def edits(self, sequences, length):
        """The perturbations that make the arrangement.

        Parameters
        ----------
        sequences, length
            As of :meth:`starts`.

        Returns
        -------
        tuple of akitaflow.prediction.perturb.Substitute

        Raises
        ------
        InputError
            If inserts overlap or lie outside the window.
        """
        edits, end = [], 0
        for (name, strand), start in zip(self.inserts, self.starts(sequences, length), strict=True):
            sequence = sequences[name] if strand == "+" else reverse_complement_text(sequences[name])
            if start < end:
                where = "overlap" if edits else "begin before the window"
                raise InputError(f"arrangement {self.name}: its inserts {where}; write another spacing")
            end = start + len(sequence)
            edits.append(Substitute(start, end, sequence.upper()))
        if end > length:
            raise InputError(f"arrangement {self.name}: its inserts end beyond the window; write a smaller spacing")
        return tuple(edits)


def insert(predictor, sequences, arrangements, progress=None):
    """Predict every arrangement in every background.

    Parameters
    ----------
    predictor : akitaflow.prediction.predictor.Predictor
        Whose genome is :class:`Backgrounds` of the model's length.
    sequences : dict of str to str
        Inserts by name.
    arrangements : list of Arrangement
    progress : str, optional
        Description of a progress line; none without.

    Returns
    -------
    (DataFrame, ndarray)
        A row for each background, arrangement and dataset with the columns of the table above; and the mean over
        backgrounds of arrangement - background: float32, shape (arrangements, outputs, bins, bins).
    """
    model, length = predictor.model, predictor.model.length
    edits = tuple(arrangement.edits(sequences, length) for arrangement in arrangements)
    requests = [Request(Window(name, 0, length), edits, name) for name in predictor.genome.chromsizes]
    total = np.zeros((len(arrangements), model.n_values, len(model.outputs)))
    rows = []
    for prediction in predictor.stream(requests, progress):
        if prediction.alternative is None:
            continue
        arrangement = arrangements[prediction.alternative]
        difference = prediction.values.astype(float) - prediction.reference
        total[prediction.alternative] += difference
        disruption = scores.disruption(prediction.reference, prediction.values, axis=0)
        change = scores.change_in_signal(prediction.reference, prediction.values, axis=0)
        contacts = _contacts(model, difference, arrangement.starts(sequences, length), sequences, arrangement)
        names = " ".join(f"{name}{strand}" for name, strand in arrangement.inserts)
        about = (int(prediction.request.name), arrangement.name, names, arrangement.spacing)
        rows += [(*about, *values) for values in zip(model.outputs, disruption, change, contacts, strict=True)]
    means = total / max(len(requests), 1)
    maps = [[model.geometry.to_map(column.astype(np.float32)) for column in values.T] for values in means]
    table = pd.DataFrame(rows, columns=COLUMNS).sort_values(["background"], kind="stable", ignore_index=True)
    for arrangement in arrangements:
        of_pair = table.loc[table["arrangement"] == arrangement.name, "change_in_contact"]
        if len(arrangement.inserts) > 1 and of_pair.isna().all():
            logs.warn(
                f"arrangement {arrangement.name}: no change_in_contact, because the pixel of its first and last insert "
                "is not predicted: it is in the crop or too near the diagonal; write another spacing"
            )
    return table, np.array(maps, np.float32)


def _contacts(model, difference, starts, sequences, arrangement):
    """Change of contact of the first and the last insert for each output; NaN where there is none."""
    if len(starts) < 2:
        return np.full(difference.shape[1], np.nan)
    middles = [start + len(sequences[name]) // 2 for start, (name, _) in zip(starts, arrangement.inserts, strict=True)]
    first, last = ((middle - model.geometry.crop) // model.bin_size for middle in (middles[0], middles[-1]))
    rows, columns = model.geometry.pixels
    near = (abs(rows - first) <= NEIGHBOURS) & (abs(columns - last) <= NEIGHBOURS)
    return difference[near].mean(axis=0) if near.any() else np.full(difference.shape[1], np.nan)
