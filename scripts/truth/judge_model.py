"""Compare accuracy and mutagenesis with what was planted: one row per claim."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.dataset.targets import TargetSteps
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.evaluation.accuracy import read_dataset
    from akitaflow.files import read_table
    from akitaflow.simulate.folding import noise_free_targets
    from akitaflow.truth import model, write_claims

    inputs, params = snakemake.input, snakemake.params
    limits, dataset = params.truth, params.truth["dataset"]
    bootstrap = (params.bootstrap, params.seed)
    all_windows = read_windows(inputs.windows)
    windows, mutated = (fold_windows(all_windows, fold) for fold in (params.fold, params.mutagenesis_fold))
    targets, predictions = read_dataset(inputs.predictions, dataset)
    planted = noise_free_targets(inputs.maps, windows, TargetSteps.from_config(params.geometry, params.targets))
    scores_of_windows = read_table(inputs.mutagenesis)
    contigs = windows["contig"].to_numpy()
    mutagenesis = (scores_of_windows, mutated, dataset, limits["motif"])
    rows = [
        model.accuracy(targets, predictions, contigs, dataset, limits["pearson"], *bootstrap),
        model.noise_free(planted, predictions, contigs, dataset, limits["noise_free_pearson"], *bootstrap),
        model.signal_left(*mutagenesis, limits["signal_left"], *bootstrap),
        model.windows_weaker(*mutagenesis, limits["windows_weaker"], *bootstrap),
    ]
    write_claims(snakemake.output[0], rows)


with logged(snakemake.log[0]):
    main(snakemake)
