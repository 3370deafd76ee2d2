"""akitaflow: from Hi-C reads to the figures of a sequence-to-genome-folding study. See README.md."""

import os
import shutil
import sys

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

min_version("9.10")
sys.path.insert(0, workflow.basedir)

from akitaflow.errors import InputError
from akitaflow.logs import DISK_FULL
from akitaflow.study.config_file import check_config_file

# YAML reads some texts otherwise than they are meant: the file is checked before its values are.
try:
    for path in workflow.overwrite_configfiles or ["config/config.yaml"]:
        check_config_file(path)
except InputError as error:
    raise WorkflowError(str(error)) from None

# A file given by --configfile replaces the default one; the two are not merged.
if not workflow.overwrite_configfiles:

    configfile: "config/config.yaml"


report: "report/workflow.rst"


# For jobs with --sdm apptainer. Rules take it as they are defined.
if config.get("container"):

    container: config["container"]


# The files of rules in the order of the data flow.
stages = """
    common chapters
    simulate simulate_tracks retrieve map distiller cool prepare depth
    train search evaluate comparison cross_validation
    mutagenesis region_panels inversion motif_sweep pattern_strength cell_types cross_species deletion
    predict variants experiments run
"""
for stage in stages.split():

    include: f"rules/{stage}.smk"


if study.claims:

    include: "rules/claims.smk"


# The rules compare results with the simulation and name its datasets.
if "truth" in config:

    include: "rules/truth.smk"


# What killed jobs have left in the folder for temporary files. With --nolock another run may be using it.
onstart:
    if workflow.execution_settings.lock:
        shutil.rmtree("results/tmp", ignore_errors=True)


onerror:
    # programs of shell rules write to logs only, which may be on the full disk
    free = shutil.disk_usage(".").free / 1e6
    if free < 100:
        print(f"error: {free:.0f} MB are left on the disk of {os.getcwd()}, which may be the reason: {DISK_FULL}")


rule all:
    """All chapters of the config."""
    default_target: True
    input:
        maps_and_qc(),
        model_chapter(),
        analysis_chapter(),
        variants_chapter(),
        experiments_chapter(),
        truth_chapter(),
        claims_chapter(),
        "results/run/config.yaml",
        "results/run/left_out.tsv",
        "results/run/software.tsv",
        "results/run/warnings.tsv",
        "results/provenance.json",


rule maps:
    """Balanced maps of every dataset, table 1 and the mapping figure."""
    input:
        maps_and_qc(),


rule model:
    """Split, targets, training, evaluation, mutagenesis and their figures."""
    input:
        model_chapter(),


rule compare_models:
    """Comparison of `figures.model` with the alternatives of the paper: one training per alternative and seed."""
    input:
        comparison_chapter(),


rule reproduce_published:
    """Evaluation of the published weights on the published test records, and the table of published numbers."""
    input:
        published_chapter,


rule search_models:
    """Hyperparameter search around a model: a table, a figure, and the best model as YAML for the config."""
    input:
        search_chapter,


rule figure_1:
    """The panels of figure 1. A figure without panels is asked for by the name of its rule."""
    input:
        panels("figure_1a", "figure_1b", "figure_1c"),


rule figure_2:
    """The panels of figure 2."""
    input:
        panels("figure_2b", "figure_2c", "figure_2d", "figure_2e"),


rule figure_3:
    """The panels of figure 3."""
    input:
        panels("figure_3a", "figure_3b", "figure_3c"),


for panel in "bcde":

    rule:
        name:
            f"figure_2{panel}"
        input:
            figure(f"figure_2{panel}"),
