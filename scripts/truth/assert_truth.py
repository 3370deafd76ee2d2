"""Stop with an error if a claim about the simulated study does not hold."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table, write_text
    from akitaflow.truth import check

    table = read_table(snakemake.input[0])
    check(table, snakemake.input[0])
    write_text(snakemake.output[0], f"all {len(table)} claims of {snakemake.input[0]} hold\n")


with logged(snakemake.log[0]):
    main(snakemake)
