"""Checks of a study across its keys and tables; each failure says what to write."""

import difflib
import math
import re
from pathlib import Path

from akitaflow.errors import InputError

MADE_HERE = "results/"  # files under it are made by the workflow itself
SIMULATED_PAIRS = "results/simulation/pairs/{dataset}.pairs.gz"
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
                f"add its rows (dataset, library, run, fastq_1, fastq_2) to {where}; to make them from "
                "accessions put # before the row and run the target resolve_runs (docs/data.md)"
            )


def splits(config, rows, names):
    """Fractions, chromosomes, regions and lengths of each split make sense together."""
    source, window = names["source"], config["geometry"]["window_bins"]
    for name, split in config["splits"].items():
        key = f"{source}, splits.{name}"
        _known(split["genome"], config["genomes"], f"{key}.genome", "genome")
        if split["records"] is not None:
            _outputs_of_records(split, rows, key)
            continue
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


def _outputs_of_records(split, rows, key):
    """The targets of given records are datasets of the split's genome."""
    genomes = {row["dataset"]: row["genome"] for _, row in rows}
    for index, name in enumerate(split["records"]["outputs"]):
        place = f"{key}.records.outputs.{index}"
        _known(name, genomes, place, "dataset")
        if genomes[name] != split["genome"]:
            raise InputError(
                f"{place}: {name} is a dataset of genome {genomes[name]}, the split is one of {split['genome']}; write "
                f"a dataset of {split['genome']}, or correct one of the two genomes"
            )


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
    return found["chrom"], start, end


def targets(config, rows, split):
    """Names of the datasets whose targets the records of a split hold, in order (Study.datasets_of_split)."""
    given, genome = config["splits"][split]["records"], config["splits"][split]["genome"]
    return list(given["outputs"]) if given else _role(rows, genome, "train") or _role(rows, genome, "evaluate")


def outputs(config, rows, model):
    """Names of what a model predicts, in order: those of its weights, or the datasets that it learns."""
    weights = config["models"][model]["weights"]
    if weights:
        return list(weights["outputs"])
    return targets(config, rows, config["models"][model]["split"])


def compared(config, rows, model):
    """The outputs of a model whose targets its split has."""
    measured = targets(config, rows, config["models"][model]["split"])
    return [name for name in outputs(config, rows, model) if name in measured]


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
            what = f"output of model {model} with a target"  # maps are drawn beside their targets
            _known(figures["dataset"], compared(config, rows, model), place, what)
    for name in config["tracks"]:
        _known(name, [row["dataset"] for _, row in rows], f"{source}, tracks", "dataset")
    for name, chosen in config["motifs"]["sets"].items():
        if (chosen["matrix"] is None) == (chosen["bed"] is None):
            both = "both" if chosen["bed"] else "neither"
            raise InputError(
                f"{source}, motifs.sets.{name}: {both} of matrix and bed is given; write one, as {{matrix: MA0139.1}} "
                "or {bed: sites.bed}"
            )
    if config["region_panels"]["window"] is not None:
        _region(config["region_panels"]["window"], None, f"{source}, region_panels.window")
    if figures["model"] is not None:
        found = compared(config, rows, figures["model"])
        for name in config["cell_types"]["datasets"] or []:
            _known(name, found, f"{source}, cell_types.datasets", f"output of model {figures['model']}")
        if config["ctcf_independent"]["dataset"] is not None:
            name = config["ctcf_independent"]["dataset"]
            _known(name, found, f"{source}, ctcf_independent.dataset", f"output of model {figures['model']}")
    _cross_species(config, rows, source)
    for name in config["mutagenesis"]["motifs"]:
        _known(name, config["motifs"]["sets"], f"{source}, mutagenesis.motifs", "set of motifs.sets")
    width = config["targets"]["smoothing_width"]
    if width % 2 == 0:
        raise InputError(
            f"{source}, targets.smoothing_width: {width} is even, but a kernel has a centre; write {width + 1}"
        )


def _cross_species(config, rows, source):
    """The other genome's split has the dataset, and the model the output."""
    given, place = config["cross_species"], f"{source}, cross_species"
    if given["split"] is None:
        return
    _known(given["split"], config["splits"], f"{place}.split", "split")
    measured = targets(config, rows, given["split"])
    if given["dataset"] is None:
        raise InputError(f"{place}.dataset: not given; write one of {', '.join(measured)}")
    _known(given["dataset"], measured, f"{place}.dataset", f"dataset with targets on split {given['split']}")
    model = config["figures"]["model"] or next(iter(config["models"]), None)
    if given["output"] is not None and model is not None:
        _known(given["output"], outputs(config, rows, model), f"{place}.output", f"output of model {model}")


