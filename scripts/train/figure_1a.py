"""Draw the network of a model from the table of its layers."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.plotting import layer_table, style

    layers = read_table(snakemake.input.layers)
    style.apply()
    figure = layer_table.draw(layers, f"model {snakemake.params.model}")
    style.save(figure, snakemake.output, layer_table.blocks(layers))


with logged(snakemake.log[0]):
    main(snakemake)
