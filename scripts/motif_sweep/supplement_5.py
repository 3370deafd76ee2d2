"""Draw structure against the density of CTCF motifs, and disruption of motifs against their overlap with CTCF."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.plotting import motif_sweep as plots
    from akitaflow.plotting import style

    given, params = snakemake.input, snakemake.params
    motifs, bins = (read_table(path) for path in (given.motifs, given.bins))
    motifs, bins = (table[table["dataset"] == params.dataset] for table in (motifs, bins))
    title = f"model {params.model}, dataset {params.dataset}, {params.fold} fold"
    density = plots.density(bins)
    style.apply()
    figure = plots.draw_ctcf(motifs, density, params.motif, params.labels, title)
    style.save(figure, snakemake.output, plots.source(motifs, density))


with logged(snakemake.log[0]):
    main(snakemake)
