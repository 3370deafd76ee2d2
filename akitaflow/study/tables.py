"""Reading and checking the tab-separated tables of a study."""

import ast
import difflib
import re
import unicodedata
from pathlib import Path

import pandas as pd

from akitaflow.errors import InputError
from akitaflow.files import is_gzipped, require_text
from akitaflow.study.schema import load_schema, validate


def read_table(path, kind, key):
    """Read a table and check it against its schema.

    Lines that start with ``#`` and empty lines are skipped; the first remaining line is the header. Empty cells
    and missing columns get the schema's default.

    Parameters
    ----------
    path : str or Path
        TSV file.
    kind : str
        Name of its schema, for example ``datasets``, ``runs`` or ``claims``.
    key : str
        Config key of the path, for messages.

    Returns
    -------
    list of (int, dict)
        Line number (1-based) and values of each row, in file order.

    Raises
    ------
    InputError
        If the file cannot be read, or a column or cell is wrong: file, row, column, value and what to write.
    """
    schema = load_schema(kind)
    lines = _lines(path, key)
    if not lines:
        raise InputError(f"{path}: the table is empty; write a header line with {', '.join(schema['properties'])}")
    header = _header(path, lines[0], schema)
    rows = []
    for number, cells in lines[1:]:
        if len(cells) > len(header):
            raise InputError(
                f"{path}, row {number}: {len(cells)} cells, but the header has {len(header)} columns; "
                "write as many, separated by single tabs"
            )
        cells = cells + [""] * (len(header) - len(cells))
        row = {name: part["default"] for name, part in schema["properties"].items()}
        for column, text in zip(header, cells, strict=True):
            _check_cell(text, f"{path}, row {number}, column {column}", column)
            if text == "" and column in schema["required"]:
                about = schema["properties"][column]["description"].rstrip(".")
                raise InputError(f"{path}, row {number}, column {column}: the cell is empty; write it ({about})")
            if text != "":
                row[column] = _converted(text, schema["properties"][column])
        validate(row, schema, str(path), f"row {number}, column ")
        rows.append((number, row))
    return rows


def _lines(path, key):
    try:
        if Path(path).is_file():
            require_text(path, "a tab-separated table, plain text in UTF-8")
        if is_gzipped(path):
            raise InputError(f"{path} is gzipped; give a tab-separated table, plain text in UTF-8.")
        text = Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(
            f"{path}: no such file; the key '{key}' of the config names it: write the table or correct the key"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path} (key '{key}' of the config): cannot be read ({error}); write a tab-separated text file"
        ) from error
    numbered = enumerate(re.split("\r\n|\n|\r", text), start=1)  # splitlines ends lines at other characters too
    lines = [
        (number, [cell.strip() for cell in line.split("\t")])
        for number, line in numbered
        if line.strip() and not line.startswith("#")
    ]
    n_columns = len("\t".join(lines[0][1]).rstrip("\t").split("\t")) if lines else 0
    for _, cells in lines:  # spreadsheets write empty columns at the end
        while len(cells) > n_columns and not cells[-1]:
            cells.pop()
    return lines


