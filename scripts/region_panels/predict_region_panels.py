"""Predict one region as it is, with its sites inverted, and with them randomised."""

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
    given, params = snakemake.input, snakemake.params
    window, sites = (read_table(path) for path in (given.window, given.sites))
    predictor = load_predictor(os.path.dirname(given.weights), given.fasta, params.batch_size, params.average)
    plan = Mutagenesis(params.motif, params.seed, params.draws, params.composition)
    maps = region_panels.predict(predictor, window, sites, plan)
    region_panels.write(snakemake.output[0], maps, window, outputs=np.array(predictor.model.outputs, dtype=object))


with logged(snakemake.log[0]):
    main(snakemake)
