"""Join the plans of all jobs and print the number of predictions of the sweep."""

from akitaflow.logs import logged


def main(snakemake):
    import sys

    import pandas as pd

    from akitaflow.files import read_table, write_table

    tables = [read_table(path) for path in snakemake.input]
    plan = pd.concat([table for table in tables if len(table)], ignore_index=True).sort_values("matrix")
    write_table(plan, snakemake.output[0])
    print(
        f"The sweep over {len(plan)} matrices will make {plan['predictions'].sum():,} predictions; "
        f"{plan['left_out'].notna().sum()} matrices are left out, each with its reason in {snakemake.output[0]}.",
        file=sys.stderr,
    )


with logged(snakemake.log[0]):
    main(snakemake)
