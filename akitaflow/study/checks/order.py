"""The checks of a study in the order in which they run.

Each takes a :class:`akitaflow.study.study.Study` and raises :class:`akitaflow.errors.InputError` with the file, the
key or the row and column, the value and what to write. The first error stops.
"""

from akitaflow.study.checks.analyses import (
    check_average,
    check_cell_types,
    check_composition,
    check_cross_species,
    check_ctcf_independent,
    check_depth,
    check_figures,
    check_motifs,
    check_mutagenesis,
    check_region_panels,
    check_targets,
    check_tracks,
)
from akitaflow.study.checks.comparison import check_comparison
from akitaflow.study.checks.datasets import check_datasets, check_levels
from akitaflow.study.checks.deletions import check_deletions
from akitaflow.study.checks.experiments import check_experiments, check_saturation
from akitaflow.study.checks.files import check_addresses, check_files
from akitaflow.study.checks.genomes import check_genomes
from akitaflow.study.checks.geometry import check_geometry
from akitaflow.study.checks.mapping import check_mapping
from akitaflow.study.checks.models import check_models
from akitaflow.study.checks.predictions import check_predictions
from akitaflow.study.checks.runs import check_runs
from akitaflow.study.checks.search import check_search
from akitaflow.study.checks.simulation import check_simulation
from akitaflow.study.checks.splits import check_splits
from akitaflow.study.checks.variants import check_variants

# Checks of the study as written, before null choices are resolved.
AS_WRITTEN = [
    check_geometry,
    check_genomes,
    check_datasets,
    check_runs,
    check_levels,
    check_splits,
    check_models,
]

# Checks of the complete study: sections that name models, splits and datasets.
COMPLETE = [
    check_figures,
    check_tracks,
    check_motifs,
    check_region_panels,
    check_cell_types,
    check_ctcf_independent,
    check_cross_species,
    check_mutagenesis,
    check_targets,
    check_depth,
    check_average,
    check_composition,
    check_predictions,
    check_variants,
    check_saturation,
    check_experiments,
    check_deletions,
    check_search,
    check_mapping,
    check_simulation,
    check_addresses,
    check_files,
    check_comparison,
]
