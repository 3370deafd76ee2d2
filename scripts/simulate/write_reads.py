"""Write the reads of one simulated run as FASTQ."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.simulate import genome, reads

    wildcards, params = snakemake.wildcards, snakemake.params
    pairs = reads.read_truth(snakemake.input.truth)
    reads.write_fastq(
        (snakemake.output.fastq_1, snakemake.output.fastq_2),
        pairs[pairs["library"] == wildcards.library],
        genome.read_fasta(snakemake.input.fasta),
        wildcards.run,
        params.reads,
        params.seed,
        wildcards.dataset,
    )


with logged(snakemake.log[0]):
    main(snakemake)
