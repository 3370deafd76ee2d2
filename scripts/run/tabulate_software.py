"""Join the versions of all environments in one table."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import join_tables, write_page, write_table

    table = join_tables(snakemake.input)
    write_table(table, snakemake.output.table)
    write_page(table, snakemake.output.page)


with logged(snakemake.log[0]):
    main(snakemake)
