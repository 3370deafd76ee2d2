"""Simulate 5C of the locus with and without its boundary, and write the chain file of the assembly of the labels."""

from akitaflow.logs import logged


def main(snakemake):
    import numpy as np

    from akitaflow.genome.fasta import read_sizes
    from akitaflow.simulate import five_c, folding, genome

    inputs, params = snakemake.input, snakemake.params
    sizes = read_sizes(inputs.index)
    table = genome.read_tables({"locus": inputs.locus})["locus"]
    law = [params.folding[key] for key in ("decay_bins", "decay_near", "decay_far")]
    decay = folding.distance_decay(2 * five_c.REGION + 2, *law)
    for name in ("wild_type", "deletion"):
        bands, bin_size = folding.read_maps(inputs[name])
        locus = five_c.Locus.of_tables(table, sizes, bin_size)
        fragments = five_c.cut(locus, params.seed)
        band = bands[locus.chrom]
        matrix = five_c.counts(locus, fragments, band, decay, params.seed, name, deleted=name == "deletion")
        five_c.write_matrix(snakemake.output[name], five_c.labels(locus, fragments), matrix, f"simulated 5C, {name}")
        print(f"{name}: {len(matrix)} fragments, {np.nansum(matrix) / 2:.0f} contacts")
    five_c.write_chain(snakemake.output.chain, locus, sizes)


with logged(snakemake.log[0]):
    main(snakemake)
