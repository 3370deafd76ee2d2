"""Invert all sites of a motif in every window of a fold and score how the predicted maps change."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    import pandas as pd

    from akitaflow.analyses import mutagenesis as lab
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.genome.sequence import Genome
    from akitaflow.model.folding_model import load_model
    from akitaflow.prediction.stream import Average
    from akitaflow.training.device import use_device

    use_device(snakemake.params.device, snakemake.threads)
    given, params, names = snakemake.input, snakemake.params, snakemake.wildcards
    windows = fold_windows(read_windows(given.windows), params.fold)
    pairs = pd.read_csv(given.sites, sep="\t", dtype={"chrom": str})
    model = load_model(os.path.dirname(given.weights))
    genome, average = (
        Genome(given.fasta),
        Average(params.average["reverse_complement"], tuple(params.average["shifts"])),
    )
    about = {"model": names.model, "motif": names.motif, "fold": params.fold}
    with lab.AlteredMaps(snakemake.output.maps, model, windows, **about) as maps:
        references, draws = lab.score_draws(
            model, genome, windows, pairs, lab.Inversion(), each=maps.add, batch_size=params.batch_size,
            average=average, progress=f"{names.motif} inverted",
        )  # fmt: skip
    table = lab.summarise(windows, pairs, references, draws)
    table.to_csv(snakemake.output.windows, sep="\t", index=False, float_format="%.8g")


with logged(snakemake.log[0]):
    main(snakemake)
