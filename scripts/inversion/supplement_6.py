"""Draw the effect of inverting sites in each window, compared with randomising them."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.plotting import inversion as plots
    from akitaflow.plotting import style

    inputs, params = snakemake.input, snakemake.params
    tables = [read_table(path) for path in (inputs.inverted, inputs.randomised)]
    table = plots.join(*tables, params.dataset)
    about = (
        f"model {params.model}, dataset {params.dataset}, {params.fold} fold, n = {table['window'].nunique()} windows"
    )
    style.apply()
    figure = plots.draw(table, params.motif, about)
    style.save(figure, snakemake.output, table.assign(model=params.model, motif=params.motif))


with logged(snakemake.log[0]):
    main(snakemake)
