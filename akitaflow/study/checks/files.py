"""Check of the local files that the config and its tables name."""

from pathlib import Path
from urllib.parse import urlsplit

from akitaflow.errors import InputError
from akitaflow.retrieve.downloads import masked
from akitaflow.study.checks.common import MADE_HERE, require_file, require_no_wildcard


def check_addresses(study):
    """No address of a download holds a user or a password, which would land in logs and copies of the config."""
    mirrors = [row["mirror"] for row in study.resources.values()]
    for url in [*study.addresses(), *study.resources, *mirrors, study.config["file_report"]]:
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise InputError(
                f"{study.source} or one of its tables: {url} is no address ({error}); correct it"
            ) from None
        if parts.scheme and parts.username is not None:
            raise InputError(
                f"{study.source} or one of its tables: the address {masked(url)} holds a user or password; write the "
                f"address without them, and 'machine {parts.hostname} login USER password PASSWORD' in ~/.netrc"
            )


def check_files(study):
    """Every local input file exists."""
    config, source = study.config, study.source
    used = set(study.datasets["genome"]) | {split["genome"] for split in config["splits"].values()}
    used |= {block["genome"] for name in ("predictions", "deletions") for block in config[name].values()}
    for name in config["genomes"]:
        if name not in used:
            continue
        genome = config["genomes"][name]
        for key in ("fasta", "gaps", "centromeres", "mappability", "repeatmasker"):
            require_file(study, genome[key], f"{source}, genomes.{name}.{key}")
        for index, path in enumerate(genome["exclude"]):
            require_file(study, path, f"{source}, genomes.{name}.exclude.{index}")
    for name, split in config["splits"].items():
        if split["records"] is not None:
            _check_records(study, split["records"], f"{source}, splits.{name}.records")
    for name, motifs in config["motifs"]["sets"].items():
        for key in ("bed", "file"):
            require_file(study, motifs[key], f"{source}, motifs.sets.{name}.{key}")
    for name, tracks in config["tracks"].items():
        for track, path in tracks.items():
            require_file(study, path, f"{source}, tracks.{name}.{track}")
    tracks = study.locate(config["motif_sweep"]["tracks"])
    if tracks and not tracks.startswith(MADE_HERE) and not Path(tracks).is_dir():
        raise InputError(
            f"{source}, motif_sweep.tracks: no folder {tracks}; write the folder with the files MA0139.1.tsv.gz, ..., "
            "or null to scan the windows"
        )
    for name, model in config["models"].items():
        require_file(study, model["architecture"]["params"], f"{source}, models.{name}.architecture.params")
        if model["weights"]:
            require_file(study, model["weights"]["path"], f"{source}, models.{name}.weights.path")
    for number, row in study.numbered_rows("datasets"):
        for column in ("path", "rename"):
            require_file(study, row[column], f"{study.dataset_table}, row {number}, column {column}")
    for number, row in study.numbered_rows("runs"):
        for column in ("fastq_1", "fastq_2"):
            require_file(study, row[column], f"{study.run_table}, row {number}, column {column}")


def _check_records(study, records, place):
    """Imported records are in a folder that exists, or at a URL with known numbers of files."""
    folder = study.locate(records["folder"])
    require_no_wildcard(folder, f"{place}.folder")
    for key in ("statistics", "sequences"):
        if records[key]:
            require_file(study, records[key], f"{place}.{key}")
    if "://" in folder:
        if records["files"] is None:
            raise InputError(
                f"{place}.files: the files at {folder} cannot be listed; write their numbers, as "
                "{train: 28, valid: 2, test: 2} (256 records a file: train_seqs of statistics.json / 256, rounded up)"
            )
        return
    if folder.startswith(MADE_HERE):
        return
    if not Path(folder, "tfrecords").is_dir():
        raise InputError(
            f"{place}.folder: no folder {folder}/tfrecords; write the folder that has it, with files train-0.tfr, ..."
        )
    for key, name in (("statistics", "statistics.json"), ("sequences", "sequences.bed")):
        if not records[key] and not Path(folder, name).is_file():
            raise InputError(
                f"{place}.folder: no {name} in {folder}; put the one of these records there or write its path as {key}"
            )
