"""List the figures that are left out of the study, with the reasons."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.files import write_page, write_table

    rows = sorted(snakemake.params.figures.items())
    for figure, reason in rows:
        print(f"{figure} is left out: {reason}")
    table = pd.DataFrame(rows, columns=["figure", "reason"])
    write_table(table, snakemake.output.table)
    write_page(table, snakemake.output.page)


with logged(snakemake.log[0]):
    main(snakemake)
