"""Training records that others made: a folder in the published layout, checked and described for the workflow.

The folder holds ``statistics.json``, ``sequences.bed`` (chrom, start, end, fold; the rows of a fold are its records, in
order) and ``tfrecords/{fold}-{i}.tfr``. What the workflow needs beyond it: names of the datasets, a table of windows,
and the contig of each window. Record files stay where they are.
"""

import json
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd

from akitaflow.dataset import records
from akitaflow.dataset.split import FOLDS
from akitaflow.errors import InputError
from akitaflow.files import whole_h5, write_text
from akitaflow.genome.intervals import COLUMNS

# key of statistics.json -> key of the config's geometry
GEOMETRY = {"seq_length": "window", "pool_width": "bin_size", "crop_bp": "crop", "diagonal_offset": "diagonal_offset"}
NOT_GIVEN = "records of this fold are not given"
MAX_DIFFERENT = 0.001  # share of a window's bases in which records and FASTA may differ (masked or corrected bases)
_NAME = re.compile(r"(?:^|-)(train|valid|test)-(\d+)\.tfr$")


def read_statistics(path, geometry, outputs):
    """``statistics.json`` of given records, checked against the config.

    Parameters
    ----------
    path : str or Path
    geometry : dict
        Of the config, with ``n_values``.
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
    try:
        found = json.loads(Path(path).read_text())
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: no JSON ({error}); take the file that came with the records") from None
    needed = {*GEOMETRY, "num_targets", "target_length", *(f"{fold}_seqs" for fold in FOLDS)}
    if needed - set(found):
        lacking = ", ".join(sorted(needed - set(found)))
        raise InputError(f"{path}: lacks {lacking}; take the file that came with the records")
    for key, name in GEOMETRY.items():
        if found[key] != geometry[name]:
            raise InputError(
                f"{path}: {key} is {found[key]}, but geometry.{name} of the config is {geometry[name]}; write "
                f"{name}: {found[key]} there, or take records of this geometry"
            )
    if found["target_length"] != geometry["n_values"]:
        raise InputError(
            f"{path}: target_length is {found['target_length']}, but a map of this geometry has {geometry['n_values']} "
            "values; take the file that came with the records"
        )
    if found["num_targets"] != len(outputs):
        raise InputError(
            f"{path}: num_targets is {found['num_targets']}, but records.outputs of the split names {len(outputs)} "
            f"({', '.join(outputs)}); name {found['num_targets']} in the order of the targets"
        )
    return found


def read_sequences(path, chromsizes, length):
    """``sequences.bed`` of given records.

    Parameters
    ----------
    path : str or Path
    chromsizes : mapping of str to int
        Of the genome.
    length : int
        bp of a window.

    Returns
    -------
    DataFrame
        chrom, start, end, fold, in file order.

    Raises
    ------
    InputError
        If a row is not a window of this length in the genome, in one of the folds.
    """
    columns = [*COLUMNS, "fold"]
    try:
        table = pd.read_csv(path, sep="\t", header=None, names=columns, dtype={"chrom": str, "fold": str})
        table = table.astype({"start": "int64", "end": "int64"})
    except (ValueError, pd.errors.ParserError) as error:
        raise InputError(f"{path}: {error}; write chrom, start, end, fold, separated by tabs, no header") from None
    bad = ~table["fold"].isin(FOLDS)
    _stop(path, table, bad, f"the fold must be one of {', '.join(FOLDS)}")
    _stop(path, table, table["end"] - table["start"] != length, f"a window of this geometry has {length} bp")
    known = ", ".join(list(chromsizes)[:4])
    _stop(path, table, ~table["chrom"].isin(list(chromsizes)), f"the genome of the split has {known}, ...")
    outside = (table["start"] < 0) | (table["end"] > table["chrom"].map(chromsizes))
    _stop(path, table, outside, "the window reaches over an end of the chromosome: the genome is another one")
    return table


def _stop(path, table, bad, why):
    if bad.any():
        number = int(np.flatnonzero(bad)[0])
        row = "\t".join(map(str, table.iloc[number]))
        raise InputError(f"{path}, line {number + 1}: found {row!r}; {why}")


def given_files(paths, expected=None):
    """The record files of each fold, in the order of their numbers.

    Parameters
    ----------
    paths : list of str
        Files whose names end with {fold}-{i}.tfr, or one folder of them.
    expected : mapping of str to int, optional
        Number of files of each fold, where the config gives it.

    Returns
    -------
    dict of str to list of str
        Of every fold; empty for one of which 0 files are expected.

    Raises
    ------
    InputError
        If a fold has no file, lacks one, or has others than expected.
    """
    place = os.path.dirname(paths[0]) or "."
    if len(paths) == 1 and os.path.isdir(paths[0]):
        place = paths[0]
        paths = [os.path.join(place, name) for name in os.listdir(place)]
    numbered = {fold: {} for fold in FOLDS}
    for path in paths:
        name = _NAME.search(os.path.basename(path))
        if name:
            numbered[name[1]][int(name[2])] = path
    files = {}
    for fold, found in numbered.items():
        wanted = expected[fold] if expected is not None else max(found, default=0) + 1
        lacking = [f"{fold}-{i}.tfr" for i in range(wanted) if i not in found]
        if lacking:
            leave = "" if expected is not None else f", or leave the fold out with records.files {{{fold}: 0, ...}}"
            raise InputError(f"{place}: no file {', '.join(lacking[:4])}; put the missing files there{leave}")
        if max(found, default=-1) >= wanted > 0:
            raise InputError(
                f"{place}: {len(found)} files of fold {fold}, but records.files of the split says {wanted}; "
                f"write {len(found)}"
            )
        files[fold] = [found[i] for i in range(wanted)]
    return files


def window_table(sequences, files):
    """The table of windows that goes with the records.

    Parameters
    ----------
    sequences : DataFrame
        Of :func:`read_sequences`.
    files : mapping of str to list of str
        Of :func:`given_files`.

    Returns
    -------
    DataFrame
        chrom, start, end, fold, contig, kept, reason. ``contig`` numbers stretches of windows: those of a fold that
        overlap or touch are one, whatever contigs the authors had. Windows of a fold that is left out are not kept.
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
    """``statistics.json`` and ``sequences.bed`` tell of the same records.

    Parameters
    ----------
    statistics : dict
    windows : DataFrame
        With the column fold.
    path : str or Path
        Of ``sequences.bed``, for the message.

    Raises
    ------
    InputError
    """
    for fold in FOLDS:
        count = int((windows["fold"] == fold).sum())
        if count != statistics[f"{fold}_seqs"]:
            raise InputError(
                f"{path}: {count} windows of fold {fold}, but statistics.json says {statistics[f'{fold}_seqs']}; "
                "take the two files that came with the records"
            )


