"""Stop with an error if a claim about the simulated study does not hold."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.files import write_text
    from akitaflow.truth import check

    table = pd.read_csv(snakemake.input[0], sep="\t")
    check(table, snakemake.input[0])
    write_text(snakemake.output[0], f"all {len(table)} claims of {snakemake.input[0]} hold\n")


with logged(snakemake.log[0]):
    main(snakemake)
