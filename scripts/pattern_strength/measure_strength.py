"""Measure the predicted and measured pattern strength of each window, and its correlation with tracks."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.analyses import pattern_strength
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.evaluation.accuracy import read_dataset
    from akitaflow.files import write_table
    from akitaflow.genome.bigwig import bin_track
    from akitaflow.genome.intervals import read_chromsizes

    inputs, params = snakemake.input, snakemake.params
    windows = fold_windows(read_windows(inputs.windows), params.fold)
    targets, predictions = read_dataset(inputs.predictions, snakemake.wildcards.dataset)
    cropped = windows.assign(
        start=windows["start"] + params.geometry["crop"], end=windows["end"] - params.geometry["crop"]
    )
    sizes = read_chromsizes(inputs.sizes)
    binned = {
        name: bin_track(path, cropped, params.geometry["bin_size"], sizes)
        for name, path in zip(params.tracks, inputs.tracks, strict=True)
    }
    table = pattern_strength.window_strength(windows, targets, predictions, binned)
    table.insert(0, "model", snakemake.wildcards.model)
    table.insert(1, "dataset", snakemake.wildcards.dataset)
    correlations = pattern_strength.correlations(table, params.tracks, params.bootstrap, (params.seed, "strength"))
    write_table(table, snakemake.output.windows)
    write_table(correlations, snakemake.output.correlations)
    print(correlations.to_string(index=False))


with logged(snakemake.log[0]):
    main(snakemake)
