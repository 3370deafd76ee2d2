"""Claims of a simulated study: what was planted must be found. Each claim is a small function that gives one row.

A row holds the claim, what is expected, what was measured, an interval, and whether the claim holds, which is decided
on the measured value unless the expectation is about the interval. Each chapter of the workflow has a module of claims
here, a rule ``truth_{chapter}`` that measures them, and its part of ``results/truth.tsv``.
"""

import pandas as pd

from akitaflow.errors import InputError
from akitaflow.files import write_table

COLUMNS = ["claim", "expected", "measured", "low", "high", "holds"]


def at_least(claim, threshold, measured, low, high):
    """A row that holds where the measured value is no smaller than the threshold; NaN does not hold."""
    return _row(claim, f">= {threshold:g}", measured, low, high, measured >= threshold)


def at_most(claim, threshold, measured, low, high):
    """A row that holds where the measured value is no larger than the threshold; NaN does not hold."""
    return _row(claim, f"<= {threshold:g}", measured, low, high, measured <= threshold)


def close_to(claim, expected, tolerance, measured, low, high):
    """A row that holds where the measured value is as expected within a tolerance; NaN does not hold."""
    text = f"{expected:.4f} +- {tolerance:g}"
    return _row(claim, text, measured, low, high, abs(measured - expected) <= tolerance)


def positive(claim, measured, low, high):
    """A row that holds where the whole interval lies above 0; NaN does not hold."""
    return _row(claim, "interval above 0", measured, low, high, low > 0)


def _row(claim, expected, measured, low, high, holds):
    values = (claim, expected, float(measured), float(low), float(high), bool(holds))
    return dict(zip(COLUMNS, values, strict=True))


def write_claims(path, rows):
    """Write the claims of a chapter as a table (TSV), and print it.

    Parameters
    ----------
    path : str
    rows : list of dict
        Of :func:`at_least` and its like.
    """
    table = pd.DataFrame(rows, columns=COLUMNS)
    write_table(table, path, float_format="%.4g")
    print(table.to_string(index=False))


def check(table, source):
    """Stop where a claim does not hold.

    Parameters
    ----------
    table : DataFrame
        ``COLUMNS``.
    source : str
        The file, for the message.

    Raises
    ------
    InputError
        Naming each claim that does not hold, with what was expected and measured.
    """
    failed = table[~table["holds"].astype(bool)]
    if len(failed):
        lines = [f"  {row.claim}: measured {row.measured:.4g}, expected {row.expected}" for row in failed.itertuples()]
        raise InputError(f"{source}: {len(failed)} of {len(table)} claims do not hold\n" + "\n".join(lines))
