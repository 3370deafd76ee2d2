"""Find the sites of one job's motifs in the windows, and list how each was searched or why it is left out."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.analyses import motif_sweep
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.files import write_table
    from akitaflow.genome.intervals import read_bed
    from akitaflow.genome.motifs import COLUMNS
    from akitaflow.genome.sequence import Genome
    from akitaflow.logs import progress

    inputs, params = snakemake.input, snakemake.params
    windows = fold_windows(read_windows(inputs.windows), params.fold)[: params.windows]
    genome, ctcf = Genome(inputs.fasta), read_bed(inputs.ctcf)
    matrices = motif_sweep.collection(params.release, params.taxon, params.matrices)
    job_matrices = matrices[int(snakemake.wildcards.job) :: params.jobs]
    tables, rows = [pd.DataFrame(columns=["matrix", "window", *COLUMNS])], []
    for matrix in progress(job_matrices, "searching sites", unit="motif"):
        options = (params.pvalue, params.short, ctcf, params.draws, params.margin_bp, params.tracks)
        sites, row = motif_sweep.find(matrix, genome, windows, *options)
        rows.append(row)
        if sites is not None:
            tables.append(sites)
    all_sites = pd.concat([table for table in tables if len(table)] or tables, ignore_index=True)
    write_table(all_sites, snakemake.output.sites, float_format="%.4f")
    write_table(pd.DataFrame(rows, columns=motif_sweep.PLAN), snakemake.output.plan)


with logged(snakemake.log[0]):
    main(snakemake)
