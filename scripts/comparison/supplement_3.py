"""Draw the accuracy of training on single datasets, with other targets and without augmentation."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.plotting import comparison, style

    params = snakemake.params
    tables = [read_table(snakemake.input[name]) for name in ("comparison", "seeds", "curves")]
    table = comparison.tidy(*tables, [*params.single_tasks, *params.data])
    title = f"alternatives of model {params.model}, {params.fold} fold, seeds: {params.seeds}"
    style.apply()
    style.save(comparison.draw_data(table, params.single_tasks, params.data, title), snakemake.output, table)


with logged(snakemake.log[0]):
    main(snakemake)
