"""Randomise the sites of each motif of one job in every window and score how the predicted maps change."""

from akitaflow.logs import logged


def main(snakemake):
    import os
    import shutil

    import h5py

    from akitaflow.analyses import motif_sweep
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.files import read_table, write_table
    from akitaflow.model.folding_model import load_predictor
    from akitaflow.training.device import use_device

    use_device(snakemake.params.device, snakemake.threads)
    inputs, params = snakemake.input, snakemake.params
    windows = fold_windows(read_windows(inputs.windows), params.fold)[: params.windows]
    sites = read_table(inputs.sites)
    predictor = load_predictor(os.path.dirname(inputs.weights), inputs.fasta, params.batch_size, params.average)
    numbers = {name: params[name] for name in ("seed", "draws", "composition", "average")}
    identity = motif_sweep.identity([inputs.weights, inputs.windows, inputs.sites], numbers)
    name = f"job {snakemake.wildcards.job}"
    with h5py.File(inputs.reference) as file:
        reference = file["values"]
        table = motif_sweep.score_batch(
            predictor, windows, sites, numbers, reference, params.checkpoint, identity, name
        )
    write_table(table, snakemake.output[0], float_format="%.8g")
    shutil.rmtree(params.checkpoint)


with logged(snakemake.log[0]):
    main(snakemake)
