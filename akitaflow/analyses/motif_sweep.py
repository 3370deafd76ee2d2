"""The sweep over motifs: every matrix of a collection is randomised in every window that has a site of it (Fig. 3a).

Motifs are dealt out to jobs, the i-th to job i modulo their number. A job first finds its motifs' sites and lists, for
every motif, how it was searched or why it is left out; then it predicts. The maps of the windows as they are come from
one file, so that no job predicts them again; pairs of window and motif without a site cost nothing; a motif that is
done is kept in a file of its own, so that an interrupted job goes on where it stopped.
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
from akitaflow.evaluation import bootstrap, scores
from akitaflow.files import read_table, whole_h5, write_table
from akitaflow.genome import motifs
from akitaflow.genome.intervals import Window, overlaps
from akitaflow.logs import progress
from akitaflow.prediction.stream import Request
from akitaflow.provenance import files_digest

PLAN = ["matrix", "motif", "width", "attainable_pvalue", "pvalue", "threshold", "sites", "overlap", "windows"]
PLAN += ["predictions", "left_out"]
DRAWS = ["matrix", "window", "dataset", "draw", "disruption", "change_in_signal"]


def collection(release, taxon, matrices=None):
    """The matrices of the sweep.

    Parameters
    ----------
    release : str
        Of JASPAR, as JASPAR2018.
    taxon : str
        Taxonomic group of JASPAR's CORE collection, as vertebrates.
    matrices : list of str, optional
        Ids; all of the taxon if not given.

    Returns
    -------
    list of akitaflow.genome.motifs.Matrix
        In the order of their ids.

    Raises
    ------
    InputError
        An unknown release, taxon or matrix.
    """
    from pyjaspar import jaspardb

    if matrices:
        return [motifs.jaspar_matrix(release, matrix) for matrix in matrices]
    releases = jaspardb().get_releases()
    if release not in releases:
        raise InputError(f"motifs.release is {release!r}; write one of {', '.join(releases)}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is missing is reported below
        records = jaspardb(release=release).fetch_motifs(collection="CORE", tax_group=[taxon])
    if not records:
        raise InputError(f"motif_sweep.taxon: {release} has no matrices of {taxon!r}; write for example vertebrates")
    counts = [np.array([motif.counts[base] for base in "ACGT"], float) for motif in records]
    collected = [motifs.Matrix(motif.name, motif.matrix_id, c) for motif, c in zip(records, counts, strict=True)]
    return sorted(collected, key=lambda matrix: matrix.matrix_id)


def find(matrix, genome, windows, pvalue, short, ctcf, draws, margin=0, tracks=None):
    """Sites of a motif in the windows, and its row of the plan.

    Parameters
    ----------
    matrix : akitaflow.genome.motifs.Matrix
    genome : akitaflow.genome.sequence.Genome
    windows : DataFrame
        Of :func:`akitaflow.dataset.windows.fold_windows`.
    pvalue : float
        Of a site. A matrix too short to reach it is left out, or searched at what it can reach.
    short : str
        ``leave_out`` or ``attainable``.
    ctcf : DataFrame
        chrom, start, end of the sites with which the motif's sites may overlap.
    draws : int
        Random sequences per window.
    margin : int
        bp at both ends of a window in which sites are left alone.
    tracks : str or Path, optional
        Folder of JASPAR's own tracks of the genome, ``{matrix}.tsv.gz``, to read sites from in place of scanning.

    Returns
    -------
    (sites, row) : (DataFrame, dict)
        ``sites`` as of :func:`akitaflow.genome.motifs.sites_in_windows`, with matrix and overlap (1: with one of
        ``ctcf``); ``row`` has the columns :data:`PLAN`.
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
    """Predict the windows as they are, once for all jobs: HDF5 ``values`` float32 (windows, n_values, outputs)."""
    requests = [Request(Window(row.chrom, int(row.start), int(row.end))) for row in windows.itertuples()]
    shape = (len(windows), predictor.model.n_values, len(predictor.model.outputs))
    with whole_h5(path) as file:
        values = file.create_dataset("values", shape, np.float32, chunks=(1, *shape[1:]))
        for made in predictor.stream(requests, progress="reference"):
            values[made.request_index] = made.values


