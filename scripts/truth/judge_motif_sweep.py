"""Compare the sweep with what was planted: one row per claim."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.files import read_table
    from akitaflow.truth import motif_sweep, write_claims

    inputs, params = snakemake.input, snakemake.params
    dataset, limits, bootstrap = params.dataset, params.truth, (params.bootstrap, params.seed)
    motifs, windows = (read_table(path) for path in (inputs.motifs, inputs.scores))
    motifs, windows = (table[table["dataset"] == dataset] for table in (motifs, windows))
    fold = fold_windows(read_windows(inputs.windows), params.fold)[: params.windows]
    means = motif_sweep.window_means(windows, fold["window"])
    contigs = fold["contig"].to_numpy()
    rows = motif_sweep.order(means, motifs, params.decoys, contigs, dataset, limits["best_decoy"], *bootstrap)
    write_claims(snakemake.output[0], rows)


with logged(snakemake.log[0]):
    main(snakemake)
