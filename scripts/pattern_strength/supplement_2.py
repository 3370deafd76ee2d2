"""Draw predicted against measured strength of patterns, and both against the signals along the genome."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.plotting import pattern_strength as plots
    from akitaflow.plotting import style

    params = snakemake.params
    table = read_table(snakemake.input.windows)
    correlations = read_table(snakemake.input.correlations)
    title = f"model {params.model}, dataset {params.dataset}, {params.fold} fold"
    style.apply()
    style.save(plots.draw(table, correlations, params.tracks, title), snakemake.output, table)


with logged(snakemake.log[0]):
    main(snakemake)
