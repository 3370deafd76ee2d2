"""Write the sites of a matrix on a simulated genome in the format of JASPAR's tracks."""

from akitaflow.logs import logged

PVALUE = 1e-4  # JASPAR's tracks hold weaker sites than the analyses use


def main(snakemake):
    from akitaflow.genome.matrices import jaspar_matrix
    from akitaflow.simulate import formats, genome

    matrix = jaspar_matrix(snakemake.params.release, snakemake.wildcards.matrix)
    rows = formats.jaspar_rows(genome.read_fasta(snakemake.input.fasta), matrix, PVALUE)
    formats.write_rows(snakemake.output[0], rows)
    print(f"{len(rows)} sites of {matrix.name}")


with logged(snakemake.log[0]):
    main(snakemake)
