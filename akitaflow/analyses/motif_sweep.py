"""Sweep over motifs: the sites of every matrix of a collection are randomised in every window with a site (Fig. 3a).

Motifs are distributed to jobs; motif i belongs to job i modulo the number of jobs. A job first finds the sites of its
motifs and lists for each motif how it was searched or why it is left out; then it predicts. The maps of the reference
windows are read from a file that all jobs share. Windows without a site are not predicted. The scores of each motif are
written to a file of their own, from which an interrupted job resumes.
"""

import json
import warnings
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pandas as pd

from akitaflow.analyses.mutagenesis import Mutagenesis
from akitaflow.errors import InputError
from akitaflow.evaluation import bootstrap, map_scores
from akitaflow.files import read_table, whole_h5, write_table
from akitaflow.genome import matrices, motifs
from akitaflow.genome.intervals import Window, overlaps
from akitaflow.logs import progress
from akitaflow.prediction.stream import Request
from akitaflow.provenance import files_digest

#: Columns of ``plan.tsv``, a row per matrix.
PLAN = ["matrix", "motif", "width", "attainable_pvalue", "pvalue", "threshold", "sites", "overlap", "windows"]
PLAN += ["predictions", "left_out"]
#: Columns of the table of draws.
DRAWS = ["matrix", "window", "dataset", "draw", "disruption", "change_in_signal"]


def collection(release, taxon, ids=None):
    """The matrices of the sweep.

    Parameters
    ----------
    release : str
        Release of JASPAR, for example JASPAR2018.
    taxon : str
        Taxonomic group of JASPAR's CORE collection, for example vertebrates.
    ids : list of str, optional
        Of matrices; by default all of the taxon.

    Returns
    -------
    list of akitaflow.genome.matrices.Matrix
        Sorted by id; given ``ids`` keep their order.

    Raises
    ------
    InputError
        If the release, taxon or a matrix is unknown.
    """
    from pyjaspar import jaspardb

    if ids:
        return [matrices.jaspar_matrix(release, matrix_id) for matrix_id in ids]
    releases = jaspardb().get_releases()
    if release not in releases:
        raise InputError(f"motifs.release is {release!r}; write one of {', '.join(releases)}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an empty result is reported below
        records = jaspardb(release=release).fetch_motifs(collection="CORE", tax_group=[taxon])
    if not records:
        raise InputError(f"motif_sweep.taxon: {release} has no matrices of {taxon!r}; write for example vertebrates")
    counts = [np.array([motif.counts[base] for base in "ACGT"], float) for motif in records]
    collected = [matrices.Matrix(motif.name, motif.matrix_id, c) for motif, c in zip(records, counts, strict=True)]
    return sorted(collected, key=lambda matrix: matrix.matrix_id)


def find(matrix, genome, windows, pvalue, short, ctcf, draws, margin=0, tracks=None):
    """Find the sites of a motif in the windows, and make its row of the plan.

    Parameters
    ----------
    matrix : akitaflow.genome.matrices.Matrix
    genome : akitaflow.genome.sequence.Genome
    windows : DataFrame
        Of :func:`akitaflow.dataset.windows.fold_windows`.
    pvalue : float
        Largest p-value of a site.
    short : {"leave_out", "attainable"}
        For a matrix too short to reach ``pvalue``: leave it out, or search it at its smallest attainable p-value.
    ctcf : DataFrame
        chrom, start, end of the CTCF sites (or other sites) to which overlaps are counted.
    draws : int
        Random sequences per window.
    margin : int
        Length (bp) at both ends of a window in which sites are ignored.
    tracks : str or Path, optional
        Folder with JASPAR's tracks of the genome, ``{matrix}.tsv.gz``, to read sites from instead of scanning.

    Returns
    -------
    (sites, row) : (DataFrame or None, dict)
        ``sites``: columns of :func:`akitaflow.genome.motifs.sites_in_windows`, matrix, and overlap (1 if it overlaps
        one of ``ctcf``); None if the matrix was not searched. ``row``: keys :data:`PLAN`.
    """
    attainable = matrix.attainable_pvalue()
    row = dict.fromkeys(PLAN)
    row.update(matrix=matrix.matrix_id, motif=matrix.name, width=matrix.width, attainable_pvalue=attainable)
    row.update(sites=0, windows=0, predictions=0, left_out="")
    if attainable > pvalue:
        if short == "leave_out":
            row["left_out"] = f"its best sequence has p = {attainable:.2g}, more than {pvalue:g}"
            return None, row
        pvalue = attainable * (1 + 1e-9)
    if tracks is None:
        sites = motifs.scan(genome, windows, matrix, pvalue)
    else:
        track = Path(tracks) / f"{matrix.matrix_id}.tsv.gz"
        if not track.exists():
            row["left_out"] = f"no file {track}"
            return None, row
        sites = motifs.read_jaspar_track(track, pvalue)
    pairs = motifs.sites_in_windows(sites, windows, margin)
    pairs["overlap"] = overlaps(pairs, ctcf).astype(int)
    inside = pairs[["chrom", "start", "end", "overlap"]].drop_duplicates()
    n = pairs["window"].nunique()
    row.update(pvalue=pvalue, threshold=matrix.threshold(pvalue), sites=len(inside), windows=n, predictions=n * draws)
    row["overlap"] = inside["overlap"].mean()
    if not n:
        row["left_out"] = "no site in the windows"
    pairs.insert(0, "matrix", matrix.matrix_id)
    return pairs, row


def write_reference(path, predictor, windows):
    """Write the predicted maps of the reference windows: HDF5 ``values`` float32 (windows, n_values, outputs)."""
    requests = [Request(Window(row.chrom, int(row.start), int(row.end))) for row in windows.itertuples()]
    shape = (len(windows), predictor.model.n_values, len(predictor.model.outputs))
    with whole_h5(path) as file:
        values = file.create_dataset("values", shape, np.float32, chunks=(1, *shape[1:]))
        for prediction in predictor.stream(requests, progress="reference"):
            values[prediction.request_index] = prediction.values


def score(predictor, windows, sites, plan, reference):
    """Scores of one motif for every draw in every window with a site.

    Parameters
    ----------
    predictor : akitaflow.prediction.predictor.Predictor
    windows : DataFrame
        Of :func:`akitaflow.dataset.windows.fold_windows`.
    sites : DataFrame
        Sites of one motif, of :func:`find`.
    plan : akitaflow.analyses.mutagenesis.Mutagenesis
    reference : array_like, shape (windows, n_values, outputs)
        Maps of the reference windows; read row by row.

    Returns
    -------
    DataFrame
        :data:`DRAWS`; disruption and change in signal in squared log units.
    """
    numbers = sorted(sites["window"].unique())
    rows = windows["window"].searchsorted(numbers)  # windows are numbered in order
    chosen = windows.iloc[rows]
    requests = (
        replace(request, reference=reference[row])
        for row, request in zip(rows, plan.requests(predictor.genome, chosen, sites), strict=True)
    )
    draws = []
    for prediction in predictor.stream(requests):
        if prediction.alternative is None:
            continue
        disruption = map_scores.disruption(prediction)
        change = map_scores.change_in_signal(prediction)
        for values in zip(predictor.model.outputs, disruption, change, strict=True):
            draws.append(
                (plan.motif, numbers[prediction.request_index], values[0], prediction.alternative, *values[1:])
            )
    return pd.DataFrame(draws, columns=DRAWS)


def score_batch(predictor, windows, sites, numbers, reference, folder, identity, name):
    """Scores of all motifs of a job; scores of finished motifs are read from their files.

    Parameters
    ----------
    predictor, windows, reference
        As for :func:`score`.
    sites : DataFrame
        Sites of all motifs of the job.
    numbers : dict
        seed, draws, composition of :class:`akitaflow.analyses.mutagenesis.Mutagenesis`.
    folder : str or Path
        Folder for the scores of each motif until the job is finished.
    identity : str
        Of :func:`identity`; files of another identity are not used.
    name : str
        Description of the progress line.

    Returns
    -------
    DataFrame
        :data:`DRAWS`.
    """
    folder = Path(folder) / identity
    folder.mkdir(parents=True, exist_ok=True)
    tables = []
    groups = list(sites.groupby("matrix", sort=True))
    for matrix, rows in progress(groups, name, unit="motif"):
        path = folder / f"{matrix}.tsv"
        if not path.exists():
            plan = Mutagenesis(matrix, numbers["seed"], numbers["draws"], numbers["composition"])
            table = score(predictor, windows, rows, plan, reference)
            write_table(table, path, float_format="%.8g")
        tables.append(read_table(path))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=DRAWS)


