"""Compute the mean signal of each track in each bin of the region."""

from akitaflow.logs import logged


def main(snakemake):
    import numpy as np
    import pandas as pd

    from akitaflow.files import read_table, write_table
    from akitaflow.genome.bigwig import bin_track
    from akitaflow.genome.intervals import read_chromsizes

    size, sizes = snakemake.params.geometry, read_chromsizes(snakemake.input.sizes)
    window = read_table(snakemake.input.window)
    map_ = window.assign(start=window["start"] + size["crop"], end=window["end"] - size["crop"])
    start = map_["start"][0] + size["bin_size"] * np.arange(size["map_bins"])
    table = pd.DataFrame({"chrom": map_["chrom"][0], "start": start, "end": start + size["bin_size"]})
    for name, path in zip(snakemake.params.names, snakemake.input.tracks, strict=True):
        table[name] = bin_track(path, map_, size["bin_size"], sizes)[0]
    write_table(table, snakemake.output[0])


with logged(snakemake.log[0]):
    main(snakemake)
