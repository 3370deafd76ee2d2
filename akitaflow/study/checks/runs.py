"""Check of the table of runs."""

import os

from akitaflow.errors import InputError
from akitaflow.study.checks.common import require_known


def check_runs(study):
    """Exactly the datasets that enter at fastq have runs, and runs and files are unique."""
    entries = study.datasets["entry"]
    table, row_of_run, place_of_file = study.run_table, {}, {}
    for number, row in study.numbered_rows("runs"):
        name = row["dataset"]
        require_known(name, entries.index, f"{table}, row {number}, column dataset", "dataset")
        if entries[name] != "fastq":
            raise InputError(
                f"{table}, row {number}, column dataset: {name} enters at {entries[name]}, so its reads would not be "
                f"used; delete the row or write entry fastq for it in {study.dataset_table}"
            )
        key = (name, row["library"], row["run"])
        if key in row_of_run:
            raise InputError(
                f"{table}, row {number}, column run: dataset {name}, library {row['library']}, run {row['run']} "
                f"stands in row {row_of_run[key]} already; give each run of a library a name of its own"
            )
        row_of_run[key] = number
        for column in ("fastq_1", "fastq_2"):
            place = f"row {number}, column {column}"
            path = study.locate(row[column]) or ""
            file = path if "://" in path else os.path.realpath(path)  # ./reads.fastq and links are one file
            if file in place_of_file:
                raise InputError(
                    f"{table}, {place}: {row[column]} stands in {place_of_file[file]} already, so its "
                    "reads would count twice; write the file of this run and mate"
                )
            place_of_file[file] = place
    with_runs = {key[0] for key in row_of_run}
    for number, row in study.numbered_rows("datasets"):
        if row["entry"] == "fastq" and row["dataset"] not in with_runs:
            where = table or "a table of runs (key 'runs' of the config)"
            raise InputError(
                f"{study.dataset_table}, row {number}, column entry: {row['dataset']} enters at fastq but has no runs; "
                f"add its rows (dataset, library, run, fastq_1, fastq_2) to {where}; to make them from "
                "accessions put # before the row and run the target resolve_runs (docs/data.md)"
            )
