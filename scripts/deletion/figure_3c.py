"""Draw predicted and measured maps of a locus, as it is and with its boundary deleted."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.analyses import deletion as lab
    from akitaflow.files import read_table
    from akitaflow.geometry import Geometry
    from akitaflow.plotting import deletion as plots
    from akitaflow.plotting import style

    given, params = snakemake.input, snakemake.params
    locus = lab.Locus.read(given.window, Geometry.from_config(params.geometry))
    sites = read_table(given.sites)
    layers = {f"predicted ({params.dataset})": lab.read_maps(given.maps, params.dataset)}
    if given.five_c:
        layers["5C"] = lab.read_maps(given.five_c)
    if given.hic:
        layers[f"Hi-C ({' | '.join(params.measured)})"] = lab.read_maps(given.hic)
    style.apply()
    figure = plots.draw_maps(layers, locus, sites, plots.title(locus, params))
    style.save(figure, snakemake.output, plots.table(layers, locus))


with logged(snakemake.log[0]):
    main(snakemake)
