"""Write training records of the base model's windows with the targets of an alternative."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.dataset import records
    from akitaflow.dataset.targets import TargetSteps, TargetTables
    from akitaflow.dataset.windows import read_windows

    params = snakemake.params
    steps = TargetSteps.from_config(params.geometry, params.targets)
    windows = read_windows(snakemake.input.windows)  # kept and left out as in the base model's records
    tables = TargetTables(dict(zip(params.datasets, snakemake.input.targets, strict=True)))
    counts = records.write_folds(snakemake.output.tfrecords, windows, tables, snakemake.input.fasta)
    records.write_statistics(snakemake.output.statistics, counts, steps, params.datasets)


with logged(snakemake.log[0]):
    main(snakemake)
