"""Strands and shifts of a sequence as separate outputs, so that scores have a mean and a spread."""

import numpy as np


class Members:
    """A model whose outputs are those of all strands and shifts, one after the other.

    :func:`akitaflow.prediction.stream.stream` averages maps. Here each strand and shift keeps its own map, so that
    scores can be averaged. Maps of reverse complements are flipped to the forward strand.

    Parameters
    ----------
    model : akitaflow.model.folding_model.FoldingModel
    average : akitaflow.prediction.stream.Average
        Strands and shifts.
    """

    def __init__(self, model, average):
        average.check(model.length)
        self.model, self.average = model, average
        self.geometry, self.length, self.bin_size = model.geometry, model.length, model.bin_size
        self.map_bins, self.diagonal_offset, self.n_values = model.map_bins, model.diagonal_offset, model.n_values
        self.outputs = list(model.outputs) * average.size
        self._flip = model.geometry.flip_index()

    def predict_codes(self, codes):
        """Maps of sequences.

        Parameters
        ----------
        codes : ndarray of uint8, shape (n, length)

        Returns
        -------
        ndarray of float32, shape (n, n_values, members * outputs)
        """
        sequences = [list(self.average.strands_and_shifts(row)) for row in codes]
        values = []
        for member in range(self.average.size):
            predicted = self.model.predict_codes(np.stack([each[member][0] for each in sequences]))
            values.append(predicted[:, self._flip] if sequences[0][member][1] else predicted)
        return np.concatenate(values, axis=-1)