def check_records(files, windows, genome, shape):
    """Every record of a fold has the right shape, finite targets, and the sequence of its window.

    Parameters
    ----------
    files : list of str
        In the order of their numbers.
    windows : DataFrame
        The windows of the fold, in the order of its records.
    genome : akitaflow.genome.sequence.Genome
    shape : akitaflow.dataset.records.RecordShape

    Raises
    ------
    InputError
        The file, the record (from 0) and what is wrong with it.

    Notes
    -----
    Predictions are made from the FASTA, so records in another order than their windows, or of another assembly, would
    be compared with the wrong maps.
    """
    from akitaflow.logs import progress

    found = 0
    for path in progress(files, f"checking {windows['fold'].iloc[0]} records", unit="file"):
        records.check_first(path, shape)
        for number, serialised in enumerate(_serialised(path)):
            place = f"{path}, record {number}"
            one_hot, target = _decoded(serialised, shape, place)
            if not np.isfinite(target).all():
                share = 1 - np.isfinite(target).mean()
                raise InputError(f"{place}: {share:.2%} of the target are not finite; make these records again")
            if found < len(windows):
                _check_sequence(one_hot, genome, windows.iloc[found], place)
            found += 1
    if found != len(windows):
        raise InputError(
            f"{', '.join(os.path.basename(path) for path in files)}: {found} records, but sequences.bed and "
            f"statistics.json say {len(windows)}; a file was cut short, or is of other records"
        )


def _serialised(path):
    import tensorflow as tf

    try:
        for record in tf.data.TFRecordDataset(path, compression_type=records.COMPRESSION):
            yield record.numpy()
    except tf.errors.DataLossError as error:
        raise InputError(f"{path}: cut short or damaged ({error.message}); fetch it again") from None


def _decoded(serialised, shape, place):
    """One-hot uint8 (length, 4) and target float16 of a serialised record."""
    import tensorflow as tf

    features = tf.train.Example.FromString(serialised).features.feature
    arrays = []
    sizes = (("sequence", np.uint8, (shape.length, 4)), ("target", "<f2", (shape.n_values, shape.n_outputs)))
    for name, dtype, size in sizes:
        flat = np.frombuffer(features[name].bytes_list.value[0] if name in features else b"", dtype)
        if flat.size != size[0] * size[1]:
            raise InputError(f"{place}: {flat.size} numbers in {name}, not {size[0]} x {size[1]} as in the first")
        arrays.append(flat.reshape(size))
    return arrays


def _check_sequence(one_hot, genome, window, place):
    """The sequence of a record is that of its window, wherever the FASTA has a base."""
    where = f"{window.chrom}:{window.start}-{window.end}"
    if one_hot.max() > 1:
        raise InputError(
            f"{place}: its sequence has values above 1; records hold bytes of 0 or 1, one per base and letter"
        )
    expected = genome.fetch(window.chrom, int(window.start), int(window.end))
    known = expected < 4
    different = 1 - one_hot[known, expected[known]].mean() if known.any() else 0.0
    if different > MAX_DIFFERENT:
        raise InputError(
            f"{place}: its sequence differs in {different:.1%} of the bases from {where} of {genome.path}; "
            "sequences.bed is of other records, or the genome of the split is another assembly"
        )


def link_files(folder, files):
    """Link the record files into a folder under their plain names.

    Parameters
    ----------
    folder : str or Path
    files : mapping of str to list of str
        A relative path gives a relative link, so that a folder of results that is moved as a whole keeps its links.
    """
    for fold, paths in files.items():
        for number, path in enumerate(paths):
            target = os.path.realpath(path)
            if not os.path.isabs(path):
                target = os.path.relpath(target, os.path.realpath(folder))
            os.symlink(target, os.path.join(folder, f"{fold}-{number}.tfr"))


def write_statistics(path, statistics, outputs, files):
    """Write ``statistics.json`` as the workflow's own: with names, and no records in a fold that is left out."""
    counts = {f"{fold}_seqs": statistics[f"{fold}_seqs"] if some else 0 for fold, some in files.items()}
    write_text(path, json.dumps(statistics | counts | {"datasets": list(outputs)}, indent=4) + "\n")


def write_targets(path, folder, windows, dataset):
    """Write the targets of one dataset as the rule that computes them from maps does.

    Parameters
    ----------
    path : str or Path
        HDF5: ``values`` float16 (windows, n_values) and ``finite`` float32 (windows,), a row for each row of the table.
        Rows of windows that are not kept are 0; ``finite`` is NaN, because records do not say what was measured.
    folder : str or Path
        Of the records.
    windows : DataFrame
        The records' table of windows.
    dataset : str
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
