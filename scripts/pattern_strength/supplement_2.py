"""Draw predicted against measured pattern strength, and both against the tracks."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.plotting import pattern_strength as plots
    from akitaflow.plotting import style

    params = snakemake.params
    table = pd.read_csv(snakemake.input.windows, sep="\t", dtype={"model": str, "dataset": str, "chrom": str})
    correlations = pd.read_csv(snakemake.input.correlations, sep="\t")
    title = f"model {params.model}, dataset {params.dataset}, {params.fold} fold"
    style.apply()
    style.save(plots.draw(table, correlations, params.tracks, title), snakemake.output, table)


with logged(snakemake.log[0]):
    main(snakemake)
