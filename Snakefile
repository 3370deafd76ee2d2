"""akitaflow: from Hi-C reads to the figures of a sequence-to-genome-folding study. See README.md."""

import sys

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

min_version("9.10")
sys.path.insert(0, workflow.basedir)

from akitaflow.errors import InputError
from akitaflow.study.config_file import check_config_file


def check_config(path):
    """The text of a config file, which YAML may read otherwise than it is meant."""
    try:
        check_config_file(path)
    except InputError as error:
        raise WorkflowError(str(error)) from None


# A file given by --configfile takes the place of the default one; it is not merged into it.
for path in workflow.overwrite_configfiles or ["config/config.yaml"]:
    check_config(path)
if not workflow.overwrite_configfiles:

    configfile: "config/config.yaml"


report: "report/workflow.rst"


# The files of rules, in the order of the data's way.
stages = """
    common chapters
    simulate simulate_tracks retrieve map distiller cool prepare depth
    train search evaluate comparison cross_validation
    mutagenesis region_panels inversion motif_sweep pattern_strength cell_types cross_species deletion
    predict run
"""
for stage in stages.split():

    include: f"rules/{stage}.smk"


if study.claims:

    include: "rules/claims.smk"


# Claims are about what a simulation planted, and the rules name its datasets.
if "truth" in config:

    include: "rules/truth.smk"


rule all:
    """Every chapter that the config asks for."""
    default_target: True
    input:
        maps_and_qc(),
        model_chapter(),
        analysis_chapter(),
        truth_chapter(),
        claims_chapter(),
        "results/run/config.yaml",
        "results/run/left_out.tsv",
        "results/run/software.tsv",


rule maps:
    """Balanced maps of every dataset, table 1 and the mapping figure."""
    input:
        maps_and_qc(),


rule model:
    """Split, targets, training, evaluation, mutagenesis and their figures."""
    input:
        model_chapter(),


rule compare_models:
    """The model of the figures against the alternatives of the paper: one training per alternative and seed."""
    input:
        comparison_chapter(),


rule reproduce_published:
    """The published weights on the published test records, and the published numbers beside what was measured."""
    input:
        published_chapter,


rule search_models:
    """Search of hyperparameters around a model: a table, a figure, and the best model as YAML to paste."""
    input:
        search_chapter,
