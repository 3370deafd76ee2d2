"""Draw the correlations of model, baselines and split-read ceiling."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.plotting import accuracy as plots
    from akitaflow.plotting import style

    params = snakemake.params
    baselines, comparison = (read_table(path) for path in (snakemake.input.baselines, snakemake.input.comparison))
    table = plots.tidy_baselines(baselines, comparison)
    n_windows, n_contigs = comparison.loc[0, ["n_windows", "n_contigs"]]
    datasets = ", ".join(dict.fromkeys(table["dataset"]))
    title = f"{datasets}: {params.fold} fold, {n_windows} windows of {n_contigs} contigs, {params.bootstrap} resamples"
    style.apply()
    style.save(plots.draw_baselines(table, params.model, title), snakemake.output, table)


with logged(snakemake.log[0]):
    main(snakemake)
