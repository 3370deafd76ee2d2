"""Draw insulation against the number of CTCF sites, and disruption of motifs against their overlaps with CTCF."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.files import read_table
    from akitaflow.plotting import motif_sweep as plots
    from akitaflow.plotting import style

    inputs, params = snakemake.input, snakemake.params
    tables = [read_table(path) for path in (inputs.motifs, inputs.windows, inputs.bins)]
    motifs, windows, bins = (table[table["dataset"] == params.dataset] for table in tables)
    contigs = fold_windows(read_windows(inputs.records), params.fold).set_index("window")["contig"]
    title = f"model {params.model}, dataset {params.dataset}, {params.fold} fold"
    motifs, seed = plots.count_overlaps(motifs), (params.seed, "supplement_5")
    density = plots.density(bins, contigs, params.bootstrap, (*seed, "density"))
    correlation = plots.overlap_correlation(motifs, windows, params.bootstrap, (*seed, "overlap"))
    style.apply()
    figure = plots.draw_ctcf(motifs, density, correlation, params.motif, params.labels, title)
    style.save(figure, snakemake.output, plots.source(motifs, density, correlation))


with logged(snakemake.log[0]):
    main(snakemake)
