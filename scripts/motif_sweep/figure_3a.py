"""Draw disruption against change in signal for every motif, and the windows of the first one."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.plotting import motif_sweep as plots
    from akitaflow.plotting import style

    inputs, params = snakemake.input, snakemake.params
    motifs, windows = (read_table(path) for path in (inputs.motifs, inputs.windows))
    motifs, windows = (table[table["dataset"] == params.dataset] for table in (motifs, windows))
    n = motifs["n_windows"].iloc[0]
    title = f"model {params.model}, dataset {params.dataset}, {params.fold} fold, n = {n} windows\n"
    title += plots.searched(read_table(inputs.plan), params.pvalue)
    style.apply()
    style.save(plots.draw(motifs, windows, params.labels, title, params.pvalue), snakemake.output, motifs)


with logged(snakemake.log[0]):
    main(snakemake)
