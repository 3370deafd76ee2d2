"""Predict the windows as they are, once for all jobs of the sweep."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    from akitaflow.analyses import motif_sweep
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.genome.sequence import Genome
    from akitaflow.model.folding_model import load_model
    from akitaflow.prediction.stream import Average
    from akitaflow.training.device import use_device

    use_device(snakemake.params.device, snakemake.threads)
    given, params = snakemake.input, snakemake.params
    windows = fold_windows(read_windows(given.windows), params.fold)[: params.windows]
    average = Average(params.average["reverse_complement"], tuple(params.average["shifts"]))
    model = load_model(os.path.dirname(given.weights))
    how = {"batch_size": params.batch_size, "average": average}
    motif_sweep.write_reference(snakemake.output[0], model, Genome(given.fasta), windows, **how)


with logged(snakemake.log[0]):
    main(snakemake)
