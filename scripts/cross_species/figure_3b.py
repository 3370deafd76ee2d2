"""Draw the correlation with maps of another genome before and after its repeats are randomised, with the control."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.plotting import cross_species as plots
    from akitaflow.plotting import style

    params, settings = snakemake.params, snakemake.params.cross_species
    table = read_table(snakemake.input.windows)
    summary = read_table(snakemake.input.summary)
    title = (
        f"model {params.model}, output {params.output}, against {settings['dataset']} ({params.genome}), "
        f"{settings['fold']} fold, n = {len(table)} windows"
    )
    style.apply()
    style.save(plots.draw_gain(table, summary, settings["family"], title), snakemake.output, table)


with logged(snakemake.log[0]):
    main(snakemake)
