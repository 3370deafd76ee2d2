"""Import of existing training records: a folder in the published layout is checked and described for the workflow.

The folder holds ``statistics.json``, ``sequences.bed`` (chrom, start, end, fold; the rows of a fold are its records, in
order) and ``tfrecords/{fold}-{i}.tfr``. The import adds the names of the datasets, a table of windows, and the contig
of each window. Record files are linked, not copied.
"""

import json
import os
import re

import numpy as np

from akitaflow.dataset import records
from akitaflow.dataset.split import FOLDS
from akitaflow.errors import InputError
from akitaflow.files import read_json, whole_h5, write_text
from akitaflow.genome.intervals import COLUMNS, read_intervals

# key of statistics.json -> key of the config's geometry
GEOMETRY = {"seq_length": "window", "pool_width": "bin_size", "crop_bp": "crop", "diagonal_offset": "diagonal_offset"}
NOT_GIVEN = "records of this fold are not given"
MAX_DIFFERENT = 0.001  # share of bases in which records and FASTA may differ (corrected bases)
MAX_MASKED = 0.1  # share of the bases of a fold that may be N in the FASTA and a letter in the records
MAX_TARGET = 20.0  # log(observed / expected); the authors' targets end at 2
_NAME = re.compile(r"(?:^|-)(train|valid|test)-(\d+)\.tfr$")


def read_statistics(path, geometry, outputs):
    """Read ``statistics.json`` of imported records and check it against the config.

    Parameters
    ----------
    path : str or Path
    geometry : dict
        ``geometry`` of the config, with ``n_values``.
    outputs : list of str
        Names of the datasets in the order of the targets.

    Returns
    -------
    dict

    Raises
    ------
    InputError
        If a key is missing or disagrees with the config.
    """
    statistics = read_json(path, "take the file that came with the records")
    required = {*GEOMETRY, "num_targets", "target_length", *(f"{fold}_seqs" for fold in FOLDS)}
    if required - set(statistics):
        missing = ", ".join(sorted(required - set(statistics)))
        raise InputError(f"{path}: lacks {missing}; take the file that came with the records")
    for key in sorted(required):
        number = statistics[key]
        if isinstance(number, bool) or not isinstance(number, int | float) or not float(number).is_integer():
            raise InputError(f"{path}: {key} is {number!r}; write a whole number, without quotation marks")
        statistics[key] = int(number)
    for key, name in GEOMETRY.items():
        if statistics[key] != geometry[name]:
            raise InputError(
                f"{path}: {key} is {statistics[key]}, but geometry.{name} of the config is {geometry[name]}; write "
                f"{name}: {statistics[key]} there, or take records of this geometry"
            )
    if statistics["target_length"] != geometry["n_values"]:
        raise InputError(
            f"{path}: target_length is {statistics['target_length']}, but a map of this geometry has "
            f"{geometry['n_values']} values; take the file that came with the records"
        )
    if statistics["num_targets"] != len(outputs):
        raise InputError(
            f"{path}: num_targets is {statistics['num_targets']}, but records.outputs of the split names "
            f"{len(outputs)} ({', '.join(outputs)}); name {statistics['num_targets']} in the order of the targets"
        )
    named = statistics.get("datasets", outputs)
    named = [named] if isinstance(named, str) else named
    if named != list(outputs) and isinstance(named, list) and set(map(str, named)) & set(outputs):
        raise InputError(
            f"{path}: its targets are {', '.join(map(str, named))}, but records.outputs of the split names "
            f"{', '.join(outputs)}; write the names in the order of the file"
        )
    return statistics


def read_sequences(path, chromsizes, length):
    """Read ``sequences.bed`` of imported records.

    Parameters
    ----------
    path : str or Path
    chromsizes : mapping of str to int
        Lengths of the chromosomes of the genome, bp.
    length : int
        Length of a window, bp.

    Returns
    -------
    DataFrame
        chrom, start, end, fold, in file order; 0-based, half-open.

    Raises
    ------
    InputError
        With the line: as of :func:`akitaflow.genome.intervals.read_intervals`, or if a window has another length, lies
        outside the genome or stands twice in its fold, or a fold is unknown.
    """
    table = read_intervals(path, lines=True)
    if len(table.columns) != 5:
        raise InputError(
            f"{path}: {max(len(table.columns) - 1, 0)} columns; write chrom, start, end, fold, separated by tabs"
        )
    table.columns = [*COLUMNS, "fold", "line"]
    _stop(path, table, ~table["fold"].isin(FOLDS), f"the fold must be one of {', '.join(FOLDS)}")
    _stop(path, table, table["end"] - table["start"] != length, f"a window of this geometry has {length} bp")
    known = ", ".join(list(chromsizes)[:4])
    _stop(path, table, ~table["chrom"].isin(list(chromsizes)), f"the genome of the split has {known}, ...")
    outside = table["end"] > table["chrom"].map(chromsizes)
    _stop(path, table, outside, "the window reaches over an end of the chromosome: the genome is another one")
    twice = table.duplicated([*COLUMNS, "fold"])
    _stop(path, table, twice, "the fold has this window in a line before; keep one, and one record")
    return table.drop(columns="line")


