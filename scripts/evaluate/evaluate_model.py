"""Predict the maps of the evaluated fold and score them against their targets, pooled and window by window."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    from akitaflow.dataset.records import load_targets, read_statistics
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.evaluation.accuracy import metrics, predict_fold, target_columns
    from akitaflow.genome.sequence import Genome
    from akitaflow.model.folding_model import load_model
    from akitaflow.prediction.stream import Average
    from akitaflow.training.device import use_device

    use_device(snakemake.params.device, snakemake.threads)
    params, output = snakemake.params, snakemake.output
    windows = fold_windows(read_windows(snakemake.input.windows), params.fold)
    records = os.path.dirname(snakemake.input.statistics)
    columns = target_columns(read_statistics(records), params.outputs, records)
    targets = load_targets(records, params.fold)[:, :, columns]
    model = load_model(os.path.dirname(snakemake.input.weights))
    predict_fold(
        output.predictions,
        model,
        Genome(snakemake.input.fasta),
        windows,
        targets,
        outputs=params.outputs,
        batch_size=params.batch_size,
        average=Average(params.average["reverse_complement"], tuple(params.average["shifts"])),
        about={"model": snakemake.wildcards.model, "fold": params.fold},
    )
    pooled, per_window = metrics(output.predictions, windows)
    pooled.to_csv(output.metrics, sep="\t", index=False, float_format="%.6g")
    per_window.to_csv(output.windows, sep="\t", index=False, float_format="%.6g")
    print(pooled.to_string(index=False))


with logged(snakemake.log[0]):
    main(snakemake)
