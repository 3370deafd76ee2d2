"""Draw target and predicted maps of windows over the range of accuracy."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.plotting import accuracy as plots
    from akitaflow.plotting import style

    params = snakemake.params
    table = read_table(snakemake.input.windows)
    table = table[table["dataset"] == params.dataset]
    chosen = plots.choose_windows(table)
    pixels, maps, starts, bin_size = plots.read_maps(snakemake.input.predictions, params.dataset, chosen)
    pixels = pixels.merge(chosen[["window", "quantile", "pearson"]], on="window")
    title = f"model {params.model}, dataset {params.dataset}, {params.fold} fold, n = {len(table)} windows"
    style.apply()
    style.save(plots.draw_examples(chosen, maps, starts, bin_size, title), snakemake.output, pixels)


with logged(snakemake.log[0]):
    main(snakemake)