def _header(path, line, schema):
    number, header = line
    known, required = list(schema["properties"]), schema["required"]
    for separator, name in ((";", "semicolons"), (",", "commas"), (None, "blanks")):
        if len(header) == 1 and len(header[0].split(separator)) > 1:
            raise InputError(f"{path}, row {number}: the header has no tab; separate columns by tabs, not by {name}")
    for column in header:
        if column not in known:
            close = difflib.get_close_matches(column, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"known columns are {', '.join(known)}"
            raise InputError(f"{path}, row {number}, column {column!r}: unknown column; {hint}")
        if header.count(column) > 1:
            raise InputError(f"{path}, row {number}: the column {column!r} stands twice; keep one")
    for column in required:
        if column not in header:
            about = schema["properties"][column]["description"].rstrip(".")
            raise InputError(f"{path}, row {number}: the column {column!r} is missing; add it ({about})")
    return header


def _check_cell(text, place, column):
    """Check that a cell has no quotation marks around it and no character that is not seen."""
    if text[:1] == '"':
        raise InputError(
            f"{place}: found {text!r}; write it without quotation marks, which tables of a study do not have (no "
            "cell holds a tab or a line end)"
        )
    hidden = [letter for letter in text if not letter.isprintable()]
    if hidden and column != "description":
        name = unicodedata.name(hidden[0], "a control character").lower()
        raise InputError(f"{place}: found {text!r}, with U+{ord(hidden[0]):04X} ({name}), which is not seen; delete it")


def _converted(text, schema):
    """The cell converted to its schema's type; unchanged if that fails, so that validation reports it."""
    if "_" in text or not text.isascii():  # Python reads 1_0 and digits of other scripts as numbers
        return text
    reader = {"integer": int, "number": float}.get(schema.get("type"), str)
    try:
        return reader(text)
    except ValueError:
        return text


def read_resources(path, locate):
    """Read the table of resources.

    Parameters
    ----------
    path : str or Path
        TSV; its columns are described in ``akitaflow/study/schemas/resources.schema.yaml``.
    locate : callable
        Expands ``{names}`` in an address.

    Returns
    -------
    dict of str to dict
        Rows by URL in file order; ``{names}`` in URL and mirror are expanded.

    Raises
    ------
    InputError
        If a row is wrong or duplicated: file, row, column, value and what to write.
    """
    resources, row_of_name = {}, {}
    for number, row in read_table(path, "resources", "resources"):
        place = f"{path}, row {number}"
        if row["name"] in row_of_name:
            raise InputError(
                f"{place}, column name: {row['name']!r} stands in row {row_of_name[row['name']]}; write another"
            )
        row_of_name[row["name"]] = number
        row = {**row, "url": locate(row["url"]), "mirror": locate(row["mirror"]) or ""}
        row["checksum"] = row["checksum"].lower()
        if row["url"] in resources:
            raise InputError(
                f"{place}, column url: {row['url']} is the address of {resources[row['url']]['name']} too; keep one of "
                "the rows"
            )
        resources[row["url"]] = row
    return resources


def read_claims(path):
    """Read the table of published numbers.

    Parameters
    ----------
    path : str or Path
        TSV; its columns are described in ``akitaflow/study/schemas/claims.schema.yaml``.

    Returns
    -------
    DataFrame
        id, claim, place, expected, comparison, tolerance, file, where, column, statistic, note, in file order.

    Raises
    ------
    InputError
        If a row is wrong or duplicated: file, row, column, value and what to write.
    """
    rows, row_of_id = [], {}
    for number, row in read_table(path, "claims", "claims"):
        place = f"{path}, row {number}"
        if row["id"] in row_of_id:
            raise InputError(f"{place}, column id: {row['id']!r} stands in row {row_of_id[row['id']]}; write another")
        row_of_id[row["id"]] = number
        if not row["column"] and row["statistic"] != "count":
            raise InputError(
                f"{place}, column column: empty, but the {row['statistic']} of a column is asked for; write the column "
                "or statistic count"
            )
        _check_expression(row["where"], f"{place}, column where")
        expressions = [text.strip() for text in row["column"].split(";")]
        needed = 2 if row["statistic"] == "spearman" else 1
        if len(expressions) != needed:
            raise InputError(
                f"{place}, column column: {row['column']!r} has {len(expressions)} columns, statistic "
                f"{row['statistic']} is of {needed}; write {' ; '.join(['x', 'y'][:needed])}"
            )
        for text in expressions:
            _check_expression(text, f"{place}, column column")
        rows.append(row)
    if not rows:
        raise InputError(f"{path}: the table has a header but no row; write one row per number, or claims: null")
    return pd.DataFrame(rows)


def _check_expression(text, place):
    try:
        ast.parse(text or "True", mode="eval")
    except SyntaxError:
        raise InputError(
            f"{place}: {text!r} is no expression; write one as fold == 'test' and dataset == 'all'"
        ) from None
