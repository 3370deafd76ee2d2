"""Make windows along the contigs, and flag those with too many filtered bins."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.dataset import published_split
    from akitaflow.dataset.split import read_filtered
    from akitaflow.dataset.windows import flag_windows, make_windows, require_windows
    from akitaflow.files import read_table, write_table
    from akitaflow.genome.intervals import COLUMNS
    from akitaflow.seeds import derive

    split, geometry = snakemake.params.split, snakemake.params.geometry
    contigs = read_table(snakemake.input.contigs)
    bin_size, window_bins, stride = geometry["bin_size"], geometry["window_bins"], split["stride_bins"]
    as_published = split["policy"] == "published"
    if as_published:
        windows = published_split.published_windows(contigs, bin_size, window_bins, stride)
    else:
        seed = derive(snakemake.params.seed, "split", snakemake.wildcards.split)
        windows = make_windows(contigs, bin_size, window_bins, stride, seed)
    coolers = zip(snakemake.params.datasets, snakemake.input.coolers, strict=True)
    filtered = {dataset: read_filtered(path) for dataset, path in coolers}
    windows = flag_windows(windows, filtered, bin_size, split["max_filtered"], keep=as_published)
    require_windows(windows, [fold for fold, share in split["fractions"].items() if share])
    write_table(windows, snakemake.output.windows, float_format="%.4f")
    kept = windows.loc[windows["kept"], [*COLUMNS, "fold"]]
    write_table(kept, snakemake.output.bed, header=False)
    print(windows.groupby(["fold", "kept"], sort=False).size())


with logged(snakemake.log[0]):
    main(snakemake)
