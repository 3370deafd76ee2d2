"""Draw the distribution of the windows' correlations, and correlation against the target's variance."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.plotting import accuracy as plots
    from akitaflow.plotting import style

    params = snakemake.params
    table = read_table(snakemake.input.windows)
    title = f"model {params.model}, {params.fold} fold, n = {table['window'].nunique()} windows"
    style.apply()
    style.save(plots.draw_accuracy(table, title), snakemake.output, table)


with logged(snakemake.log[0]):
    main(snakemake)
