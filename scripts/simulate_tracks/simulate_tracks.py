"""Make the bigWigs of CTCF and of open chromatin of a simulated cell type."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.simulate import formats, genome

    given, params, dataset = snakemake.input, snakemake.params, snakemake.wildcards.dataset
    tables = genome.read_tables({"sites": given.sites, "decoys": given.decoys})
    peaks = formats.track_peaks(
        tables["sites"], tables["decoys"], params.factors, params.main, params.seed, params.genome, dataset
    )
    paths = {"CTCF": snakemake.output.CTCF, "DNase": snakemake.output.DNase}
    formats.write_tracks(paths, genome.read_fasta(given.fasta), peaks, params.seed, dataset)
    print({name: f"{len(table)} peaks" for name, table in peaks.items()})


with logged(snakemake.log[0]):
    main(snakemake)
