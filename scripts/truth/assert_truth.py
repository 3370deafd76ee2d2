"""Stop the run where a claim on the simulated study does not hold."""

from akitaflow.logs import logged


def main(snakemake):
    from pathlib import Path

    import pandas as pd

    from akitaflow.truth import check

    table = pd.read_csv(snakemake.input[0], sep="\t")
    check(table, snakemake.input[0])
    Path(snakemake.output[0]).write_text(f"all {len(table)} claims of {snakemake.input[0]} hold\n")


with logged(snakemake.log[0]):
    main(snakemake)
