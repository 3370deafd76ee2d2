"""akitaflow: from Hi-C reads to the figures of a sequence-to-genome-folding study. See README.md."""

import sys

from snakemake.utils import min_version

min_version("9.10")
sys.path.insert(0, workflow.basedir)


# A file given by --configfile takes the place of the default one; it is not merged into it.
if not workflow.overwrite_configfiles:

    configfile: "config/config.yaml"


report: "report/workflow.rst"


include: "rules/common.smk"
include: "rules/chapters.smk"
include: "rules/simulate.smk"
include: "rules/simulate_tracks.smk"
include: "rules/retrieve.smk"
include: "rules/map.smk"
include: "rules/distiller.smk"
include: "rules/cool.smk"
include: "rules/prepare.smk"
include: "rules/depth.smk"
include: "rules/train.smk"
include: "rules/search.smk"
include: "rules/evaluate.smk"
include: "rules/comparison.smk"
include: "rules/cross_validation.smk"
include: "rules/mutagenesis.smk"
include: "rules/region_panels.smk"
include: "rules/inversion.smk"
include: "rules/motif_sweep.smk"
include: "rules/pattern_strength.smk"
include: "rules/cell_types.smk"
include: "rules/cross_species.smk"
include: "rules/deletion.smk"
include: "rules/predict.smk"
include: "rules/run.smk"


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
