"""Import a weight file of the authors' code as a model, with a check of every weight."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # nothing is computed

    from akitaflow.model.folding_model import import_model, read_architecture

    params = snakemake.params
    architecture = read_architecture(params.geometry, params.architecture, snakemake.input.params)
    import_model(
        os.path.dirname(snakemake.output.weights),
        snakemake.input.weights,
        architecture,
        params.outputs,
        params.sha256,
        source=params.source,
    )


with logged(snakemake.log[0]):
    main(snakemake)
