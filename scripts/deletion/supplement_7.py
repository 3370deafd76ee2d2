"""Draw the effect of deleting each subset of a boundary's sites on the predicted map."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.analyses.deletion import Locus
    from akitaflow.geometry import Geometry
    from akitaflow.plotting import deletion as plots
    from akitaflow.plotting import style

    inputs, params = snakemake.input, snakemake.params
    locus = Locus.read(inputs.window, Geometry.from_config(params.geometry))
    sites = pd.read_csv(inputs.sites, sep="\t", dtype={"chrom": str})
    table = pd.read_csv(inputs.subsets, sep="\t", dtype={"chrom": str, "dataset": str, "subset": str})
    table = table[table["dataset"] == params.dataset]
    style.apply()
    style.save(plots.draw_subsets(table, sites, plots.title(locus, params)), snakemake.output, table)


with logged(snakemake.log[0]):
    main(snakemake)
