"""Source data of figures."""

import numpy as np
import pandas as pd


def pixel_table(maps, start, bin_size, offset=1, **labels):
    """Upper triangle of one or more maps of a region as a table.

    Parameters
    ----------
    maps : dict of str to ndarray, shape (bins, bins)
        Maps by column name.
    start : int
        First base of the first bin, bp.
    bin_size : int
        bp.
    offset : int
        First diagonal to include.
    **labels : str or int
        Constant columns, placed first.

    Returns
    -------
    DataFrame
        A row per pixel, row by row: the labels, start_1 and start_2 (bp, starts of the two bins), the maps.
    """
    rows, columns = np.triu_indices(len(next(iter(maps.values()))), offset)
    places = {"start_1": start + rows * bin_size, "start_2": start + columns * bin_size}
    return pd.DataFrame({**labels, **places, **{name: values[rows, columns] for name, values in maps.items()}})
