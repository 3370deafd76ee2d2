"""Draw one panel of figure 2: prediction, target, sites inverted, or sites randomised in one region."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.geometry import Geometry
    from akitaflow.plotting import region_panels as plots
    from akitaflow.plotting import style

    inputs, params = snakemake.input, snakemake.params
    geometry = Geometry.from_config(params.geometry)
    sites, tracks = (read_table(path) for path in (inputs.sites, inputs.tracks))
    maps, region = plots.read(inputs.maps, inputs.target, params.dataset, geometry)
    style.apply()
    panel = snakemake.wildcards.panel
    figure = plots.draw(maps, sites, tracks, panel, region, params)
    style.save(figure, snakemake.output, plots.pixels(maps, panel, region, tracks, geometry.bin_size))


with logged(snakemake.log[0]):
    main(snakemake)
