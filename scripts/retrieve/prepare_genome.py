"""Prepare a genome: plain indexed FASTA, lengths of the chromosomes in use, and the gaps of the assembly."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.files import write_table
    from akitaflow.genome import fasta as genomes

    source, fasta = snakemake.input.fasta, snakemake.output.fasta
    genomes.copy_fasta(source, fasta)
    everything = genomes.read_sizes(snakemake.output.index)
    chromosomes = genomes.choose_chromosomes(everything, snakemake.params.chromosomes, source)
    if snakemake.input.get("gaps"):
        gaps = genomes.read_gaps(snakemake.input.gaps, chromosomes)
    else:
        gaps = genomes.find_gaps(fasta, chromosomes, snakemake.params.min_gap)
    write_table(pd.DataFrame(list(chromosomes.items())), snakemake.output.sizes, header=False)
    write_table(gaps, snakemake.output.gaps, header=False)
    print(f"{len(chromosomes)} of {len(everything)} chromosomes in use, {sum(chromosomes.values())} bp")
    print(f"{len(gaps)} gaps, {(gaps['end'] - gaps['start']).sum()} bp")


with logged(snakemake.log[0]):
    main(snakemake)
