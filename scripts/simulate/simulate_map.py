"""Compute the noise-free contacts of a simulated genome with the folding law."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.simulate import folding, genome

    params = snakemake.params
    law = folding.load_law(params.simulation, snakemake.wildcards.dataset, params.bin_size)
    elements = genome.read_tables({"b2": snakemake.input.b2})["b2"]
    bands = {}
    for chrom, codes in genome.read_fasta(snakemake.input.fasta).items():
        masked = elements.loc[elements["chrom"] == chrom, ["start", "end"]].to_numpy()
        bands[chrom] = folding.enrichment(codes, law, masked)
    folding.write_maps(snakemake.output[0], bands, params.bin_size)


with logged(snakemake.log[0]):
    main(snakemake)
