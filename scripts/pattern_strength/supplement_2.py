"""Draw predicted against measured pattern strength, and both against the tracks."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.files import read_table
    from akitaflow.plotting import pattern_strength as plots
    from akitaflow.plotting import style

    params = snakemake.params
    windows = [read_table(path) for path in snakemake.input.windows]
    correlations = [read_table(path) for path in snakemake.input.correlations]
    rows = list(zip(params.tracks, windows, correlations, params.tracks.values(), strict=True))
    style.apply()
    figure = plots.draw(rows, f"model {params.model}, {params.fold} fold")
    style.save(figure, snakemake.output, pd.concat(windows, ignore_index=True))


with logged(snakemake.log[0]):
    main(snakemake)
