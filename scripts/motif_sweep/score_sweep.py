"""Randomise the sites of each motif of one job in every window and score how the predicted maps change."""

from akitaflow.logs import logged


def main(snakemake):
    import os
    import shutil

    import h5py
    import pandas as pd

    from akitaflow.analyses import motif_sweep
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.genome.sequence import Genome
    from akitaflow.model.folding_model import load_model
    from akitaflow.prediction.stream import Average
    from akitaflow.training.device import use_device

    use_device(snakemake.params.device, snakemake.threads)
    given, params = snakemake.input, snakemake.params
    windows = fold_windows(read_windows(given.windows), params.fold)[: params.windows]
    sites = pd.read_csv(given.sites, sep="\t", dtype={"chrom": str, "matrix": str})
    model, genome = load_model(os.path.dirname(given.weights)), Genome(given.fasta)
    numbers = {name: params[name] for name in ("seed", "draws", "composition", "average")}
    identity = motif_sweep.identity([given.weights, given.windows, given.sites], numbers)
    average = Average(params.average["reverse_complement"], tuple(params.average["shifts"]))
    how = {**numbers, "batch_size": params.batch_size, "average": average}
    name = f"job {snakemake.wildcards.job}"
    with h5py.File(given.reference) as file:
        reference = file["values"]
        table = motif_sweep.score_batch(
            model, genome, windows, sites, how, reference, params.checkpoint, identity, name
        )
    table.to_csv(snakemake.output[0], sep="\t", index=False, float_format="%.8g")
    shutil.rmtree(params.checkpoint)


with logged(snakemake.log[0]):
    main(snakemake)
