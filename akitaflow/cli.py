"""The command ``akitaflow``: predictions, variants and mutagenesis with a trained model, without Snakemake.

Exit codes: 0 done, 1 input that cannot be used (the message says what to do), 2 a wrong command line, 130 interrupted.
Tables go to standard output with ``-o -``; messages and progress go to standard error.
"""

import json
import os
import sys
import tempfile
from contextlib import ExitStack, contextmanager

from akitaflow.cli_options import make_parser
from akitaflow.errors import InputError


def main(arguments=None):
    """Run the command; returns the exit code."""
    commands = {
        "predict": _predict,
        "variants": _variants,
        "mutagenesis": _mutagenesis,
        "describe": _describe,
        "import": _import,
    }
    parser = make_parser(commands)
    options = parser.parse_args(arguments)
    if not hasattr(options, "run"):
        parser.print_help(sys.stderr)
        return 2
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if getattr(options, "device", None) == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # before TensorFlow looks for them
    try:
        options.run(options)
        sys.stdout.flush()
    except InputError as error:
        print(f"akitaflow {options.command}: error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of standard output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:  # no permission, a file in the place of a folder, a full disk
        place = f"{error.filename}: " if error.filename else ""
        print(f"akitaflow {options.command}: error: {place}{error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"akitaflow {options.command}: interrupted", file=sys.stderr)
        return 130
    return 0


def _load(options):
    with _without_greetings():
        from akitaflow import load_model
        from akitaflow.training.device import use_device

        use_device(getattr(options, "device", "auto"), getattr(options, "threads", None))
    return load_model(options.model, options.params, options.outputs.split(",") if options.outputs else None)


@contextmanager
def _without_greetings():
    """Hold back what TensorFlow writes to standard error while it starts, unless it fails."""
    sys.stderr.flush()
    terminal = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException as error:
            if not isinstance(error, InputError):
                held.seek(0)
                os.write(terminal, held.read())
            raise
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)


def _genome(options):
    from akitaflow.genome.sequence import Genome

    if not os.path.isfile(options.fasta):
        raise InputError(f"{options.fasta}: no such file; give the genome's FASTA")
    return Genome(options.fasta)


def _average(options):
    from akitaflow.prediction.stream import Average

    return Average(options.strands == "both", options.shifts)


def _settings(options):
    from akitaflow.variants.scoring import Settings
    from akitaflow.variants.supremo import NAMES

    supremo = NAMES if options.supremo else ()
    return Settings(_average(options), options.batch_size, supremo, options.insulation_bins)


def _say(options, text):
    if not options.quiet:
        print(text, file=sys.stderr)


def _predict(options):
    from akitaflow.prediction import maps
    from akitaflow.prediction.map_files import write_cooler
    from akitaflow.prediction.predictor import Predictor

    named = []
    for region in options.regions:
        named += sys.stdin.read().split() if region == "-" else [region]
    if not named:
        raise InputError("standard input names no region; write chr1:1,000,000-3,000,000, or chr1")
    predictor = Predictor(_load(options), _genome(options), options.batch_size, _average(options))
    model, genome = predictor.model, predictor.genome
    regions = [  # a name of a chromosome may have colons
        maps.as_window(name) if ":" in name and name not in genome.chromsizes else maps.whole_chromosome(genome, name)
        for name in named
    ]
    maps.check_regions(regions, model, genome, apart=options.output != "-")
    if options.output != "-":
        os.makedirs(options.output, exist_ok=True)
    predicted_maps = [
        maps.predict_region(
            predictor, region, stride_bins=options.stride, progress=None if options.quiet else str(region)
        )
        for region in regions
    ]
    if options.output == "-":
        for number, predicted in enumerate(predicted_maps):
            predicted.to_frame().to_csv(sys.stdout, sep="\t", index=False, header=not number, float_format="%.6g")
        return
    for output in model.outputs:
        path = os.path.join(options.output, f"{output}.mcool")
        write_cooler(path, predicted_maps, output, genome.chromsizes)
        _say(options, path)


def _variants(options):
    from akitaflow.variants.places import Lift
    from akitaflow.variants.runs import FLOAT_FORMAT, SCORES, run, status_counts_of
    from akitaflow.variants.scoring import Scorer, score_chunks
    from akitaflow.variants.tables import count, read_variants
    from akitaflow.variants.vcf import local_copy

    reading = {"format": options.format, "bed_kind": options.bed_kind}
    progress = None if options.quiet else "variants"
    with ExitStack() as stack:
        path = stack.enter_context(local_copy(options.variants))
        count(
            path, sample=options.sample, **reading
        )  # before TensorFlow starts, so that a damaged file is an error at once
        model, genome = _load(options), _genome(options)
        scorer = Scorer(model, genome, _settings(options), Lift(options.chain) if options.chain else None)
        scorer.check_contigs(path, options.format)
        background = _background(options, scorer)
        common = {"sample": options.sample, "background": background, "progress": progress}
        if options.output == "-":
            tables = score_chunks(
                scorer,
                lambda: read_variants(path, sample=options.sample, **reading),
                options.sample is not None,
                background,
                progress,
            )
            counts = status_counts_of(_written(tables, scorer, FLOAT_FORMAT), len(model.outputs))
        else:
            counts = run(
                options.output, scorer, path, chain=options.chain, overwrite=options.overwrite, **common, **reading
            )
    if scorer.names.renamed:
        _say(options, f"chromosomes: {scorer.names}")
    _say_counts(options, counts)
    if options.output != "-":
        _say(options, f"scores: {os.path.join(options.output, SCORES)}")


def _written(tables, scorer, float_format, path=None):
    """Write tables to a file, by default standard output, as they come, and pass them on."""
    path, place = path or sys.stdout, -1
    for place, table in enumerate(tables):
        table.to_csv(path, sep="\t", index=False, mode="a", header=not place, float_format=float_format)
        yield table
    if place < 0:
        scorer.score([]).to_csv(path, sep="\t", index=False)


def _say_counts(options, counts):
    """Say how many alleles have each status; if none has scores, also where other messages are not wanted."""
    text = "alleles: " + (", ".join(f"{number} {status}" for status, number in counts.items()) or "none")
    if counts and "ok" not in counts:
        print(f"warning: no allele has scores; {text}", file=sys.stderr)
    else:
        _say(options, text)


def _background(options, scorer):
    if options.held_out is None:
        if options.background:
            raise InputError("--background needs --held-out, the windows in which random variants are drawn")
        return None
    from akitaflow.genome.intervals import read_intervals
    from akitaflow.variants.background import Background
    from akitaflow.variants.runs import identity

    folder = options.background or os.path.join(
        options.model if os.path.isdir(options.model) else f"{options.model}.variants", "background"
    )
    windows = read_intervals(options.held_out)
    if 3 in windows and "train" in set(windows[3]):  # sequences.bed of the records of a model
        raise InputError(
            f"{options.held_out} has windows of the fold train; give those that the model was not trained on"
        )
    return Background(folder, scorer, windows, identity(scorer), options.random, options.seed)


def _mutagenesis(options):
    from akitaflow.files import whole
    from akitaflow.genome.intervals import parse_region
    from akitaflow.variants.runs import FLOAT_FORMAT, status_counts_of
    from akitaflow.variants.saturation import saturate
    from akitaflow.variants.scoring import Scorer, score_chunks

    region, model, genome = parse_region(options.region), _load(options), _genome(options)
    scorer = Scorer(model, genome, _settings(options))

    def alleles():
        return saturate(genome, region, options.method, options.block, options.seed)

    tables = score_chunks(scorer, alleles, progress=None if options.quiet else str(region))
    with ExitStack() as stack:
        path = sys.stdout if options.output == "-" else stack.enter_context(whole(options.output))
        counts = status_counts_of(_written(tables, scorer, FLOAT_FORMAT, path), len(model.outputs))
    _say_counts(options, counts)


def _describe(options):
    model = _load(options)
    if options.json:
        print(json.dumps({"outputs": model.outputs, **model.description}, indent=2))
        return
    rows = {
        "outputs": ", ".join(model.outputs),
        "reads": f"{model.length} bp",
        "bins": f"{model.bin_size} bp",
        "map": f"{model.map_bins} x {model.map_bins} bins, {model.map_bins * model.bin_size} bp, "
        f"from diagonal {model.diagonal_offset}",
        "parameters": model.network.count_params(),
        "genome": model.description.get("genome"),
        "split": model.description.get("split"),
    }
    for name, value in rows.items():
        if value is not None:
            print(f"{name}\t{value}")


def _import(options):
    from akitaflow.files import read_json

    params = read_json(options.params, "give the params.json with which the weights were trained")
    from akitaflow.model.basenji import check_sha256
    from akitaflow.model.folding_model import DESCRIPTION, import_model
    from akitaflow.model.network import Architecture

    if not os.path.isfile(options.weights):
        raise InputError(f"{options.weights}: no such file")
    there = os.path.join(options.output, DESCRIPTION)
    if os.path.exists(there):  # as of a training, which would be lost
        imported = read_json(there, "give another folder").get("imported")
        if not isinstance(imported, dict) or imported.get("sha256") != check_sha256(options.weights):
            raise InputError(f"{options.output} holds another model; give another folder")
    architecture = Architecture.from_params(params)
    names = options.outputs.split(",") if options.outputs else None
    names = names or [f"output_{place}" for place in range(int(params["model"]["head_hic"][-1]["units"]))]
    import_model(options.output, options.weights, architecture, names, options.sha256)
    print(options.output)
