"""Draw the effects of a saturation mutagenesis as a logo."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.plotting import experiments as plots
    from akitaflow.plotting import style

    params = snakemake.params
    effects = read_table(snakemake.input.effects)
    effects = effects[effects["dataset"] == params.dataset]
    title = f"{snakemake.wildcards.region}: {params.method}, model {params.model}, dataset {params.dataset}"
    style.apply()
    style.save(plots.draw_saturation(effects, title), snakemake.output, effects)


with logged(snakemake.log[0]):
    main(snakemake)
