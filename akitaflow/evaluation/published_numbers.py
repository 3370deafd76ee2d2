"""Published numbers beside those that this study measures.

A table of claims (config key ``claims``) names for each number the file of this study that has it, the rows and the
column. What is not there is `not run`: a claim that was not measured neither holds nor fails.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from akitaflow.files import read_table

NOT_RUN = "not run"
COLUMNS = ["id", "claim", "place", "expected", "tolerance", "measured", "holds", "file", "where", "column", "statistic",
           "note", "remark"]  # fmt: skip


class NotMeasured(Exception):
    """Why a claim has no number."""


def judge(claims, files):
    """Each claim with what was measured.

    Parameters
    ----------
    claims : DataFrame
        Of :func:`akitaflow.study.tables.read_claims`.
    files : collection of str
        The files that count; of what is in another one nothing is measured.

    Returns
    -------
    DataFrame
        The claims with ``measured`` (NaN where there is nothing), ``holds`` (``yes`` where measured and expected differ
        by no more than the tolerance, ``no``, or ``not run``) and ``remark`` (why it is not run).
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
    # a difference that equals the tolerance in decimal digits counts as equal in binary ones too
    close = abs(measured - claim["expected"]) <= claim["tolerance"] + 1e-9 * max(1, abs(claim["expected"]))
    return "yes" if close else "no"


def read_results(path):
    """A file of results as a table.

    Parameters
    ----------
    path : str or Path
        .tsv; .json (one row; keys of nested objects are joined by points); .h5 (a row per array: its path ``array`` and
        number of elements ``size``).

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
        return read_table(path)
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
        Rows that count (:meth:`pandas.DataFrame.query`); empty for all.
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
        # Python evaluates it, not numexpr, which knows no text methods
        return table.query(where, engine="python")
    except Exception as error:  # whatever an expression can raise: unknown columns, text compared with numbers
        raise NotMeasured(f"{where}: {error}") from None
