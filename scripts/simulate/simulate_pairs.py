"""Write the simulated reads of a dataset as pairs."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.genome.sequence import Genome
    from akitaflow.simulate import reads

    pairs = reads.read_truth(snakemake.input.truth)
    reads.write_pairs(snakemake.output[0], pairs, Genome(snakemake.input.fasta).chromsizes, snakemake.params.genome)


with logged(snakemake.log[0]):
    main(snakemake)