def _stop(path, table, bad, rule):
    if bad.any():
        *cells, line = table[bad].iloc[0]
        raise InputError(f"{path}, line {line}: found {chr(9).join(map(str, cells))!r}; {rule}")


def given_files(paths, expected=None):
    """Record files of each fold, in the order of their numbers.

    Parameters
    ----------
    paths : list of str
        Files whose names end in {fold}-{i}.tfr, or one folder with such files.
    expected : mapping of str to int, optional
        Number of files of each fold, if the config sets it.

    Returns
    -------
    dict of str to list of str
        Files of each fold; empty for a fold of which 0 files are expected.

    Raises
    ------
    InputError
        If a fold has no file, or fewer or more files than expected.
    """
    folder = os.path.dirname(paths[0]) or "."
    if len(paths) == 1 and os.path.isdir(paths[0]):
        folder = paths[0]
        paths = [os.path.join(folder, name) for name in os.listdir(folder)]
    numbered = {fold: {} for fold in FOLDS}
    for path in paths:
        name = _NAME.search(os.path.basename(path))
        if name:
            other = numbered[name[1]].setdefault(int(name[2]), path)
            if other != path:
                raise InputError(f"{path}: {os.path.basename(other)} has the same fold and number; keep one of them")
    files = {}
    for fold, file_of_number in numbered.items():
        n_files = expected[fold] if expected is not None else max(file_of_number, default=0) + 1
        missing = [f"{fold}-{i}.tfr" for i in range(n_files) if i not in file_of_number]
        if missing:
            hint = "" if expected is not None else f", or leave the fold out with records.files {{{fold}: 0, ...}}"
            raise InputError(f"{folder}: no file {', '.join(missing[:4])}; put the missing files there{hint}")
        if max(file_of_number, default=-1) >= n_files > 0:
            raise InputError(
                f"{folder}: {len(file_of_number)} files of fold {fold}, but records.files of the split says {n_files}; "
                f"write {len(file_of_number)}"
            )
        files[fold] = [file_of_number[i] for i in range(n_files)]
    return files


def window_table(sequences, files):
    """Table of windows of imported records.

    Parameters
    ----------
    sequences : DataFrame
        From :func:`read_sequences`.
    files : mapping of str to list of str
        From :func:`given_files`.

    Returns
    -------
    DataFrame
        chrom, start, end, fold, contig, kept, reason. Windows of a fold that overlap or touch have the same number
        ``contig``; the original contigs are not known. Windows of folds without files are not kept.
    """
    import bioframe

    table = sequences.copy()
    table["contig"] = 0
    first = 0
    for fold in FOLDS:
        members = table.loc[table["fold"] == fold, COLUMNS]
        if members.empty:
            continue
        cluster = bioframe.cluster(members.reset_index(drop=True), min_dist=0)["cluster"].sort_index().to_numpy(int)
        table.loc[members.index, "contig"] = first + cluster
        first += len(np.unique(cluster))
    table["kept"] = table["fold"].map({fold: bool(some) for fold, some in files.items()}).astype(bool)
    table["reason"] = np.where(table["kept"], "", NOT_GIVEN)
    return table


def check_counts(statistics, windows, path):
    """Check that ``statistics.json`` and ``sequences.bed`` have the same numbers of records.

    Parameters
    ----------
    statistics : dict
        From :func:`read_statistics`.
    windows : DataFrame
        Table with the column fold.
    path : str or Path
        ``sequences.bed``, for the message.

    Raises
    ------
    InputError
        If the numbers of a fold differ.
    """
    for fold in FOLDS:
        count = int((windows["fold"] == fold).sum())
        if count != statistics[f"{fold}_seqs"]:
            raise InputError(
                f"{path}: {count} windows of fold {fold}, but statistics.json says {statistics[f'{fold}_seqs']}; "
                "take the two files that came with the records"
            )


def check_records(files, windows, genome, shape):
    """Check that records of a fold have the expected shape, finite targets, and the sequences of their windows.

    Parameters
    ----------
    files : list of str
        Record files in the order of their numbers.
    windows : DataFrame
        The windows of the fold, in the order of its records.
    genome : akitaflow.genome.sequence.Genome
    shape : akitaflow.dataset.records.RecordShape

    Raises
    ------
    InputError
        If a record fails, with the file, the number of the record (from 0) and the problem; or if many bases of the
        records are N in the FASTA.

    Notes
    -----
    Sequences are compared because predictions read the FASTA: records in another order, or of another assembly, would
    be compared with maps of other regions.
    """
    from akitaflow.logs import progress

    n_records, n_masked, lowest, highest = 0, 0, 0.0, 0.0
    for path in progress(files, f"checking {windows['fold'].iloc[0]} records", unit="file"):
        records.check_first(path, shape)
        for number, serialised in enumerate(_serialised(path)):
            place = f"{path}, record {number}"
            one_hot, target = records.decode(serialised, shape, place)
            _check_target(target, place)
            lowest, highest = min(lowest, float(target.min())), max(highest, float(target.max()))
            if n_records < len(windows):
                n_masked += _check_sequence(one_hot, genome, windows.iloc[n_records], place)
            n_records += 1
    if n_records != len(windows):
        raise InputError(
            f"{', '.join(os.path.basename(path) for path in files)}: {n_records} records, but sequences.bed and "
            f"statistics.json say {len(windows)}; a file was cut short, or is of other records"
        )
    if not lowest < 0 < highest:
        names = ", ".join(os.path.basename(path) for path in files)
        raise InputError(
            f"{names}: all targets lie between {lowest:g} and {highest:g}, but log(observed / expected) is above and "
            "below 0; make these records again, with the logarithm"
        )
    share = n_masked / (n_records * shape.length)
    if share > MAX_MASKED:
        raise InputError(
            f"{genome.path}: {share:.1%} of the bases are N where records of fold {windows['fold'].iloc[0]} have a "
            "letter; give the FASTA that is not masked by N (lower case is accepted)"
        )


