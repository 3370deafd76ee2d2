"""Draw the figure of mapping: read pairs by class, contacts by distance, and distance decay."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.plotting import mapping, style

    style.apply()
    tables = [read_table(snakemake.input[name]) for name in ("datasets", "libraries", "decay")]
    figure, table = mapping.draw(*tables)
    style.save(figure, snakemake.output, table)


with logged(snakemake.log[0]):
    main(snakemake)
