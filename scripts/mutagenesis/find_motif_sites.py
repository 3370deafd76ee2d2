"""Find the sites of a motif in the windows of the analysed fold, by a scan or from a BED file."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.files import write_table
    from akitaflow.genome import matrices, motifs
    from akitaflow.genome.sequence import Genome

    motif, params = snakemake.wildcards.motif, snakemake.params
    windows = fold_windows(read_windows(snakemake.input.windows), params.fold)
    genome = Genome(snakemake.input.fasta)
    matrix = matrices.find_matrix(params.release, params.matrix, snakemake.input.matrix)
    if matrix is None:
        sites = motifs.read_sites(str(snakemake.input.bed), motif, genome.chromsizes)
    else:
        sites = motifs.scan(genome, windows, matrix, params.pvalue, motif)
    pairs = motifs.sites_in_windows(sites, windows, params.margin_bp)
    inside = pairs[motifs.COLUMNS].drop_duplicates()
    summary = motifs.summary(motif, inside, pairs, matrix, params.pvalue)
    write_table(inside, snakemake.output.bed, header=False, float_format="%.4f")
    write_table(pairs, snakemake.output.windows, float_format="%.4f")
    write_table(summary, snakemake.output.summary, float_format=None)
    print(summary.to_string(index=False))
    print(f"{pairs['window'].nunique()} of {len(windows)} {params.fold} windows have a site")


with logged(snakemake.log[0]):
    main(snakemake)
