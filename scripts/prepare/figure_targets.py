"""Draw targets of sample windows, and the windows that were left out."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.dataset.targets import TargetSteps, TargetTables
    from akitaflow.dataset.windows import read_windows
    from akitaflow.plotting import style
    from akitaflow.plotting import targets as plots

    datasets = snakemake.params.datasets
    steps = TargetSteps.from_config(snakemake.params.geometry, snakemake.params.targets)
    windows = read_windows(snakemake.input.windows)
    tables = TargetTables(dict(zip(datasets, snakemake.input.targets, strict=True)))
    rows, values = plots.sample(windows, tables, steps)
    table = plots.tidy(windows, rows, values, datasets, steps)
    style.apply()
    style.save(plots.draw(windows, rows, values, table, datasets, steps), snakemake.output, table)


with logged(snakemake.log[0]):
    main(snakemake)
