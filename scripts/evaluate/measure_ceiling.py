"""Measure the split-read ceiling of a dataset."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.dataset.targets import TargetSteps
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.evaluation.ceiling import ceiling_row, half_targets
    from akitaflow.files import write_table

    params, dataset = snakemake.params, snakemake.wildcards.dataset
    steps = TargetSteps.from_config(params.geometry, params.targets)
    windows = fold_windows(read_windows(snakemake.input.windows), params.fold)
    options = {"dataset": dataset, "threads": snakemake.threads, "scratch": snakemake.resources.tmpdir}
    halves, finite = half_targets(snakemake.input.cooler, windows, steps, params.balance, params.seed, **options)
    row = ceiling_row(dataset, halves, finite, windows, params.targets["min_finite"], params.bootstrap, params.seed)
    write_table(pd.DataFrame([row]), snakemake.output[0])


with logged(snakemake.log[0]):
    main(snakemake)
