"""Tables of the numbers that are drawn (source data of figures)."""

import numpy as np
import pandas as pd


def pixel_table(maps, start, bin_size, offset=1, **labels):
    """The upper triangle of maps of one place as a table.

    Parameters
    ----------
    maps : dict of str to ndarray, shape (bins, bins)
        By the names of their columns.
    start : int
        First base of the first bin, bp.
    bin_size : int
        bp.
    offset : int
        First diagonal that counts.
    **labels : str or int
        Columns with the same value in each row; they come first.

    Returns
    -------
    DataFrame
        A row per pixel, row by row: the labels, start_1 and start_2 (bp, first bases of the two bins), the maps.
    """
    rows, columns = np.triu_indices(len(next(iter(maps.values()))), offset)
    places = {"start_1": start + rows * bin_size, "start_2": start + columns * bin_size}
    return pd.DataFrame({**labels, **places, **{name: values[rows, columns] for name, values in maps.items()}})
