"""Join the claims of all chapters in one table."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.files import write_page, write_table

    tables = [pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False) for path in snakemake.input]
    table = pd.concat(tables, ignore_index=True)
    write_table(table, snakemake.output.table)
    write_page(table, snakemake.output.page)


with logged(snakemake.log[0]):
    main(snakemake)
