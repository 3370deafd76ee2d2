"""Compare the effects of the second factor with what was planted: one row per claim."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.truth import cell_types, write_claims

    inputs, params = snakemake.input, snakemake.params
    rows = [cell_types.differences(read_table(inputs.pooled), params.truth["difference"])]
    bins = read_table(inputs.bins)
    sites = read_table(inputs.sites)
    factor, settings = params.factor, (params.truth["persists"], params.bootstrap, params.seed)
    sites = sites[sites["factor"] == factor]
    rows.append(cell_types.persists(bins, sites, params.dataset, factor, params.motif, *settings))
    write_claims(snakemake.output[0], rows)


with logged(snakemake.log[0]):
    main(snakemake)
