"""Invert all sites of a motif in every window of a fold and score how the predicted maps change."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    from akitaflow.analyses import mutagenesis
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.files import read_table, whole_h5, write_table
    from akitaflow.model.folding_model import load_predictor
    from akitaflow.training.device import use_device

    use_device(snakemake.params.device, snakemake.threads)
    inputs, params, names = snakemake.input, snakemake.params, snakemake.wildcards
    windows = fold_windows(read_windows(inputs.windows), params.fold)
    pairs = read_table(inputs.sites)
    predictor = load_predictor(os.path.dirname(inputs.weights), inputs.fasta, params.batch_size, params.average)
    about = {"model": names.model, "motif": names.motif, "fold": params.fold}
    with whole_h5(snakemake.output.maps) as file:
        maps = mutagenesis.AlteredMaps(file, predictor.model, windows, **about)
        options = {"each": maps.add, "progress": f"{names.motif} inverted"}
        references, draws = mutagenesis.score_draws(predictor, windows, pairs, mutagenesis.Inversion(), **options)
    table = mutagenesis.summarise(windows, pairs, references, draws)
    write_table(table, snakemake.output.windows, float_format="%.8g")


with logged(snakemake.log[0]):
    main(snakemake)
