"""Tabulate the accuracy of all parts of a cross-validation, with their mean and spread."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.dataset.cross_validation import summarise
    from akitaflow.files import read_table, write_page, write_table

    table = summarise([read_table(path) for path in snakemake.input])
    write_table(table, snakemake.output.table)
    write_page(table, snakemake.output.page)
    print(table.to_string(index=False))


with logged(snakemake.log[0]):
    main(snakemake)
