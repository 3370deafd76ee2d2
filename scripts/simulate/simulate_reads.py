"""Draw the read pairs of all runs of a simulated dataset."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.simulate import folding, genome, reads

    simulation = snakemake.params.simulation
    bands, bin_size = folding.read_maps(snakemake.input.maps)
    decay = folding.distance_decay(
        *(simulation["folding"][key] for key in ("distance_bins", "decay_bins", "decay_near", "decay_far"))
    )
    capture = None
    if simulation["capture_bins"] is not None:
        locus = genome.read_tables({"locus": snakemake.input.locus})["locus"]
        capture = genome.capture_region(locus, simulation["capture_bins"], bin_size)
    chromosomes = genome.read_fasta(snakemake.input.fasta)
    pairs = reads.simulate_reads(
        chromosomes,
        bands,
        [tuple(run) for run in snakemake.params.runs],
        simulation["reads"],
        simulation["pairs"],
        decay,
        bin_size,
        snakemake.params.seed,
        snakemake.wildcards.dataset,
        capture,
    )
    reads.write_truth(snakemake.output[0], pairs, list(chromosomes))
    print(pairs.groupby(["library", "run"])["duplicate"].agg(["size", "sum"]))


with logged(snakemake.log[0]):
    main(snakemake)
