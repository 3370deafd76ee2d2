"""Draw accuracy, size, time and learning curves of alternative architectures."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.plotting import comparison, style

    params = snakemake.params
    tables = [read_table(snakemake.input[name]) for name in ("comparison", "seeds", "curves")]
    table = comparison.tidy(*tables, params.descriptions)
    title = f"alternatives of model {params.model}, {params.fold} fold, seeds: {params.seeds}"
    style.apply()
    style.save(comparison.draw_architectures(table, params.descriptions, title), snakemake.output, table)


with logged(snakemake.log[0]):
    main(snakemake)
