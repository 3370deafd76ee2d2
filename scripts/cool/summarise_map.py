"""Summarise a map: contacts, filtered bins, shares within chromosomes, decay with distance, and chromosomes."""

from akitaflow.logs import logged


def main(snakemake):
    import cooler
    import pandas as pd

    from akitaflow.files import write_table
    from akitaflow.mapping import coolers
    from akitaflow.mapping.statistics import distance_decay

    dataset = snakemake.wildcards.dataset
    summary, counts, chromosomes = coolers.summarise(snakemake.input[0])
    clr = cooler.Cooler(snakemake.input[0])
    sizes = (-(-clr.chromsizes // clr.binsize)).tolist()  # bins of each chromosome
    decay = distance_decay(sizes, clr.binsize, counts)
    decay.insert(0, "dataset", dataset)
    write_table(pd.DataFrame([{"dataset": dataset} | summary]), snakemake.output.summary)
    write_table(decay, snakemake.output.decay)
    chromosomes.insert(0, "dataset", dataset)
    write_table(chromosomes, snakemake.output.chromosomes)


with logged(snakemake.log[0]):
    main(snakemake)
