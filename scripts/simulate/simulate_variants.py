"""Write variants of a simulated genome with a known effect, and matched ones without."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.genome.sequence import Genome
    from akitaflow.simulate import variants
    from akitaflow.simulate.folding import load_factors

    inputs, params = snakemake.input, snakemake.params
    genome, regions = Genome(inputs.fasta), read_table(inputs.contigs)
    held_out = regions[regions["fold"] == params.fold]
    factor = load_factors(params.simulation)[params.factor]
    tables = (read_table(inputs.sites), read_table(inputs.locus))
    options = (params.bin_size, params.variants, params.margin, params.seed)
    planted = variants.plant(genome, *tables, held_out, factor, *options)
    variants.write_vcf(snakemake.output[0], genome, planted)
    print(planted["name"].str.split(":").str[0].value_counts().to_string())


with logged(snakemake.log[0]):
    main(snakemake)
