"""Write the effects of a saturation mutagenesis on one output of the model as a bigWig."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.genome.bigwig import write_bigwig
    from akitaflow.genome.intervals import read_chromsizes
    from akitaflow.variants.saturation import bigwig_runs

    effects = read_table(snakemake.input.effects)
    runs = bigwig_runs(effects, snakemake.wildcards.dataset)
    write_bigwig(snakemake.output[0], read_chromsizes(snakemake.input.sizes), runs)


with logged(snakemake.log[0]):
    main(snakemake)
