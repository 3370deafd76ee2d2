"""Write JASPAR's track of a matrix on a simulated genome."""

from akitaflow.logs import logged

PVALUE = 1e-4  # tracks hold weaker sites than analyses take


def main(snakemake):
    from akitaflow.genome.motifs import jaspar_matrix
    from akitaflow.simulate import formats, genome

    matrix = jaspar_matrix(snakemake.params.release, snakemake.wildcards.matrix)
    rows = formats.jaspar_rows(genome.read_fasta(snakemake.input.fasta), matrix, PVALUE)
    formats.write_rows(snakemake.output[0], rows)
    print(f"{len(rows)} sites of {matrix.name}")


with logged(snakemake.log[0]):
    main(snakemake)
