"""Draw predicted and measured maps of a locus with and without its boundary."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.analyses import deletion
    from akitaflow.files import read_table
    from akitaflow.geometry import Geometry
    from akitaflow.plotting import deletion as plots
    from akitaflow.plotting import style

    inputs, params = snakemake.input, snakemake.params
    locus = deletion.Locus.read(inputs.window, Geometry.from_config(params.geometry))
    sites = read_table(inputs.sites)
    layers = {f"predicted ({params.dataset})": deletion.read_maps(inputs.maps, params.dataset)}
    if inputs.five_c:
        layers["5C"] = deletion.read_maps(inputs.five_c)
    if inputs.hic:
        layers[f"Hi-C ({' | '.join(params.measured)})"] = deletion.read_maps(inputs.hic)
    style.apply()
    figure = plots.draw_maps(layers, locus, sites, plots.title(locus, params))
    style.save(figure, snakemake.output, plots.table(layers, locus))


with logged(snakemake.log[0]):
    main(snakemake)