def search(config, names):
    """The model searched around is trained from fresh weights, and ranges are ranges."""
    place, name = f"{names['source']}, search", config["search"]["model"]
    if name is not None:
        _known(name, config["models"], f"{place}.model", "model")
        for key in ("weights", "start"):
            if config["models"][name][key]:
                raise InputError(
                    f"{place}.model: {name} has `{key}`, but a search trains other numbers of filters from fresh "
                    "weights; write a model without weights and start"
                )
    for key, limits in config["search"]["space"].items():
        if limits is None:
            continue
        if limits["low"] > limits["high"]:
            raise InputError(
                f"{place}.space.{key}: low {limits['low']} is above high {limits['high']}; exchange them, or write "
                "null to keep the model's own value"
            )
        if limits.get("log") and limits["low"] == 0:
            raise InputError(f"{place}.space.{key}: a logarithmic scale has no 0; write a low above 0 or log: false")


def simulated(config, rows, names):
    """The simulation and its truth name genomes, datasets, factors and motifs that exist."""
    source, simulation, truth = names["source"], config["simulation"], config["truth"]
    if simulation is None:
        if truth is not None:
            raise InputError(f"{source}, truth: only a simulated study has a known truth; delete this key")
        return
    key = f"{source}, simulation"
    entering = [
        row["dataset"]
        for _, row in rows
        if row["entry"] == "fastq" or row["path"] == SIMULATED_PAIRS.format(dataset=row["dataset"])
    ]
    for name, genome in simulation["genomes"].items():
        if genome["deletion_of"] is not None:
            _known(
                genome["deletion_of"], simulation["genomes"], f"{key}.genomes.{name}.deletion_of", "simulated genome"
            )
        for factor in genome["scattered"]:
            _known(factor, simulation["factors"], f"{key}.genomes.{name}.scattered", "simulated factor")
    for name, dataset in simulation["datasets"].items():
        what = f"dataset that enters at fastq, or at pairs with path {SIMULATED_PAIRS.format(dataset=name)},"
        _known(name, entering, f"{key}.datasets", what)
        _known(dataset["genome"], simulation["genomes"], f"{key}.datasets.{name}.genome", "simulated genome")
        for factor in dataset["factors"]:
            _known(factor, simulation["factors"], f"{key}.datasets.{name}.factors", "simulated factor")
    if truth is not None:
        model = config["figures"]["model"] or next(iter(config["models"]), None)
        if model is None:
            raise InputError(
                f"{source}, truth: the study has no model to judge; write one under models, or delete this key"
            )
        _known(truth["dataset"], compared(config, rows, model), f"{source}, truth.dataset", f"output of model {model}")
        _known(truth["motif"], config["mutagenesis"]["motifs"], f"{source}, truth.motif", "motif of mutagenesis.motifs")


def files(config, rows, run_rows, names, locate):
    """Every local file that the workflow does not make itself is there."""
    source = names["source"]
    used = {row["genome"] for _, row in rows} | {split["genome"] for split in config["splits"].values()}
    used |= {prediction["genome"] for prediction in config["predictions"].values()}
    for name in config["genomes"]:
        if name not in used:
            continue
        genome = config["genomes"][name]
        for key in ("fasta", "gaps", "centromeres", "mappability", "repeatmasker"):
            _present(genome[key], f"{source}, genomes.{name}.{key}", locate)
        for index, path in enumerate(genome["exclude"]):
            _present(path, f"{source}, genomes.{name}.exclude.{index}", locate)
    for name, split in config["splits"].items():
        if split["records"] is not None:
            _records_present(split["records"], f"{source}, splits.{name}.records", locate)
    for name, chosen in config["motifs"]["sets"].items():
        _present(chosen["bed"], f"{source}, motifs.sets.{name}.bed", locate)
    for name, tracks in config["tracks"].items():
        for track, path in tracks.items():
            _present(path, f"{source}, tracks.{name}.{track}", locate)
    for name, model in config["models"].items():
        _present(model["architecture"]["params"], f"{source}, models.{name}.architecture.params", locate)
        if model["weights"]:
            _present(model["weights"]["path"], f"{source}, models.{name}.weights.path", locate)
    for number, row in rows:
        for column in ("path", "rename"):
            _present(row[column], f"{names['datasets']}, row {number}, column {column}", locate)
    for number, row in run_rows:
        for column in ("fastq_1", "fastq_2"):
            _present(row[column], f"{names['runs']}, row {number}, column {column}", locate)


def _records_present(given, place, locate):
    """Given records are in a folder that is there, or at an address whose number of files is known."""
    folder = locate(given["folder"])
    for key in ("statistics", "sequences"):
        if given[key]:
            _present(given[key], f"{place}.{key}", locate)
    if "://" in folder:
        if given["files"] is None:
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
        if not given[key] and not Path(folder, name).is_file():
            raise InputError(
                f"{place}.folder: no {name} in {folder}; put the one of these records there or write its path as {key}"
            )


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


def _role(rows, genome, role):
    return [row["dataset"] for _, row in rows if row["genome"] == genome and row["role"] == role]


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
