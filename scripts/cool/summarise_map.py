"""Summarise a map: contacts, filtered bins, shares within chromosomes, and distance decay."""

from akitaflow.logs import logged


def main(snakemake):
    import cooler
    import pandas as pd

    from akitaflow.files import write_table
    from akitaflow.mapping import coolers
    from akitaflow.mapping.statistics import distance_decay

    dataset = snakemake.wildcards.dataset
    summary, counts = coolers.summarise(snakemake.input[0])
    clr = cooler.Cooler(snakemake.input[0])
    sizes = (-(-clr.chromsizes // clr.binsize)).tolist()  # bins of each chromosome
    decay = distance_decay(sizes, clr.binsize, counts)
    decay.insert(0, "dataset", dataset)
    write_table(pd.DataFrame([{"dataset": dataset} | summary]), snakemake.output.summary)
    write_table(decay, snakemake.output.decay)


with logged(snakemake.log[0]):
    main(snakemake)
