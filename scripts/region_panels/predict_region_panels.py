"""Predict the maps of one region: reference, sites inverted, and sites randomised."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    import numpy as np

    from akitaflow.analyses import region_panels
    from akitaflow.analyses.mutagenesis import Mutagenesis
    from akitaflow.files import read_table
    from akitaflow.model.folding_model import load_predictor
    from akitaflow.training.device import use_device

    use_device(snakemake.params.device, snakemake.threads)
    inputs, params = snakemake.input, snakemake.params
    window, sites = (read_table(path) for path in (inputs.window, inputs.sites))
    predictor = load_predictor(os.path.dirname(inputs.weights), inputs.fasta, params.batch_size, params.average)
    plan = Mutagenesis(params.motif, params.seed, params.draws, params.composition)
    maps = region_panels.predict(predictor, window, sites, plan)
    region_panels.write(snakemake.output[0], maps, window, outputs=np.array(predictor.model.outputs, dtype=object))


with logged(snakemake.log[0]):
    main(snakemake)
