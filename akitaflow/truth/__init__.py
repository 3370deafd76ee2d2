"""Claims about a simulated study: the analyses must find what was planted.

A claim is a row of a table: the claim, the expected value, the measured value, an interval, and whether the claim
holds. It is decided on the measured value, unless the expectation is about the interval. Each chapter of the workflow
has a module of claims in this package, a rule ``judge_{chapter}``, and its rows in ``results/truth.tsv``.
"""

import pandas as pd

from akitaflow.errors import InputError
from akitaflow.files import write_table

#: Columns of the table of claims.
COLUMNS = ["claim", "expected", "measured", "low", "high", "holds"]


def at_least(claim, threshold, measured, low, high):
    """Claim that holds if the measured value is not smaller than the threshold; it does not hold for NaN."""
    return _row(claim, f">= {threshold:g}", measured, low, high, measured >= threshold)


def at_most(claim, threshold, measured, low, high):
    """Claim that holds if the measured value is not larger than the threshold; it does not hold for NaN."""
    return _row(claim, f"<= {threshold:g}", measured, low, high, measured <= threshold)


def close_to(claim, expected, tolerance, measured, low, high):
    """Claim that holds if the measured value is within a tolerance of the expected one; it does not hold for NaN."""
    text = f"{expected:.4f} +- {tolerance:g}"
    return _row(claim, text, measured, low, high, abs(measured - expected) <= tolerance)


def positive(claim, measured, low, high):
    """Claim that holds if the lower end of the interval is above 0; it does not hold for NaN."""
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
        Claims of :func:`at_least`, :func:`at_most`, :func:`close_to` and :func:`positive`.
    """
    table = pd.DataFrame(rows, columns=COLUMNS)
    write_table(table, path, float_format="%.4g")
    print(table.to_string(index=False))


def check(table, source):
    """Check that all claims hold.

    Parameters
    ----------
    table : DataFrame
        Columns :data:`COLUMNS`.
    source : str
        File of the table, for the message.

    Raises
    ------
    InputError
        If a claim does not hold, with each such claim and its expected and measured values.
    """
    failed = table[~table["holds"].astype(bool)]
    if len(failed):
        lines = [f"  {row.claim}: measured {row.measured:.4g}, expected {row.expected}" for row in failed.itertuples()]
        raise InputError(f"{source}: {len(failed)} of {len(table)} claims do not hold\n" + "\n".join(lines))
