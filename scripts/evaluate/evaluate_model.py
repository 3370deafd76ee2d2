"""Predict the maps of the evaluated fold and score them against their targets, pooled and window by window."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    from akitaflow.dataset.records import load_targets, read_statistics
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.evaluation.accuracy import metrics, predict_fold, target_columns
    from akitaflow.files import write_page, write_table
    from akitaflow.model.folding_model import load_predictor
    from akitaflow.training.device import use_device

    use_device(snakemake.params.device, snakemake.threads)
    params, output = snakemake.params, snakemake.output
    windows = fold_windows(read_windows(snakemake.input.windows), params.fold)
    records = os.path.dirname(snakemake.input.statistics)
    columns = target_columns(read_statistics(records), params.outputs, records)
    targets = load_targets(records, params.fold)[:, :, columns]
    folder = os.path.dirname(snakemake.input.weights)
    predictor = load_predictor(folder, snakemake.input.fasta, params.batch_size, params.average)
    attributes = {"model": snakemake.wildcards.model, "fold": params.fold}
    predict_fold(output.predictions, predictor, windows, targets, outputs=params.outputs, attributes=attributes)
    pooled, per_window = metrics(output.predictions, windows)
    write_table(pooled, output.metrics)
    write_page(pooled, output.page)
    write_table(per_window, output.windows)
    print(pooled.to_string(index=False))


with logged(snakemake.log[0]):
    main(snakemake)
