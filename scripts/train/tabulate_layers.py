"""Write the layers of a model's network, built from its description, as a table."""

from akitaflow.logs import logged


def main(snakemake):
    import json
    import os

    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # nothing is computed

    from akitaflow.files import write_table
    from akitaflow.model.layer_table import layers_of

    with open(snakemake.input.description) as file:
        description = json.load(file)
    write_table(layers_of(description), snakemake.output.layers, float_format="%.8g")


with logged(snakemake.log[0]):
    main(snakemake)
