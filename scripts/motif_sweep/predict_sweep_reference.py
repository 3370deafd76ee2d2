"""Predict the reference windows once for all jobs of the sweep."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    from akitaflow.analyses import motif_sweep
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.model.folding_model import load_predictor
    from akitaflow.training.device import use_device

    use_device(snakemake.params.device, snakemake.threads)
    inputs, params = snakemake.input, snakemake.params
    windows = fold_windows(read_windows(inputs.windows), params.fold)[: params.windows]
    predictor = load_predictor(os.path.dirname(inputs.weights), inputs.fasta, params.batch_size, params.average)
    motif_sweep.write_reference(snakemake.output[0], predictor, windows)


with logged(snakemake.log[0]):
    main(snakemake)
