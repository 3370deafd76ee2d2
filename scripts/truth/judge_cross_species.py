"""Compare the effect of the repeats with what was planted: one row per claim."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.truth import cross_species, write_claims

    params, settings = snakemake.params, snakemake.params.cross_species
    names = (settings["dataset"], settings["family"])
    table = read_table(snakemake.input.windows)
    rows = cross_species.gains(read_table(snakemake.input.summary), *names, params.truth["element_gain"])
    rows.append(cross_species.density(table, *names, params.bootstrap, params.seed))
    write_claims(snakemake.output[0], rows)


with logged(snakemake.log[0]):
    main(snakemake)
