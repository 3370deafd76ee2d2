"""Draw the effect of randomising all CTCF sites on the predicted map of each window."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.plotting import mutagenesis, style

    params = snakemake.params
    table = read_table(snakemake.input.windows)
    dataset = params.dataset or table["dataset"].iloc[0]
    table = table[table["dataset"] == dataset]
    style.apply()
    figure = mutagenesis.draw_effect(table, params.motif, params.model, dataset)
    style.save(figure, snakemake.output, table.assign(model=params.model, motif=params.motif))


with logged(snakemake.log[0]):
    main(snakemake)
