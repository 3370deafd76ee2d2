"""Compare predicted and measured differences between the maps of two datasets."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.analyses import cell_types
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.evaluation.accuracy import read_dataset
    from akitaflow.files import write_table

    params = snakemake.params
    first, second = params.datasets
    windows = fold_windows(read_windows(snakemake.input.windows), params.fold)
    maps = [read_dataset(snakemake.input.predictions, name) for name in (first, second)]
    measured, predicted = cell_types.difference(*maps)
    table = cell_types.window_table(windows, measured, predicted)
    for place, (name, value) in enumerate(
        {"model": snakemake.wildcards.model, "first": first, "second": second}.items()
    ):
        table.insert(place, name, value)
    seed = (params.seed, "cell types", first, second)
    contigs = windows["contig"].to_numpy()
    pooled = cell_types.pooled_table(measured, predicted, contigs, (first, second), params.bootstrap, seed)
    write_table(table, snakemake.output.windows)
    write_table(pooled, snakemake.output.pooled)
    print(pooled.to_string(index=False))


with logged(snakemake.log[0]):
    main(snakemake)
