"""Randomise all sites of a motif in every window of a fold and score how the predicted maps change."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    from akitaflow.analyses import mutagenesis
    from akitaflow.analyses.insulation import BinTable, Insulation
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.files import read_table, write_table
    from akitaflow.model.folding_model import load_predictor
    from akitaflow.training.device import use_device

    use_device(snakemake.params.device, snakemake.threads)
    params, names = snakemake.params, snakemake.wildcards
    windows = fold_windows(read_windows(snakemake.input.windows), params.fold)
    pairs = read_table(snakemake.input.sites)
    folder = os.path.dirname(snakemake.input.weights)
    predictor = load_predictor(folder, snakemake.input.fasta, params.batch_size, params.average)
    model = predictor.model
    plan = mutagenesis.Mutagenesis(names.motif, params.seed, params.draws, params.composition)
    description = f"{names.motif} randomised"
    insulation = Insulation(model.geometry, params.insulation_bins)
    bins = BinTable(insulation, len(windows), len(model.outputs))
    references, draws = mutagenesis.score_draws(predictor, windows, pairs, plan, each=bins.add, progress=description)
    table = mutagenesis.summarise(windows, pairs, references, draws)
    write_table(table, snakemake.output.windows, float_format="%.8g")
    write_table(draws, snakemake.output.draws, float_format="%.8g")
    bins = bins.frame(windows, pairs, model.outputs, model.bin_size)
    write_table(bins, snakemake.output.bins, float_format="%.5g")
    chosen = mutagenesis.choose_examples(table, params.examples)
    examples = windows.set_index("window", drop=False).loc[chosen].reset_index(drop=True)
    example_sites = pairs[pairs["window"].isin(chosen)]
    reference, mutated = mutagenesis.mean_maps(predictor, examples, example_sites, plan)
    about = {"model": names.model, "motif": names.motif, "fold": params.fold, "draws": params.draws}
    mutagenesis.write_maps(snakemake.output.maps, model, examples, example_sites, reference, mutated, **about)


with logged(snakemake.log[0]):
    main(snakemake)
