"""Compare the strength of patterns with what was planted: one row per claim."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.truth import pattern_strength, write_claims

    correlations = read_table(snakemake.input[0])
    write_claims(snakemake.output[0], pattern_strength.correlated(correlations, snakemake.params.dataset))


with logged(snakemake.log[0]):
    main(snakemake)