def identity(paths, numbers):
    """Digest of the files and of the numbers (dict of JSON values) on which scores depend."""
    text = files_digest(paths) + json.dumps(numbers, sort_keys=True)
    return blake2b(text.encode(), digest_size=8).hexdigest()


def summarise(draws, plan, windows, n, seed):
    """Scores of each motif, averaged over draws, then over all windows of the fold.

    Parameters
    ----------
    draws : DataFrame
        :data:`DRAWS` of all motifs.
    plan : DataFrame
        :data:`PLAN` of all motifs.
    windows : DataFrame
        All windows of the fold: window, contig.
    n : int
        Resamples of the bootstrap over contigs.
    seed : tuple
        ``(seed, *names)``.

    Returns
    -------
    DataFrame
        The plan's columns for the motifs that were not left out, dataset, disruption and change_in_signal (means over
        all windows, 0 in windows without a site), low and high (95 % interval of the disruption; NaN with fewer than 5
        contigs), disruption_affected (mean over the windows with a site), n_windows, rank (1 is the largest
        disruption).
    """
    means = draws.groupby(["matrix", "dataset", "window"])[["disruption", "change_in_signal"]].mean()
    weights = bootstrap.resampling_weights(windows["contig"], n, seed)
    n_contigs = windows["contig"].nunique()
    rows = []
    for (matrix, dataset), motif_means in means.groupby(level=["matrix", "dataset"]):
        values = motif_means.droplevel(["matrix", "dataset"])
        everywhere = values["disruption"].reindex(windows["window"], fill_value=0.0).to_numpy()
        resampled = weights @ everywhere / weights.sum(axis=1)
        low, high = bootstrap.interval(everywhere.mean(), resampled, n_contigs)
        change = values["change_in_signal"].sum() / len(windows)
        affected = values["disruption"].mean()
        rows.append((matrix, dataset, everywhere.mean(), low, high, change, affected, len(windows)))
    names = ["matrix", "dataset", "disruption", "low", "high", "change_in_signal", "disruption_affected", "n_windows"]
    table = plan.drop(columns="left_out").merge(pd.DataFrame(rows, columns=names), on="matrix")
    table["rank"] = table.groupby("dataset")["disruption"].rank(ascending=False, method="first").astype(int)
    return table.sort_values(["dataset", "rank"], ignore_index=True)
