"""Draw the effect of deleting each subset of a boundary's sites on the predicted map."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.analyses.deletion import Locus
    from akitaflow.files import read_table
    from akitaflow.geometry import Geometry
    from akitaflow.plotting import deletion as plots
    from akitaflow.plotting import style

    inputs, params = snakemake.input, snakemake.params
    locus = Locus.read(inputs.window, Geometry.from_config(params.geometry))
    sites = read_table(inputs.sites)
    table = read_table(inputs.subsets)
    table = table[table["dataset"] == params.dataset]
    style.apply()
    style.save(plots.draw_subsets(table, sites, plots.title(locus, params)), snakemake.output, table)


with logged(snakemake.log[0]):
    main(snakemake)
