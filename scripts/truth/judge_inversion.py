"""Compare maps with inverted sites with the maps of the folding law: one row per claim."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.analyses.mutagenesis import Inversion
    from akitaflow.dataset.targets import TargetSteps
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.files import read_table
    from akitaflow.genome.sequence import Genome
    from akitaflow.simulate.folding import load_law
    from akitaflow.truth import inversion, write_claims

    inputs, params = snakemake.input, snakemake.params
    dataset, motif, limits = params.dataset, params.motif, params.truth
    windows = fold_windows(read_windows(inputs.windows), params.fold)
    pairs = read_table(inputs.sites)
    windows = windows[windows["window"].isin(pairs["window"])].reset_index(drop=True)
    steps = TargetSteps.from_config(params.geometry, params.targets)
    law = load_law(params.simulation, dataset, steps.bin_size)
    arguments = (Genome(inputs.fasta), windows, Inversion(), pairs, law, steps, inputs.law)
    original, inverted = inversion.maps_of_the_law(*arguments)
    predicted = inversion.read_altered(inputs.maps, dataset)[windows["window"].to_numpy()]
    thresholds = (limits["inverted_pearson"], limits["inverted_margin"])
    contigs = windows["contig"].to_numpy()
    rows = inversion.follows(
        predicted, inverted, original, contigs, (dataset, motif), thresholds, params.bootstrap, params.seed
    )
    write_claims(snakemake.output[0], rows)


with logged(snakemake.log[0]):
    main(snakemake)
