"""Draw the insulation after CTCF mutagenesis by class of bin."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.plotting import cell_types as plots
    from akitaflow.plotting import style

    params = snakemake.params
    bins = read_table(snakemake.input.bins)
    summary = read_table(snakemake.input.summary)
    n = bins["window"].nunique()
    title = f"model {params.model}, dataset {params.dataset}, {params.fold} fold, n = {n} windows"
    style.apply()
    style.save(plots.draw_persistence(summary, bins, title), snakemake.output, summary)


with logged(snakemake.log[0]):
    main(snakemake)
