"""Compare scores of planted variants, a saturation mutagenesis and inserted sites with what was planted."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.truth import variants, write_claims
    from akitaflow.variants.top import read_scores

    inputs, limits, dataset = snakemake.input, snakemake.params.truth, snakemake.params.dataset
    bootstrap = (snakemake.params.bootstrap, snakemake.params.seed)
    rows = variants.told_apart(read_scores(inputs.scores), dataset, limits, *bootstrap)
    if inputs.effects:
        sites = read_table(inputs.sites)
        sites = sites[sites["factor"].isin(snakemake.params.factors)]
        effects = read_table(inputs.effects)
        rows.append(variants.finds_sites(effects, sites, dataset, limits["saturation_auroc"], *bootstrap))
    if inputs.insertions:
        rows += variants.convergent_loop(read_table(inputs.insertions), dataset, *bootstrap)
    write_claims(snakemake.output[0], rows)


with logged(snakemake.log[0]):
    main(snakemake)
