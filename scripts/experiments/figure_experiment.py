"""Draw what the arrangements of an experiment change."""

from akitaflow.logs import logged


def main(snakemake):
    import h5py

    from akitaflow.files import read_table
    from akitaflow.plotting import experiments as plots
    from akitaflow.plotting import style

    inputs, params = snakemake.input, snakemake.params
    table = read_table(inputs.scores)
    table = table[table["dataset"] == params.dataset]
    with h5py.File(inputs.maps) as file:
        maps = file["difference"][:, list(file.attrs["outputs"]).index(params.dataset)]
        names, geometry = list(file["arrangements"].asstr()), (file.attrs["crop"], file.attrs["bin_size"])
    n = table["background"].nunique()
    title = f"{snakemake.wildcards.experiment}: model {params.model}, dataset {params.dataset}, n = {n} backgrounds"
    style.apply()
    style.save(plots.draw_insertions(table, maps, names, geometry, title), snakemake.output, table)


with logged(snakemake.log[0]):
    main(snakemake)
