"""Compare the effect of the repeats with what was planted: one row per claim."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.truth import cross_species, write_claims

    params, settings = snakemake.params, snakemake.params.cross_species
    names = (settings["dataset"], settings["family"])
    table = pd.read_csv(snakemake.input.windows, sep="\t")
    rows = cross_species.gains(pd.read_csv(snakemake.input.summary, sep="\t"), *names, params.truth["element_gain"])
    rows.append(cross_species.density(table, *names, params.bootstrap, params.seed))
    write_claims(snakemake.output[0], rows)


with logged(snakemake.log[0]):
    main(snakemake)
