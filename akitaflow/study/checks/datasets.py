"""Checks of the table of datasets."""

import os
import re

from akitaflow.errors import InputError
from akitaflow.study.checks.common import require_known

# Levels of the mcools of 4D Nucleome (default of their pipeline), in bp
FOURDN = re.compile(r"4dn-open-data-public|data\.4dnucleome\.org")
FOURDN_LEVELS = (1000, 2000, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
                 10_000_000)  # fmt: skip


def check_datasets(study):
    """Names and maps are unique, genomes are known, and ``path`` is set exactly where ``entry`` is not fastq."""
    table, row_of_name, row_of_map = study.dataset_table, {}, {}
    if study.datasets.empty:
        raise InputError(f"{table}: the table has a header but no dataset; write one row per dataset")
    for number, row in study.numbered_rows("datasets"):
        name = row["dataset"]
        if name in row_of_name:
            raise InputError(
                f"{table}, row {number}, column dataset: the name {name!r} stands in row {row_of_name[name]} already; "
                "give each dataset a name of its own"
            )
        if name.lower() == "all":
            raise InputError(
                f"{table}, row {number}, column dataset: the name {name!r} stands for all datasets together in tables "
                "of results; write another"
            )
        row_of_name[name] = number
        require_known(row["genome"], study.config["genomes"], f"{table}, row {number}, column genome", "genome")
        if row["entry"] == "fastq" and row["path"]:
            raise InputError(
                f"{table}, row {number}, column path: found {row['path']!r}, but {name} enters at fastq; "
                f"leave the cell empty and list its reads in {study.run_table}, or write the entry that fits the file"
            )
        if row["entry"] != "fastq" and not row["path"]:
            raise InputError(
                f"{table}, row {number}, column path: the cell is empty, but {name} enters at {row['entry']}; "
                f"write the path or URL of its {row['entry']} file"
            )
        path = study.locate(row["path"]) or ""
        file = path if "://" in path else os.path.realpath(path)
        key = (file, *(row[column] for column in ("group", "weight", "genome", "rename", "min_mapq", "role")))
        if path and row_of_map.setdefault(key, number) != number:
            raise InputError(
                f"{table}, row {number}, column path: {row['path']} stands in row {row_of_map[key]} already, so both "
                "datasets would be the same; write the file of this dataset, or delete the row"
            )
        if row["entry"] not in ("cool", "mcool"):
            for column, value in (("path", row["group"] and f"::{row['group']}"), ("weight", row["weight"])):
                if value:
                    raise InputError(
                        f"{table}, row {number}, column {column}: found {value!r}, but {name} enters at {row['entry']} "
                        "and only a cool or mcool has groups and weights: leave it out"
                    )


def check_levels(study):
    """An mcool of 4D Nucleome has the study's bin size; checked before the download."""
    bin_size = study.config["geometry"]["bin_size"]
    for number, row in study.numbered_rows("datasets"):
        if row["entry"] != "mcool" or bin_size in FOURDN_LEVELS or not FOURDN.search(study.locate(row["path"])):
            continue
        raise InputError(
            f"{study.dataset_table}, row {number}, column entry: the mcools of 4D Nucleome have levels of "
            f"{', '.join(map(str, FOURDN_LEVELS))} bp and none of {bin_size} (geometry.bin_size). Either write entry "
            f"pairs and the .pairs.gz of the same set as path, which is then binned at {bin_size} bp; or set "
            "geometry.bin_size to one of these, with geometry.pools that multiply to it (2000-bp bins: pools "
            "[2, 2, 2, 2, 5, 5, 5], window 1024000, crop 64000)"
        )
