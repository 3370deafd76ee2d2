"""Compare the strength of patterns with what was planted: one row per claim."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.truth import strength, write_claims

    correlations = pd.read_csv(snakemake.input[0], sep="\t")
    write_claims(snakemake.output[0], strength.correlated(correlations, snakemake.params.dataset))


with logged(snakemake.log[0]):
    main(snakemake)
