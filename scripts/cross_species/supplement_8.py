"""Draw accuracy on another genome against the density of its repeats, and example maps."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.geometry import Geometry
    from akitaflow.plotting import cross_species as plots
    from akitaflow.plotting import style

    params, settings = snakemake.params, snakemake.params.cross_species
    geometry = Geometry.from_config(params.geometry)
    table = read_table(snakemake.input.windows)
    summary = read_table(snakemake.input.summary)
    examples = plots.read_examples(snakemake.input.maps, geometry)
    title = (
        f"model {params.model}, output {params.output}, against {settings['dataset']} ({params.genome}), "
        f"{settings['fold']} fold, n = {len(table)} windows"
    )
    style.apply()
    figure = plots.draw_windows(table, summary, examples, settings["family"], geometry.bin_size, title)
    style.save(figure, snakemake.output, table)


with logged(snakemake.log[0]):
    main(snakemake)
