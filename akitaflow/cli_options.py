"""Commands and options of the command line ``akitaflow``."""

import argparse

from akitaflow import __version__

EPILOG = "Coordinates of regions are 0-based and half-open; positions of variants are as in their files."


def make_parser(run):
    """The parser of the command line.

    Parameters
    ----------
    run : dict of str to callable
        Function of each command, which is called with the parsed options.
    """
    parser = argparse.ArgumentParser(
        prog="akitaflow",
        description="Predict how a genome folds, and how it folds when its sequence changes.",
        epilog="'akitaflow COMMAND --help' describes a command.",
    )
    parser.add_argument("--version", action="version", version=f"akitaflow {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    _add_predict(commands, run["predict"])
    _add_variants(commands, run["variants"])
    _add_mutagenesis(commands, run["mutagenesis"])
    _add_describe(commands, run["describe"])
    _add_import(commands, run["import"])
    return parser


def _command(commands, name, run, summary, text=None):
    parser = commands.add_parser(
        name,
        help=summary,
        description=text or f"{summary[0].upper()}{summary[1:]}.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


def _add_model(parser, genome=True):
    group = parser.add_argument_group("model and genome" if genome else "model")
    group.add_argument("-m", "--model", required=True, metavar="DIR", help="folder of a model, or .h5 with --params")
    group.add_argument("--params", metavar="JSON", help="params.json of an .h5 of the authors' code")
    group.add_argument("--outputs", metavar="A,B,...", help="names of the outputs of an .h5, in its order")
    if genome:
        group.add_argument("-f", "--fasta", required=True, metavar="FASTA", help="genome, plain or bgzipped")


def _add_computing(parser, strands="both"):
    group = parser.add_argument_group("computing")
    text = "strands to average over (%(default)s)"
    group.add_argument("--strands", choices=["both", "forward"], default=strands, help=text)
    text = "shifts to average over, bp (%(default)s); 0,1,-1 as in the publication"
    group.add_argument("--shifts", type=_numbers, default="0", metavar="N,N,...", help=text)
    text = "sequences at once (%(default)s); fewer need less memory"
    group.add_argument("--batch-size", type=_positive, default=4, metavar="N", help=text)
    group.add_argument("--device", choices=["auto", "cpu", "gpu"], default="auto", help="(%(default)s)")
    group.add_argument("--threads", type=_positive, metavar="N", help="cores; all if not given")
    group.add_argument("-q", "--quiet", action="store_true", help="no progress")


def _add_predict(commands, run):
    parser = _command(commands, "predict", run, "predict the maps of regions or whole chromosomes")
    parser.add_argument("regions", nargs="+", metavar="REGION", help="chr1:1,000,000-3,000,000, or chr1; - reads them")
    text = "folder for OUTPUT.mcool, one for each output, or - for a table on standard output"
    parser.add_argument("-o", "--output", required=True, metavar="DIR", help=text)
    parser.add_argument("--stride", type=_positive, metavar="BINS", help="distance of windows; half of a map")
    _add_model(parser)
    _add_computing(parser)


def _add_variants(commands, run):
    text = """\
Score the variants of a VCF, BED or table. The table has a row for each variant, allele and dataset, in the order
of the file; the column status says why a variant has no scores. The table is DIR/scores.tsv.gz. After an
interruption the same command continues the run."""
    parser = _command(commands, "variants", run, "score DNA variants", text)
    parser.add_argument("variants", metavar="VARIANTS", help="VCF, BCF, BED or TSV, plain or gzipped; - reads them")
    parser.add_argument("-o", "--output", required=True, metavar="DIR", help="folder, or - for standard output")
    parser.add_argument("--overwrite", action="store_true", help="replace scores of other variants or settings in DIR")
    _add_model(parser)
    group = parser.add_argument_group("variants")
    group.add_argument("--format", choices=["vcf", "bed", "tsv"], help="of VARIANTS, if its first line does not tell")
    group.add_argument("--bed-kind", choices=["DEL", "DUP", "INV"], help="what the lines of a BED are")
    group.add_argument("--chain", metavar="CHAIN", help="chain file from the variants' assembly to the genome's")
    group.add_argument("--sample", metavar="NAME", help="score the phased haplotypes of this sample")
    _add_scores(parser)
    group = parser.add_argument_group("random variants to compare with")
    text = "BED of windows that the model was not trained on; adds quantiles"
    group.add_argument("--held-out", metavar="BED", help=text)
    text = "where their scores are stored (MODEL/background)"
    group.add_argument("--background", metavar="DIR", help=text)
    text = "random variants of each kind and size (%(default)s)"
    group.add_argument("--random", type=_positive, default=200, metavar="N", help=text)
    group.add_argument("--seed", type=int, default=1, metavar="N", help="(%(default)s)")
    _add_computing(parser)


def _add_scores(parser):
    group = parser.add_argument_group("scores")
    group.add_argument("--supremo", action="store_true", help="also the scores of SuPreMo-Akita, which take longer")
    group.add_argument("--insulation-bins", type=_positive, metavar="N", help="bins on each side (10)")


def _add_mutagenesis(commands, run):
    text = """\
Change every base of a region to every other, or randomise or delete blocks of it, and score each change."""
    parser = _command(commands, "mutagenesis", run, "score every change of a region", text)
    parser.add_argument("region", metavar="REGION", help="chr1:1,000,000-1,000,200")
    parser.add_argument("-o", "--output", required=True, metavar="TSV", help="table, or - for standard output")
    text = "each base to the others, blocks to random bases, or blocks deleted (%(default)s)"
    parser.add_argument("--method", choices=["substitute", "randomise", "delete"], default="substitute", help=text)
    parser.add_argument("--block", type=_positive, metavar="N", help="bases of a block (10)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of random bases (%(default)s)")
    _add_model(parser)
    _add_scores(parser)
    _add_computing(parser)


def _add_describe(commands, run):
    parser = _command(commands, "describe", run, "say what a model reads and predicts")
    parser.add_argument("--json", action="store_true", help="all that the model's description says, as JSON")
    _add_model(parser, genome=False)


def _add_import(commands, run):
    parser = _command(commands, "import", run, "make a model's folder of an .h5 of the authors' code")
    parser.add_argument("weights", metavar="H5", help="weights")
    parser.add_argument("--params", required=True, metavar="JSON", help="the params.json that it was trained with")
    parser.add_argument("--outputs", metavar="A,B,...", help="names of its outputs, in its order")
    parser.add_argument("--sha256", metavar="HEX", help="what the file's must be")
    parser.add_argument("-o", "--output", required=True, metavar="DIR", help="folder of the model")


def _numbers(text):
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: write whole numbers with commas") from None


def _positive(text):
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r}: write a whole number, 1 or more")
    return int(text)
