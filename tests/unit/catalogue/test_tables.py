"""Catalogue of tables of a study as spreadsheets and editors write them."""

import pytest

from akitaflow.errors import InputError
from akitaflow.study.tables import read_table

HEADER, ROW = "dataset\tgenome\tentry\tpath\n", "A\thuman\tcool\ta.cool\n"
TABLE = HEADER + ROW
REFUSED = {
    "quoted cells": (
        HEADER + '"A"\t"human"\t"cool"\t"a.cool"\n',
        """row 2, column dataset: found '"A"'; write it without""",
    ),
    "a quoted path": (HEADER + 'A\thuman\tcool\t"my a.cool"\n', "row 2, column path: .* without quotation marks"),
    "a line feed in quotes": (HEADER + 'A\thuman\tcool\t"a\nb.cool"\n', "row 2, column path: .* without quotation"),
    "no-break space": (TABLE.replace("A\t", "A\u00a0B\t"), r"row 2, column dataset: .*U\+00A0 \(no-break space\)"),
    "zero width": (TABLE.replace("human", "hu\u200bman"), r"row 2, column genome: .*U\+200B \(zero width space\)"),
    "a byte order mark within": (HEADER + "\ufeff" + ROW, r"row 2, column dataset: .*U\+FEFF"),
    "form feed": (TABLE.replace("a.cool", "a\x0c.cool"), r"row 2, column path: .*U\+000C"),
    "line separator": (TABLE.replace("a.cool", "a\u2028.cool"), r"row 2, column path: .*U\+2028 \(line separator\)"),
    "NUL": (TABLE.replace("a.cool", "a\0.cool"), r"row 2, column path: .*U\+0000"),
    "semicolons": (TABLE.replace("\t", ";"), "row 1: the header has no tab; .* not by semicolons"),
    "commas": (TABLE.replace("\t", ","), "row 1: the header has no tab; .* not by commas"),
    "UTF-16": (TABLE.encode("utf-16"), "is text in UTF-16"),
    "a spreadsheet": (b"PK\x03\x04xlsx", "is a zip archive"),
    "gzip": (b"\x1f\x8b\x08\0\0\0", "is gzipped"),
    "a pointer": (b"version https://git-lfs.github.com/spec/v1\n", "is a pointer of git-lfs"),
    "a web page": (b"<!DOCTYPE html>", "is a web page"),
    "an underscore": (
        "dataset\tgenome\tentry\tpath\tmin_mapq\nA\thuman\tcool\ta\t3_0\n",
        "row 2, column min_mapq: found '3_0'",
    ),
    "digits of Arabic": (
        "dataset\tgenome\tentry\tpath\tmin_mapq\nA\thuman\tcool\ta\t\u0663\u0660\n",
        "row 2, column min_mapq: found",
    ),
    "a full cell beyond the header": (TABLE[:-1] + "\t\tx\n", "row 2: 6 cells, but the header has 4"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_tables_are_refused_with_row_and_column(tmp_path, case):
    content, message = REFUSED[case]
    (tmp_path / "d.tsv").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=f"d.tsv.*{message}"):
        read_table(tmp_path / "d.tsv", "datasets", "datasets")


@pytest.mark.parametrize(
    "content",
    [
        TABLE.replace("\n", "\t\t\n"),
        HEADER.replace("\n", "\t\n") + ROW,
        HEADER + ROW.replace("\n", "\t\t\t\n"),
        TABLE + "\t\t\t\n",
        TABLE.replace("A\t", "A\u00a0\t"),
        TABLE.replace("\n", "\r"),
        "\ufeff" + TABLE.replace("\n", "\r\n"),
    ],
)
def test_tables_of_spreadsheets_are_read(tmp_path, content):
    (tmp_path / "d.tsv").write_bytes(content.encode())
    [(number, row)] = read_table(tmp_path / "d.tsv", "datasets", "datasets")
    assert number == 2 and [row[name] for name in HEADER.split()] == ROW.split()


@pytest.mark.parametrize("path", ["c.cool", "./c.cool"])
def test_two_datasets_are_not_one_map(small, path):
    """As after copying a row; with other weights they may be."""
    rows = small.rows + f"B\ttoy\tcool\t{path}\tevaluate\t\n"
    with pytest.raises(InputError, match="datasets.tsv, row 4, column path: .*c.cool stands in row 3 already"):
        small(datasets=rows)
    lines = rows.splitlines()
    rows = "\n".join([lines[0] + "\tweight", lines[1] + "\t", lines[2] + "\t", lines[3] + "\tdivide:KR", ""])
    assert list(small(datasets=rows).datasets.index) == ["A", "C", "B"]


def test_a_dataset_is_not_called_all(small):
    """Tables of results have rows of all datasets under this name."""
    with pytest.raises(InputError, match="row 2, column dataset: the name 'all' stands for all datasets together"):
        small(datasets=small.rows.replace("\nA\t", "\nall\t"))


@pytest.mark.parametrize("name", ["007", "1e5", "TRUE", "NA", "nan", "no"])
def test_names_stay_text(tmp_path, name):
    (tmp_path / "d.tsv").write_text(TABLE.replace("A\t", f"{name}\t"))
    assert read_table(tmp_path / "d.tsv", "datasets", "datasets")[0][1]["dataset"] == name
