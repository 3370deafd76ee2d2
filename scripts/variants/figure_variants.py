"""Draw the maps of the top variants of a set."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.plotting import style
    from akitaflow.plotting import variants as plots
    from akitaflow.variants import top

    inputs, params = snakemake.input, snakemake.params
    maps = top.read(inputs.maps, top.read_scores(inputs.table))
    text = f"{snakemake.wildcards.set}: model {params.model}, dataset {params.dataset}"
    style.apply()
    figure = plots.draw_maps(maps, top.read_tracks(inputs.tracks), text)
    style.save(figure, snakemake.output, plots.table(maps))


with logged(snakemake.log[0]):
    main(snakemake)
