"""Write sequences and targets of the windows with enough data as training records."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.dataset import records
    from akitaflow.dataset.targets import TargetSteps, TargetTables
    from akitaflow.dataset.windows import flag_finite, read_windows, require_windows
    from akitaflow.files import write_table
    from akitaflow.genome.intervals import COLUMNS

    params = snakemake.params
    steps = TargetSteps.from_config(params.geometry, params.targets)
    windows = read_windows(snakemake.input.windows)
    tables = TargetTables(dict(zip(params.datasets, snakemake.input.targets, strict=True)))
    windows = flag_finite(windows, tables.finite(), params.targets["min_finite"], params.policy == "published")
    require_windows(windows, [fold for fold, share in params.fractions.items() if share])
    counts = records.write_folds(snakemake.output.tfrecords, windows, tables, snakemake.input.fasta)
    write_table(windows, snakemake.output.windows, float_format="%.4f")
    sequences = windows.loc[windows["kept"], [*COLUMNS, "fold"]]
    write_table(sequences, snakemake.output.sequences, header=False)
    records.write_statistics(snakemake.output.statistics, counts, steps, params.datasets)


with logged(snakemake.log[0]):
    main(snakemake)