def score(predictor, windows, sites, plan, reference):
    """Scores of one motif: every draw in every window with a site.

    Parameters
    ----------
    predictor : akitaflow.prediction.predictor.Predictor
    windows : DataFrame
        Of :func:`akitaflow.dataset.windows.fold_windows`.
    sites : DataFrame
        Of one motif, by window (:func:`find`).
    plan : akitaflow.analyses.mutagenesis.Mutagenesis
    reference : array_like, shape (windows, n_values, outputs)
        Maps of the windows as they are; read row by row.

    Returns
    -------
    DataFrame
        :data:`DRAWS`; disruption and change in squared log units.
    """
    numbers = sorted(sites["window"].unique())
    rows = windows["window"].searchsorted(numbers)  # windows are numbered in order
    chosen = windows.iloc[rows]
    requests = (
        replace(request, reference=reference[row])
        for row, request in zip(rows, plan.requests(predictor.genome, chosen, sites), strict=True)
    )
    draws = []
    for made in predictor.stream(requests):
        if made.alternative is None:
            continue
        disruption = scores.disruption(made.reference, made.values, axis=0)
        change = scores.change_in_signal(made.reference, made.values, axis=0)
        for values in zip(predictor.model.outputs, disruption, change, strict=True):
            draws.append((plan.motif, numbers[made.request_index], values[0], made.alternative, *values[1:]))
    return pd.DataFrame(draws, columns=DRAWS)


def score_batch(predictor, windows, sites, numbers, reference, folder, identity, name):
    """Scores of all motifs of a job, those that are done already being read from their files.

    Parameters
    ----------
    predictor, windows, reference
        As for :func:`score`.
    sites : DataFrame
        Of all motifs of the job.
    numbers : dict
        seed, draws, composition of :class:`akitaflow.analyses.mutagenesis.Mutagenesis`.
    folder : str or Path
        Where the scores of each motif are kept until the job is done.
    identity : str
        What the scores depend on; files of another identity are not used.
    name : str
        Of the progress line.

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
        done = folder / f"{matrix}.tsv"
        if not done.exists():
            plan = Mutagenesis(matrix, numbers["seed"], numbers["draws"], numbers["composition"])
            table = score(predictor, windows, rows, plan, reference)
            write_table(table, done, float_format="%.8g")
        tables.append(read_table(done))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=DRAWS)


def identity(paths, numbers):
    """A digest of the files, and of the plain numbers, on which scores depend."""
    text = files_digest(paths) + json.dumps(numbers, sort_keys=True)
    return blake2b(text.encode(), digest_size=8).hexdigest()


def summarise(draws, plan, windows, n, seed):
    """Scores of each motif: averaged over draws, then over all windows of the fold.

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
        (seed, *names).

    Returns
    -------
    DataFrame
        The plan's columns of motifs that are not left out, dataset, and: disruption and change_in_signal (means over
        all windows, a window without a site counting 0), low and high (95 % interval of the disruption),
        disruption_affected (mean over the windows with a site), n_windows, rank (1: the largest disruption).
    """
    means = draws.groupby(["matrix", "dataset", "window"])[["disruption", "change_in_signal"]].mean()
    weights = bootstrap.resampling_weights(windows["contig"], n, seed)
    rows = []
    for (matrix, dataset), part in means.groupby(level=["matrix", "dataset"]):
        values = part.droplevel(["matrix", "dataset"])
        everywhere = values["disruption"].reindex(windows["window"], fill_value=0.0).to_numpy()
        low, high = bootstrap.percentile_interval(weights @ everywhere / weights.sum(axis=1))
        change = values["change_in_signal"].sum() / len(windows)
        affected = values["disruption"].mean()
        rows.append((matrix, dataset, everywhere.mean(), low, high, change, affected, len(windows)))
    names = ["matrix", "dataset", "disruption", "low", "high", "change_in_signal", "disruption_affected", "n_windows"]
    table = plan.drop(columns="left_out").merge(pd.DataFrame(rows, columns=names), on="matrix")
    table["rank"] = table.groupby("dataset")["disruption"].rank(ascending=False, method="first").astype(int)
    return table.sort_values(["dataset", "rank"], ignore_index=True)
