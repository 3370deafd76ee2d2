"""Classify bins by their CTCF and DNase signals, and average the insulation after CTCF mutagenesis in each class."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.analyses import ctcf_independent
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.files import read_table, write_table
    from akitaflow.genome.bigwig import bin_track
    from akitaflow.genome.intervals import read_chromsizes

    inputs, params = snakemake.input, snakemake.params
    windows = fold_windows(read_windows(inputs.windows), params.fold)
    bins = read_table(inputs.bins)
    bins = bins[bins["dataset"] == params.dataset].reset_index(drop=True)
    bins["contig"] = bins["window"].map(windows.set_index("window")["contig"])
    size = int((bins["end"] - bins["start"]).iloc[0])
    chromsizes = read_chromsizes(inputs.sizes)
    for name, path in zip(("CTCF", "DNase"), inputs.tracks, strict=True):
        bins[name] = bin_track(path, bins, size, chromsizes)[:, 0]
    bins["class"] = ctcf_independent.classify(bins, params.quantile)
    summary = ctcf_independent.summarise(bins, params.bootstrap, (params.seed, "persistence"))
    summary.insert(0, "model", snakemake.wildcards.model)
    summary.insert(1, "dataset", params.dataset)
    write_table(bins, snakemake.output.bins, float_format="%.5g")
    write_table(summary, snakemake.output.summary)
    print(summary.to_string(index=False))


with logged(snakemake.log[0]):
    main(snakemake)
