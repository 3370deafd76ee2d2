"""Sequencing runs of public archives: ENA's file report as a table of runs, and runs that are read with SRA's tools."""

import re
from urllib.parse import urlencode

import pandas as pd

from akitaflow.errors import InputError
from akitaflow.files import write_text
from akitaflow.retrieve import downloads

FIELDS = ["run_accession", "experiment_accession", "library_layout", "read_count", "fastq_ftp", "fastq_md5",
          "fastq_bytes"]  # fmt: skip
RUNS = ["dataset", "library", "run", "fastq_1", "fastq_2", "md5_1", "md5_2", "bytes_1", "bytes_2", "read_count"]
SRA = "sra:"
SRA_FOLDER = "results/downloads/sra/"
SRA_FASTQ = SRA_FOLDER + "{accession}_{mate}.fastq.gz"
_RUN = re.compile(r"[SED]RR\d+")


def resolve(accessions, table, file_report):
    """Runs of a table of accessions, from ENA's file report.

    Parameters
    ----------
    accessions : list of (int, dict)
        Line number and cells of each row: dataset, library, accession.
    table : str or Path
        The file, for messages.
    file_report : str
        Address of ENA's file report.

    Returns
    -------
    DataFrame
        A table of runs (dataset, library, run, fastq_1, fastq_2, md5_1, md5_2, bytes_1, bytes_2, read_count), sorted by
        run within each accession. The FASTQ columns of a run without FASTQ files at ENA are ``sra:{run}``.

    Raises
    ------
    InputError
        If ENA lacks an accession, a run is not paired-end, or a run is listed twice.
    """
    rows, row_of_run = [], {}
    for number, row in accessions:
        place = f"{table}, row {number}, column accession"
        for run in _runs(row, file_report, place):
            if run["run"] in row_of_run:
                raise InputError(
                    f"{place}: run {run['run']} of {row['accession']} is one of row {row_of_run[run['run']]} already, "
                    "so its reads would count twice; keep one of the accessions"
                )
            row_of_run[run["run"]] = number
            rows.append(run)
    if not rows:
        raise InputError(f"{table}: the table has a header but no accession; write a row per study, sample or run")
    return pd.DataFrame(rows, columns=RUNS)


def _runs(row, file_report, place):
    accession = row["accession"]
    query = {"accession": accession, "result": "read_run", "fields": ",".join(FIELDS), "format": "tsv"}
    try:
        text = downloads.read(f"{file_report}?{urlencode(query)}").decode()
    except downloads.Refused as error:
        raise InputError(f"{place}: ENA refuses {accession} ({error}); correct the accession") from error
    lines = [line.split("\t") for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        raise InputError(
            f"{place}: ENA knows no run of {accession}; correct the accession (GEO's GSE and GSM are not known there: "
            "write the SRP, SRX or SRR of the same study, experiment or run)"
        )
    header, *runs = lines
    lacking = [field for field in FIELDS if field not in header]
    if lacking:
        raise InputError(f"{file_report} answers without the columns {', '.join(lacking)}; correct file_report")
    runs = [dict(zip(header, cells + [""] * len(header), strict=False)) for cells in runs]
    return [_run(row, run, place) for run in sorted(runs, key=lambda run: run["run_accession"])]


def _run(row, run, place):
    """A row of the table of runs."""
    accession = run["run_accession"]
    if run["library_layout"] != "PAIRED":
        raise InputError(
            f"{place}: run {accession} is {run['library_layout'] or 'of unknown layout'}, but contacts need both "
            "mates; name the other runs or experiments of the study one by one"
        )
    result = {
        "dataset": row["dataset"],
        "library": row["library"] or run["experiment_accession"],
        "run": accession,
        "read_count": run["read_count"],
    }
    files = zip(*(run[field].split(";") for field in ("fastq_ftp", "fastq_md5", "fastq_bytes")), strict=False)
    for url, md5, size in files:
        mate = re.search(r"_([12])\.fastq\.gz$", url)
        if mate:  # a third file holds reads without a mate
            scheme = "" if "://" in url else "https://"
            result |= {f"fastq_{mate[1]}": scheme + url, f"md5_{mate[1]}": md5, f"bytes_{mate[1]}": size}
    if "fastq_1" not in result or "fastq_2" not in result:
        print(f"{accession}: ENA has no FASTQ files of its mates; it is available from SRA", flush=True)
        result = {key: result[key] for key in ("dataset", "library", "run", "read_count")}
        result |= {"fastq_1": SRA + accession, "fastq_2": SRA + accession}
    return {column: result.get(column, "") for column in RUNS}


def expand_sra(rows, table):
    """Replace ``sra:`` cells of a table of runs by the paths of the files that are made from SRA.

    Parameters
    ----------
    rows : list of (int, dict)
        Line number and cells of each row; they are not changed.
    table : str
        The file, for messages.

    Returns
    -------
    list of (int, dict)

    Raises
    ------
    InputError
        If the two cells differ, or do not hold the accession of a run.
    """
    expanded = []
    for number, row in rows:
        first, second = row["fastq_1"] or "", row["fastq_2"] or ""
        if first.startswith(SRA) or second.startswith(SRA):
            accession = first.removeprefix(SRA)
            if first != second or not _RUN.fullmatch(accession):
                raise InputError(
                    f"{table}, row {number}, column fastq_1: found {first!r} and {second!r}; write sra: and the "
                    "accession of the run, as sra:SRR1658672, in both cells"
                )
            row = row | {f"fastq_{mate}": SRA_FASTQ.format(accession=accession, mate=mate) for mate in (1, 2)}
        expanded.append((number, row))
    return expanded


def check_files(paths, expected):
    """Check sizes and MD5s of the files of a run against its row of the table of runs.

    Parameters
    ----------
    paths : list of str
        Both mates.
    expected : dict
        md5_1, md5_2 (empty if unknown), bytes_1, bytes_2 (0 if unknown).

    Raises
    ------
    InputError
        If one differs, with both values.
    """
    for mate, path in enumerate(paths, start=1):
        md5, size = expected[f"md5_{mate}"], expected[f"bytes_{mate}"]
        reason = downloads.fault(path, checksum=md5 and f"md5:{md5}", size=size) if md5 or size else ""
        if reason:
            raise InputError(f"{path}: {reason} (mate {mate} in the table of runs): get the file again")


def check_count(n_pairs, expected, paths):
    """Check the number of read pairs of a run against its row of the table of runs.

    Parameters
    ----------
    n_pairs : int
        Read pairs of the files.
    expected : int
        read_count of the table of runs; 0 if unknown.
    paths : list of str
        Files of both mates, for the message.

    Raises
    ------
    InputError
        If the numbers differ.
    """
    if expected and n_pairs != expected:
        raise InputError(
            f"{paths[0]} and {paths[1]} have {n_pairs} read pairs, but {expected} are expected (read_count in the "
            "table of runs): get the files again, or correct the cell"
        )


def write_runs(table, path):
    """Write a table of runs as TSV, with a comment line for the user.

    Parameters
    ----------
    table : DataFrame
        Of :func:`resolve`.
    path : str
    """
    head = "# Runs as ENA gave them; read them, then keep them as the table of runs (config key runs).\n"
    write_text(path, head + table.to_csv(sep="\t", index=False))
