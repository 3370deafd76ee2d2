"""Write the bigWigs of CTCF and open chromatin of a simulated cell type."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.simulate import formats, genome

    inputs, params, dataset = snakemake.input, snakemake.params, snakemake.wildcards.dataset
    tables = genome.read_tables({"sites": inputs.sites, "decoys": inputs.decoys})
    peaks = formats.track_peaks(
        tables["sites"], tables["decoys"], params.factors, params.main, params.seed, params.genome, dataset
    )
    paths = {"CTCF": snakemake.output.CTCF, "DNase": snakemake.output.DNase}
    formats.write_tracks(paths, genome.read_fasta(inputs.fasta), peaks, params.seed, dataset)
    print({name: f"{len(table)} peaks" for name, table in peaks.items()})


with logged(snakemake.log[0]):
    main(snakemake)
