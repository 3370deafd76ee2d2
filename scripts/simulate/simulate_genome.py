"""Simulate a genome, and write it with the truth tables of its planted elements."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.simulate import genome

    if "fasta" in snakemake.input.keys():
        paths = {name: snakemake.input[name] for name in genome.COLUMNS}
        parent = genome.read_fasta(snakemake.input.fasta)
        chromosomes, tables = genome.delete_locus(parent, genome.read_tables(paths))
    else:
        params = snakemake.params
        chromosomes, tables = genome.simulate_genome(
            params.simulation, snakemake.wildcards.genome, params.seed, params.bin_size
        )
    genome.write_fasta(snakemake.output.fasta, chromosomes)
    genome.write_tables({name: snakemake.output[name] for name in genome.COLUMNS}, tables)
    print({name: len(table) for name, table in tables.items()})


with logged(snakemake.log[0]):
    main(snakemake)
