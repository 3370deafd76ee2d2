"""Scores of a file of variants, written to a folder chunk by chunk, so that an interrupted run can continue.

The folder has ``scores.tsv.gz`` and ``run.json``, which has everything on which the scores depend. During a run,
finished chunks are in ``parts``. An interrupted and continued run gives the same scores.
"""

import json
import shutil
import zlib
from collections import Counter
from dataclasses import asdict
from hashlib import blake2b
from pathlib import Path

import pandas as pd

from akitaflow import __version__
from akitaflow.errors import InputError
from akitaflow.files import read_json, whole, write_table, write_text
from akitaflow.variants.scoring import CHUNK, score_chunks
from akitaflow.variants.tables import read_variants
from akitaflow.variants.variant import STATUSES

SCORES, ABOUT, PARTS = "scores.tsv.gz", "run.json", "parts"
FLOAT_FORMAT = "%.6g"


def identity(scorer):
    """Everything but the variants on which scores depend, as plain JSON values: model, genome, settings."""
    settings = asdict(scorer.settings)
    settings.pop("batch_size")  # does not change scores
    return {
        "akitaflow": __version__,
        "model": model_digest(scorer.model),
        "outputs": list(scorer.model.outputs),
        "genome": genome_digest(scorer.genome),
        "settings": json.loads(json.dumps(settings)),
    }


def model_digest(model):
    """Digest of the weights of a model; its name if it has none."""
    network = getattr(model, "network", None)
    if network is None:
        return type(model).__name__
    digest = blake2b(digest_size=16)
    for weight in network.weights:
        digest.update(weight.numpy().tobytes())
    return digest.hexdigest()


def genome_digest(genome):
    """Digest of the FASTA of a genome, or of its chromosome sizes if it is in memory."""
    path = getattr(genome, "path", None)
    return file_digest(path) if path else _digest(json.dumps(genome.chromsizes).encode())


def file_digest(path):
    """Digest of the content of a file."""
    digest = blake2b(digest_size=16)
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _digest(content):
    return blake2b(content, digest_size=16).hexdigest()


def run(folder, scorer, path, *, chain=None, sample=None, background=None, overwrite=False, progress=None, **options):
    """Score the variants of a file and write the table to a folder.

    Parameters
    ----------
    folder : str or Path
        Created if missing. A folder with a part of the same run is completed; a complete one is not changed.
    scorer : akitaflow.variants.scoring.Scorer
    path : str or Path
        File of variants; it is read to its end before anything is predicted.
    chain : str or Path, optional
        Chain file of the scorer's lift-over.
    sample, background, progress, **options
        As in :func:`akitaflow.variants.scoring.score_variants`.
    overwrite : bool
        Replace scores of other variants or settings instead of refusing the folder. Those of the same run are kept.

    Returns
    -------
    dict of str to int
        Number of alleles with each status.

    Raises
    ------
    InputError
        If the variants cannot be read, or the folder has scores of other variants, another model or other settings.
    """
    folder = Path(folder)
    scorer.check_contigs(path, options.get("format"))
    alleles = sum(1 for _ in read_variants(path, sample=sample, **options))
    about = {
        **identity(scorer),
        "variants": file_digest(path),
        "alleles": alleles,
        "chain": file_digest(chain) if chain else None,
        "sample": sample,
        "background": _digest(json.dumps(background.identity).encode()) if background else None,
        "options": options,
        "chunk": CHUNK,
    }
    _claim(folder, about, overwrite)
    parts = folder / PARTS
    if not (folder / SCORES).exists():
        parts.mkdir(exist_ok=True)
        finished = {int(part.name.split(".")[0]) for part in parts.glob("[0-9]*.tsv.gz")}
        tables = score_chunks(
            scorer,
            lambda: read_variants(path, sample=sample, **options),
            sample is not None,
            background,
            progress,
            skip=finished,
        )
        number = -1
        for number, table in enumerate(tables):
            if table is not None:
                write_table(table, parts / f"{number:07d}.tsv.gz", header=number == 0, float_format=FLOAT_FORMAT)
        if number < 0:
            write_table(scorer.score([]), parts / f"{0:07d}.tsv.gz")
        _join(parts, folder / SCORES)
    shutil.rmtree(parts, ignore_errors=True)
    return status_counts(folder / SCORES)


def _claim(folder, about, overwrite):
    """Write ``run.json``, or check that it is that of this run."""
    path = folder / ABOUT
    if path.exists():
        stored = read_json(path, "delete it, or give another folder")
        about = json.loads(json.dumps(about))
        differing = [key for key in {**stored, **about} if stored.get(key) != about.get(key)]
        if not differing:
            return
        if not overwrite:
            raise InputError(
                f"{folder} holds scores made with other {differing[0]}; give another folder, or --overwrite to replace "
                "them"
            )
        (folder / SCORES).unlink(missing_ok=True)
        shutil.rmtree(folder / PARTS, ignore_errors=True)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; give a folder for the scores, or - for standard output")
    write_text(path, json.dumps(about, indent=1) + "\n")


def _join(parts, path):
    """Concatenate the parts; concatenated gzip files are a gzip file."""
    with whole(path) as part, open(part, "wb") as joined:
        for piece in sorted(parts.glob("[0-9]*.tsv.gz")):
            with open(piece, "rb") as file:
                shutil.copyfileobj(file, joined)


def status_counts(path):
    """Number of alleles with each status in a file of scores; InputError if it is damaged."""
    try:
        datasets = pd.read_csv(path, sep="\t", usecols=["dataset"])["dataset"].nunique()
        return status_counts_of(pd.read_csv(path, sep="\t", usecols=["status"], chunksize=100_000), datasets)
    except (EOFError, OSError, ValueError, zlib.error) as error:
        raise InputError(f"{path} is damaged ({error}): delete it, and the same command makes it anew") from None


def status_counts_of(tables, datasets):
    """Number of alleles with each status in tables of scores, which have a row for each dataset."""
    counts = Counter()
    for table in tables:
        counts.update(table["status"].tolist())
    return {status: number // datasets for status, number in counts.items()}


def status_table(counts):
    """The numbers of alleles with each status as a table.

    Parameters
    ----------
    counts : dict of str to int
        Of :func:`run`.

    Returns
    -------
    DataFrame
        status, alleles, meaning (of the status), the most frequent first.
    """
    rows = [(status, number, STATUSES[status]) for status, number in sorted(counts.items(), key=lambda item: -item[1])]
    return pd.DataFrame(rows, columns=["status", "alleles", "meaning"])
