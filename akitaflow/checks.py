"""Checks of a study across its keys and tables; each failure says what to write."""

import difflib
import math
import re
from pathlib import Path

from akitaflow.errors import InputError

MADE_HERE = "results/"  # files under it are made by the workflow itself
_REGION = re.compile(r"^(?P<chrom>\S+):(?P<start>[\d,]+)-(?P<end>[\d,]+)$")


def geometry(config, names):
    """Bin, pools, window, crop and diagonal offset fit each other."""
    numbers, source = config["geometry"], names["source"]
    size, pools = numbers["bin_size"], numbers["pools"]
    product = math.prod(pools)
    if product != size:
        raise InputError(
            f"{source}, geometry.pools: the product of {pools} is {product}, but geometry.bin_size is {size}; "
            f"write pools that multiply to the bin, for example {_factors(size)}, or bin_size: {product}"
        )
    for key in ("window", "crop"):
        if numbers[key] % size:
            below = numbers[key] // size * size
            nearest = " or ".join(str(value) for value in (below, below + size) if value > 0)
            raise InputError(
                f"{source}, geometry.{key}: {numbers[key]} bp is not a whole number of bins of {size} bp "
                f"(geometry.bin_size does not divide it); write {nearest}"
            )
    left = (numbers["window"] - 2 * numbers["crop"]) // size
    if left <= numbers["diagonal_offset"]:
        most = (numbers["window"] // size - numbers["diagonal_offset"] - 1) // 2 * size
        raise InputError(
            f"{source}, geometry.crop: cutting {numbers['crop']} bp from each side of a window of "
            f"{numbers['window']} bp leaves {max(left, 0)} bins, and the map begins at diagonal "
            f"{numbers['diagonal_offset']}; write a crop of at most {max(most, 0)} or a longer window"
        )


def datasets(config, rows, names):
    """Names are unique, genomes known, and each entry has what it needs."""
    table, seen = names["datasets"], {}
    if not config["genomes"]:
        raise InputError(f"{names['source']}, genomes: none is defined; write genomes: {{hg38: {{fasta: hg38.fa}}}}")
    if not rows:
        raise InputError(f"{table}: the table has a header but no dataset; write one row per dataset")
    for number, row in rows:
        name = row["dataset"]
        if name in seen:
            raise InputError(
                f"{table}, row {number}, column dataset: the name {name!r} stands in row {seen[name]} already; "
                "give each dataset a name of its own"
            )
        seen[name] = number
        _known(row["genome"], config["genomes"], f"{table}, row {number}, column genome", "genome")
        if row["entry"] == "fastq" and row["path"]:
            raise InputError(
                f"{table}, row {number}, column path: found {row['path']!r}, but {name} enters at fastq; "
                f"leave the cell empty and list its reads in {names['runs']}, or write the entry that fits the file"
            )
        if row["entry"] != "fastq" and not row["path"]:
            raise InputError(
                f"{table}, row {number}, column path: the cell is empty, but {name} enters at {row['entry']}; "
                f"write the path or URL of its {row['entry']} file"
            )


def runs(rows, run_rows, names):
    """Each dataset that enters at fastq has runs, no other has, and no run stands twice."""
    entries = {row["dataset"]: row["entry"] for _, row in rows}
    table, seen, files = names["runs"], {}, {}
    for number, row in run_rows:
        name = row["dataset"]
        _known(name, entries, f"{table}, row {number}, column dataset", "dataset")
        if entries[name] != "fastq":
            raise InputError(
                f"{table}, row {number}, column dataset: {name} enters at {entries[name]}, so its reads would not be "
                f"used; delete the row or write entry fastq for it in {names['datasets']}"
            )
        key = (name, row["library"], row["run"])
        if key in seen:
            raise InputError(
                f"{table}, row {number}, column run: dataset {name}, library {row['library']}, run {row['run']} "
                f"stands in row {seen[key]} already; give each run of a library a name of its own"
            )
        seen[key] = number
        for column in ("fastq_1", "fastq_2"):
            place = f"row {number}, column {column}"
            if row[column] in files:
                raise InputError(
                    f"{table}, {place}: {row[column]} stands in {files[row[column]]} already, so its reads would count "
                    "twice; write the file of this run and mate"
                )
            files[row[column]] = place
    with_runs = {key[0] for key in seen}
    for number, row in rows:
        if row["entry"] == "fastq" and row["dataset"] not in with_runs:
            where = table or "a table of runs (key 'runs' of the config)"
            raise InputError(
                f"{names['datasets']}, row {number}, column entry: {row['dataset']} enters at fastq but has no runs; "
                f"add its rows (dataset, library, run, fastq_1, fastq_2) to {where}"
            )


def splits(config, rows, names):
    """Fractions, chromosomes, regions and lengths of each split make sense together."""
    source, window = names["source"], config["geometry"]["window_bins"]
    for name, split in config["splits"].items():
        key = f"{source}, splits.{name}"
        _known(split["genome"], config["genomes"], f"{key}.genome", "genome")
        total = sum(split["fractions"].values())
        if abs(total - 1) > 1e-6:
            shares = ", ".join(f"{fold}: {share}" for fold, share in split["fractions"].items())
            raise InputError(f"{key}.fractions: {shares} sum to {total:g}; write shares that sum to 1")
        if split["max_contig_bins"] < window:
            raise InputError(
                f"{key}.max_contig_bins: contigs of at most {split['max_contig_bins']} bins hold no window of "
                f"{window} bins; write at least {window}, better 4 x {window}"
            )
        known = config["genomes"][split["genome"]]["chromosomes"]
        _chromosomes(split, known, key)
        for index, region in enumerate(split["holdout"]):
            _region(region["region"], known, f"{key}.holdout.{index}.region")


def _chromosomes(split, known, key):
    placed = {}
    for fold, chromosomes in split["chromosomes"].items():
        for chrom in chromosomes:
            if known is not None:
                _known(chrom, known, f"{key}.chromosomes.{fold}", "chromosome")
            if chrom in placed:
                raise InputError(
                    f"{key}.chromosomes.{fold}: {chrom} is in {placed[chrom]} too; write each chromosome in one fold"
                )
            placed[chrom] = fold


def _region(text, known, place):
    found = _REGION.match(text)
    if not found:
        raise InputError(f"{place}: found {text!r}; write a region as chr11:33900000-34100000")
    start, end = (int(found[part].replace(",", "")) for part in ("start", "end"))
    if start >= end:
        raise InputError(f"{place}: {text} ends before it starts; write start < end (0-based, half-open)")
    if known is not None:
        _known(found["chrom"], known, place, "chromosome")


def models(config, rows, names):
    """Each model has a split with something to learn."""
    for name, model in config["models"].items():
        place = f"{names['source']}, models.{name}.split"
        _known(model["split"], config["splits"], place, "split")
        genome = config["splits"][model["split"]]["genome"]
        if not _training(rows, genome):
            raise InputError(
                f"{place}: no dataset of genome {genome} has the role train, so there is nothing to learn; "
                f"write role train for one in {names['datasets']}"
            )


def outputs(config, rows, model):
    """Names of the datasets that a model predicts, in order."""
    return _training(rows, config["splits"][config["models"][model]["split"]]["genome"])


def analyses(config, rows, names):
    """Figures, motif sets and mutagenesis name what exists."""
    source, figures = names["source"], config["figures"]
    if figures["model"] is not None:
        _known(figures["model"], config["models"], f"{source}, figures.model", "model")
    if figures["dataset"] is not None:
        _known(figures["dataset"], [row["dataset"] for _, row in rows], f"{source}, figures.dataset", "dataset")
        model = figures["model"] or next(iter(config["models"]), None)
        if model is not None:
            place = f"{source}, figures.dataset"
            _known(figures["dataset"], outputs(config, rows, model), place, f"output of model {model}")
    for name, chosen in config["motifs"]["sets"].items():
        if (chosen["matrix"] is None) == (chosen["bed"] is None):
            both = "both" if chosen["bed"] else "neither"
            raise InputError(
                f"{source}, motifs.sets.{name}: {both} of matrix and bed is given; write one, as {{matrix: MA0139.1}} "
                "or {bed: sites.bed}"
            )
    for name in config["mutagenesis"]["motifs"]:
        _known(name, config["motifs"]["sets"], f"{source}, mutagenesis.motifs", "set of motifs.sets")
    width = config["targets"]["smoothing_width"]
    if width % 2 == 0:
        raise InputError(
            f"{source}, targets.smoothing_width: {width} is even, but a kernel has a centre; write {width + 1}"
        )


def simulated(config, rows, names):
    """The simulation and its truth name genomes, datasets, factors and motifs that exist."""
    source, simulation, truth = names["source"], config["simulation"], config["truth"]
    if simulation is None:
        if truth is not None:
            raise InputError(f"{source}, truth: only a simulated study has a known truth; delete this key")
        return
    key = f"{source}, simulation"
    entering = [row["dataset"] for _, row in rows if row["entry"] == "fastq"]
    for name, genome in simulation["genomes"].items():
        if genome["deletion_of"] is not None:
            _known(
                genome["deletion_of"], simulation["genomes"], f"{key}.genomes.{name}.deletion_of", "simulated genome"
            )
        for factor in genome["scattered"]:
            _known(factor, simulation["factors"], f"{key}.genomes.{name}.scattered", "simulated factor")
    for name, dataset in simulation["datasets"].items():
        _known(name, entering, f"{key}.datasets", "dataset that enters at fastq")
        _known(dataset["genome"], simulation["genomes"], f"{key}.datasets.{name}.genome", "simulated genome")
        for factor in dataset["factors"]:
            _known(factor, simulation["factors"], f"{key}.datasets.{name}.factors", "simulated factor")
    if truth is not None:
        model = config["figures"]["model"] or next(iter(config["models"]), None)
        if model is None:
            raise InputError(
                f"{source}, truth: the study has no model to judge; write one under models, or delete this key"
            )
        _known(truth["dataset"], outputs(config, rows, model), f"{source}, truth.dataset", f"output of model {model}")
        _known(truth["motif"], config["mutagenesis"]["motifs"], f"{source}, truth.motif", "motif of mutagenesis.motifs")


def files(config, rows, run_rows, names, locate):
    """Every local file that the workflow does not make itself is there."""
    source = names["source"]
    used = {row["genome"] for _, row in rows} | {split["genome"] for split in config["splits"].values()}
    for name in config["genomes"]:
        if name not in used:
            continue
        genome = config["genomes"][name]
        for key in ("fasta", "gaps", "centromeres", "mappability"):
            _present(genome[key], f"{source}, genomes.{name}.{key}", locate)
        for index, path in enumerate(genome["exclude"]):
            _present(path, f"{source}, genomes.{name}.exclude.{index}", locate)
    for name, chosen in config["motifs"]["sets"].items():
        _present(chosen["bed"], f"{source}, motifs.sets.{name}.bed", locate)
    for name, model in config["models"].items():
        _present(model["architecture"]["params"], f"{source}, models.{name}.architecture.params", locate)
    for number, row in rows:
        for column in ("path", "rename"):
            _present(row[column], f"{names['datasets']}, row {number}, column {column}", locate)
    for number, row in run_rows:
        for column in ("fastq_1", "fastq_2"):
            _present(row[column], f"{names['runs']}, row {number}, column {column}", locate)


def _present(path, place, locate):
    if not path:
        return
    located = locate(path)
    if "://" in located or located.startswith(MADE_HERE):
        return
    file = Path(located.split("::")[0])
    if not file.is_file():
        what = "is a folder, not a file" if file.is_dir() else "no such file"
        written = "" if located == path else f" (written {path})"
        raise InputError(f"{place}: {what}: {located}{written}; put the file there or write its path or URL")


def _training(rows, genome):
    return [row["dataset"] for _, row in rows if row["genome"] == genome and row["role"] == "train"]


def _known(name, known, place, what):
    known = list(known)
    if name in known:
        return
    close = difflib.get_close_matches(str(name), known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"write one of: {', '.join(known) or '(none is defined)'}"
    raise InputError(f"{place}: {name!r} is no {what} of this study; {hint}")


def _factors(number):
    """Prime factors, smallest first."""
    factors, divisor = [], 2
    while divisor * divisor <= number:
        while number % divisor == 0:
            factors.append(divisor)
            number //= divisor
        divisor += 1
    return factors + [number] if number > 1 or not factors else factors