def _serialised(path):
    import tensorflow as tf

    try:
        for record in tf.data.TFRecordDataset(path, compression_type=records.COMPRESSION):
            yield record.numpy()
    except tf.errors.OpError:
        raise InputError(f"{path}: cut short or damaged; fetch it again") from None


def _check_target(target, place):
    """Check that values are finite and of the size of log(observed / expected)."""
    finite = np.isfinite(target)
    if not finite.all():
        raise InputError(f"{place}: {1 - finite.mean():.2%} of the target are not finite; make these records again")
    largest = float(np.abs(target).max())
    if largest > MAX_TARGET:
        raise InputError(
            f"{place}: the target has values up to {largest:g} in size; it must be log(observed / expected) as "
            "little-endian float16: make these records again"
        )


def _check_sequence(one_hot, genome, window, place):
    """Check that the sequence of a record is that of its window; N of the FASTA are not compared.

    Returns
    -------
    int
        Number of bases that are N in the FASTA and a letter in the record.
    """
    region = f"{window.chrom}:{window.start}-{window.end}"
    letters = one_hot.sum(axis=1, dtype=np.uint16)
    if one_hot.max() > 1:
        raise InputError(
            f"{place}: its sequence has values above 1; records hold bytes of 0 or 1, one per base and letter"
        )
    if letters.max() > 1:
        raise InputError(
            f"{place}: base {int(letters.argmax())} of its sequence (from 0) is {int(letters.max())} letters at once; "
            "one byte of each base is 1, and none for N"
        )
    expected = genome.fetch(window.chrom, int(window.start), int(window.end))
    known = expected < 4
    share = 1 - one_hot[known, expected[known]].mean() if known.any() else 0.0
    if share > MAX_DIFFERENT:
        raise InputError(
            f"{place}: its sequence differs in {share:.1%} of the bases from {region} of {genome.path}; "
            "sequences.bed is of other records, or the genome of the split is another assembly"
        )
    return int(letters[~known].sum())


def link_files(folder, files):
    """Link record files into a folder under the names {fold}-{i}.tfr.

    Parameters
    ----------
    folder : str or Path
    files : mapping of str to list of str
        From :func:`given_files`. Links of relative paths are relative, so that they stay valid if the study is moved.
    """
    for fold, paths in files.items():
        for number, path in enumerate(paths):
            target = os.path.realpath(path)
            if not os.path.isabs(path):
                target = os.path.relpath(target, os.path.realpath(folder))
            os.symlink(target, os.path.join(folder, f"{fold}-{number}.tfr"))


def write_statistics(path, statistics, outputs, files):
    """Write ``statistics.json`` with the names of the datasets, and 0 records in folds without files.

    Parameters
    ----------
    path : str or Path
    statistics : dict
        From :func:`read_statistics`.
    outputs : list of str
        Names of the datasets in the order of the targets.
    files : mapping of str to list of str
        From :func:`given_files`.
    """
    counts = {f"{fold}_seqs": statistics[f"{fold}_seqs"] if some else 0 for fold, some in files.items()}
    write_text(path, json.dumps(statistics | counts | {"datasets": list(outputs)}, indent=4) + "\n")


def write_targets(path, folder, windows, dataset):
    """Write the targets of one dataset from its records, in the layout of targets computed from maps.

    Parameters
    ----------
    path : str or Path
        HDF5: ``values`` float16 (windows, n_values) and ``finite`` float32 (windows,), a row per row of the table.
        Rows of windows that are not kept are 0; ``finite`` is NaN, because records do not have this share.
    folder : str or Path
        Folder of the records.
    windows : DataFrame
        Table of windows of the records.
    dataset : str
        Name of the dataset.
    """
    column = records.read_statistics(folder)["datasets"].index(dataset)
    n_values = records.record_shape(folder).n_values
    with whole_h5(path) as file:
        values = file.create_dataset("values", (len(windows), n_values), np.float16, chunks=(1, n_values))
        for fold in FOLDS:
            rows = np.flatnonzero(windows["kept"] & (windows["fold"] == fold))
            if len(rows):
                for row, target in zip(rows, records.stream_targets(folder, fold), strict=True):
                    values[row] = target[:, column]
        file["finite"] = np.full(len(windows), np.nan, np.float32)
