"""Comparison of published numbers with the results of a study.

A table of claims (config key ``claims``) has, for each published number, the result file, rows and column of the
measured number, and how the two are compared. For a published statement without a number, the expected number is a
bound. A claim whose result is missing is `not run`; it neither holds nor fails.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from akitaflow.files import read_table

NOT_RUN = "not run"
COLUMNS = ["id", "claim", "place", "expected", "comparison", "tolerance", "measured", "holds", "file", "where",
           "column", "statistic", "note", "remark", "command"]  # fmt: skip
TARGETS = {
    "results/evaluation/published/": "reproduce_published",
    "results/models/published/": "reproduce_published",
    "results/comparison/": "compare_models",
}  # target that makes the files of a folder; other files are targets themselves


class NotMeasured(Exception):
    """The results have no number for a claim; the message is the reason."""


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
        The claims with ``measured`` (NaN if not run), ``holds`` (:func:`holds`, or ``not run``), ``remark`` (why it is
        not run) and ``command`` (of Snakemake, to make a missing file; else empty).
    """
    tables, rows = {}, []
    for claim in claims.to_dict("records"):
        path, measured, remark, command = claim["file"], np.nan, "", ""
        try:
            if path not in files:
                command = command_for(path)
                raise NotMeasured(f"{path} is not there")
            if path not in tables:
                tables[path] = read_results(path)
            measured = measure(tables[path], claim["where"], claim["column"], claim["statistic"])
            if claim["statistic"] == "count" and measured == 0:
                remark = f"no row where {claim['where']}" if claim["where"] else "no row"
        except NotMeasured as reason:
            remark = str(reason)
        verdict = NOT_RUN
        if not np.isnan(measured):
            verdict = "yes" if holds(measured, claim["expected"], claim["comparison"], claim["tolerance"]) else "no"
        rows.append(claim | {"measured": measured, "holds": verdict, "remark": remark, "command": command})
    return pd.DataFrame(rows, columns=COLUMNS)


def command_for(path):
    """The command of Snakemake that makes a file of results."""
    target = next((name for folder, name in TARGETS.items() if path.startswith(folder)), path)
    return f"snakemake --use-conda --cores all {target}"


def holds(measured, expected, comparison, tolerance):
    """Whether a measured number agrees with a published one.

    Parameters
    ----------
    measured, expected : float
    comparison : str
        ``equal``: they differ by no more than the tolerance; ``at_least``, ``at_most``: measured is not below, or not
        above, expected by more than the tolerance.
    tolerance : float

    Returns
    -------
    bool
    """
    # a difference equal to the tolerance in decimal digits may be larger in binary
    tolerance += 1e-9 * max(1, abs(expected))
    excess = measured - expected
    return {"equal": abs(excess), "at_least": -excess, "at_most": excess}[comparison] <= tolerance


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
    """Compute a number from a table.

    Parameters
    ----------
    table : DataFrame
    where : str
        Selection of rows (:meth:`pandas.DataFrame.query`); empty for all.
    column : str
        A column, or an expression of columns (:meth:`pandas.DataFrame.eval`), of all rows of the table; two of them,
        separated by ``;``, for ``spearman``.
    statistic : str
        ``value`` (of a single row), ``count`` (of rows), ``share`` (of values above 0), ``spearman`` (rank correlation
        of two columns), ``sum``, ``mean``, ``median``, ``min`` or ``max``; missing values are left out.

    Returns
    -------
    float

    Raises
    ------
    NotMeasured
        If the table has no such row, column or number.
    """
    chosen = _rows(table, where).index
    if statistic == "count":
        return float(len(chosen))
    values = pd.concat([_values(table, expression.strip()) for expression in column.split(";")], axis=1)
    if chosen.empty:
        raise NotMeasured(f"no row where {where}" if where else "no row")
    if statistic == "value" and len(chosen) > 1:
        raise NotMeasured(f"{len(chosen)} rows where {where or 'there should be one'}; statistic value is of one row")
    values = values.loc[chosen].dropna()
    if values.empty:
        raise NotMeasured(f"no number in column {column}")
    if statistic == "spearman":
        return _rank_correlation(values, column)
    values = values.iloc[:, 0]
    if statistic == "share":
        return float((values > 0).mean())
    return float(values.iloc[0] if statistic == "value" else getattr(values, statistic)())


def _values(table, expression):
    """A column, or an expression of columns, as numbers."""
    if expression in table:
        return pd.to_numeric(table[expression], errors="coerce")
    if expression.isidentifier():
        raise NotMeasured(f"no column {expression!r}; there are {', '.join(map(str, table.columns))}")
    try:
        return pd.to_numeric(table.eval(expression, engine="python"), errors="coerce")
    except Exception as error:  # as for the rows
        raise NotMeasured(f"{expression}: {error}") from None


def _rank_correlation(values, column):
    if (values.nunique() < 2).any():
        raise NotMeasured(f"{column}: {len(values)} rows of which one column has a single value")
    ranks = values.rank()
    return float(ranks.iloc[:, 0].corr(ranks.iloc[:, 1]))


def _rows(table, where):
    if not where:
        return table
    try:
        # numexpr does not support text methods
        return table.query(where, engine="python")
    except Exception as error:  # for example unknown columns, or text compared with numbers
        raise NotMeasured(f"{where}: {error}") from None
