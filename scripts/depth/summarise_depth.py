"""Join the ceilings of all datasets of a split in one table, with advice for each."""

from akitaflow.logs import logged


def main(snakemake):
    import sys

    import pandas as pd

    from akitaflow.evaluation.depth import advice
    from akitaflow.files import read_table, write_page, write_table

    tables = [read_table(path) for path in snakemake.input]
    for table in tables:
        table["advice"] = advice(table)
        print(table["advice"][0], file=sys.stderr)
    joined = pd.concat(tables, ignore_index=True)
    write_table(joined, snakemake.output.table)
    write_page(joined, snakemake.output.page)


with logged(snakemake.log[0]):
    main(snakemake)
