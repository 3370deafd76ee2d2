"""Comparison of published numbers with the results of a study.

The table of claims (config key ``claims``) names for each number the result file, rows and column. Claims whose file
does not exist are `not run`.
"""

from pathlib import Path

import numpy as np
import pandas as pd

NOT_RUN = "not run"
COLUMNS = ["id", "claim", "place", "expected", "tolerance", "measured", "holds", "file", "where", "column", "statistic",
           "note", "remark"]  # fmt: skip


class NotMeasured(Exception):
    """A claim has no number in the results; the message is the reason."""


def judge(claims, files):
    """Compare each claim with the measured value.

    Parameters
    ----------
    claims : DataFrame
        Of :func:`akitaflow.study.tables.read_claims`.
    files : collection of str
        Result files that may be used.

    Returns
    -------
    DataFrame
        The claims with ``measured`` (NaN if not run), ``holds`` (``yes`` if measured and expected differ by at most the
        tolerance, ``no``, or ``not run``) and ``remark`` (reason if not run).
    """
    tables, rows = {}, []
    for claim in claims.to_dict("records"):
        path, measured, remark = claim["file"], np.nan, ""
        try:
            if path not in files:
                raise NotMeasured(f"{path} is not there")
            if path not in tables:
                tables[path] = read_results(path)
            measured = measure(tables[path], claim["where"], claim["column"], claim["statistic"])
        except NotMeasured as reason:
            remark = str(reason)
        rows.append(claim | {"measured": measured, "holds": _holds(measured, claim), "remark": remark})
    return pd.DataFrame(rows)[COLUMNS]


def _holds(measured, claim):
    if np.isnan(measured):
        return NOT_RUN
    # allows for rounding where the difference equals the tolerance
    close = abs(measured - claim["expected"]) <= claim["tolerance"] + 1e-9 * max(1, abs(claim["expected"]))
    return "yes" if close else "no"


def read_results(path):
    """Read a result file as a table.

    Parameters
    ----------
    path : str or Path
        .tsv; .json (one row; keys of nested objects are joined by dots); .h5 (a row per array with its path ``array``
        and number of elements ``size``).

    Returns
    -------
    DataFrame
    """
    suffix = Path(path).suffix
    if suffix == ".json":
        import json

        return pd.json_normalize(json.loads(Path(path).read_text()))
    if suffix == ".h5":
        return _arrays(path)
    try:
        return pd.read_csv(path, sep="\t")
    except pd.errors.EmptyDataError:
        return pd.DataFrame()


def _arrays(path):
    import h5py

    arrays = []

    def note(name, node):
        if isinstance(node, h5py.Dataset):
            arrays.append({"array": name, "size": node.size})

    with h5py.File(path) as file:
        file.visititems(note)
    return pd.DataFrame(arrays, columns=["array", "size"])


def measure(table, where, column, statistic):
    """One number of a table.

    Parameters
    ----------
    table : DataFrame
    where : str
        Selection of rows (:meth:`pandas.DataFrame.query`); empty for all.
    column : str
    statistic : str
        ``value`` (of a single row), ``count`` (of rows), ``sum``, ``mean``, ``median``, ``min`` or ``max``; missing
        values are left out.

    Returns
    -------
    float

    Raises
    ------
    NotMeasured
        If the table has no such row, column or number.
    """
    chosen = _rows(table, where)
    if statistic == "count":
        return float(len(chosen))
    if column not in table:
        raise NotMeasured(f"no column {column!r}; there are {', '.join(map(str, table.columns))}")
    if chosen.empty:
        raise NotMeasured(f"no row where {where}" if where else "no row")
    if statistic == "value" and len(chosen) > 1:
        raise NotMeasured(f"{len(chosen)} rows where {where or 'there should be one'}; statistic value is of one row")
    values = pd.to_numeric(chosen[column], errors="coerce")
    if values.isna().all():
        raise NotMeasured(f"no number in column {column}")
    return float(values.iloc[0] if statistic == "value" else getattr(values, statistic)())


def _rows(table, where):
    if not where:
        return table
    try:
        # numexpr does not support text methods
        return table.query(where, engine="python")
    except Exception as error:  # for example unknown columns, or text compared with numbers
        raise NotMeasured(f"{where}: {error}") from None
