"""Randomise all sites of a motif in every window of a fold and score how the predicted maps change."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    import pandas as pd

    from akitaflow.analyses import mutagenesis as lab
    from akitaflow.analyses.insulation import BinTable, Insulation
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.genome.sequence import Genome
    from akitaflow.model.folding_model import load_model
    from akitaflow.prediction.stream import Average
    from akitaflow.training.device import use_device

    use_device(snakemake.params.device, snakemake.threads)
    params, names = snakemake.params, snakemake.wildcards
    windows = fold_windows(read_windows(snakemake.input.windows), params.fold)
    pairs = pd.read_csv(snakemake.input.sites, sep="\t", dtype={"chrom": str})
    model = load_model(os.path.dirname(snakemake.input.weights))
    genome = Genome(snakemake.input.fasta)
    plan = lab.Mutagenesis(names.motif, params.seed, params.draws, params.composition)
    average = Average(params.average["reverse_complement"], tuple(params.average["shifts"]))
    how = {"batch_size": params.batch_size, "average": average}
    description = f"{names.motif} randomised"
    insulation = Insulation(model.geometry, params.insulation_bins)
    bins = BinTable(insulation, len(windows), len(model.outputs))
    references, draws = lab.score_draws(model, genome, windows, pairs, plan, each=bins.add, progress=description, **how)
    table = lab.summarise(windows, pairs, references, draws)
    table.to_csv(snakemake.output.windows, sep="\t", index=False, float_format="%.8g")
    draws.to_csv(snakemake.output.draws, sep="\t", index=False, float_format="%.8g")
    bins = bins.frame(windows, pairs, model.outputs, model.bin_size)
    bins.to_csv(snakemake.output.bins, sep="\t", index=False, float_format="%.5g")
    chosen = lab.choose_examples(table, params.examples)
    examples = windows.set_index("window", drop=False).loc[chosen].reset_index(drop=True)
    shown = pairs[pairs["window"].isin(chosen)]
    reference, mutated = lab.mean_maps(model, genome, examples, shown, plan, **how)
    about = {"model": names.model, "motif": names.motif, "fold": params.fold, "draws": params.draws}
    lab.write_maps(snakemake.output.maps, model, examples, shown, reference, mutated, **about)


with logged(snakemake.log[0]):
    main(snakemake)
