"""Draw the correlation that a perfect prediction could reach against the bin size, for each dataset of a split."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.plotting import depth as plots
    from akitaflow.plotting import style

    table = read_table(snakemake.input.table)
    style.apply()
    style.save(plots.draw(table, f"split {snakemake.wildcards.split}"), snakemake.output, table)


with logged(snakemake.log[0]):
    main(snakemake)
