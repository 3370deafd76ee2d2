"""Compare accuracy and mutagenesis with what was planted: one row per claim."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.dataset.targets import TargetSteps
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.evaluation.accuracy import read_dataset
    from akitaflow.simulate.folding import noise_free_targets
    from akitaflow.truth import model, write_claims

    given, params = snakemake.input, snakemake.params
    limits, dataset = params.truth, params.truth["dataset"]
    how = (params.bootstrap, params.seed)
    every = read_windows(given.windows)
    windows, mutated = (fold_windows(every, fold) for fold in (params.fold, params.mutagenesis_fold))
    targets, predictions = read_dataset(given.predictions, dataset)
    planted = noise_free_targets(given.maps, windows, TargetSteps.from_config(params.geometry, params.targets))
    scored = pd.read_csv(given.mutagenesis, sep="\t", dtype={"chrom": str})
    contigs = windows["contig"].to_numpy()
    shown = (scored, mutated, dataset, limits["motif"])
    rows = [
        model.accuracy(targets, predictions, contigs, dataset, limits["pearson"], *how),
        model.noise_free(planted, predictions, contigs, dataset, limits["noise_free_pearson"], *how),
        model.signal_left(*shown, limits["signal_left"], *how),
        model.windows_weaker(*shown, limits["windows_weaker"], *how),
    ]
    write_claims(snakemake.output[0], rows)


with logged(snakemake.log[0]):
    main(snakemake)
