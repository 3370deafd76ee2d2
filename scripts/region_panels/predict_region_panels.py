"""Predict one region as it is, with its sites inverted, and with them randomised."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    import numpy as np
    import pandas as pd

    from akitaflow.analyses import region_panels
    from akitaflow.analyses.mutagenesis import Mutagenesis
    from akitaflow.genome.sequence import Genome
    from akitaflow.model.folding_model import load_model
    from akitaflow.prediction.stream import Average
    from akitaflow.training.device import use_device

    use_device(snakemake.params.device, snakemake.threads)
    given, params = snakemake.input, snakemake.params
    window, sites = (pd.read_csv(path, sep="\t", dtype={"chrom": str}) for path in (given.window, given.sites))
    model = load_model(os.path.dirname(given.weights))
    plan = Mutagenesis(params.motif, params.seed, params.draws, params.composition)
    average = Average(params.average["reverse_complement"], tuple(params.average["shifts"]))
    how = {"batch_size": params.batch_size, "average": average}
    maps = region_panels.predict(model, Genome(given.fasta), window, sites, plan, **how)
    region_panels.write(snakemake.output[0], maps, window, outputs=np.array(model.outputs, dtype=object))


with logged(snakemake.log[0]):
    main(snakemake)
