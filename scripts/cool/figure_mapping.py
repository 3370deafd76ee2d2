"""Draw the figure of mapping: read pairs by class, contacts by distance, and distance decay."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.plotting import mapping, style

    style.apply()
    tables = [pd.read_csv(snakemake.input[name], sep="\t") for name in ("datasets", "libraries", "decay")]
    figure, table = mapping.draw(*tables)
    style.save(figure, snakemake.output, table)


with logged(snakemake.log[0]):
    main(snakemake)
