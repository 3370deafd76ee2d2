"""Compare the effects of the second factor with what was planted: one row per claim."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.truth import cell_types, write_claims

    given, params = snakemake.input, snakemake.params
    rows = [cell_types.differences(pd.read_csv(given.pooled, sep="\t"), params.truth["difference"])]
    bins = pd.read_csv(given.bins, sep="\t", dtype={"chrom": str})
    sites = pd.read_csv(given.sites, sep="\t", dtype={"chrom": str})
    factor, how = params.factor, (params.truth["persists"], params.bootstrap, params.seed)
    sites = sites[sites["factor"] == factor]
    rows.append(cell_types.persists(bins, sites, params.dataset, factor, params.motif, *how))
    write_claims(snakemake.output[0], rows)


with logged(snakemake.log[0]):
    main(snakemake)
