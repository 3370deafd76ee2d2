"""Draw example maps before and after all CTCF sites of their windows are randomised."""

from akitaflow.logs import logged


def main(snakemake):
    import h5py

    from akitaflow.plotting import mutagenesis, style

    with h5py.File(snakemake.input.maps) as maps:
        about = dict(maps.attrs)
        dataset = snakemake.params.dataset or about["outputs"][0]
        examples = mutagenesis.example_maps(maps, dataset)
    style.apply()
    figure = mutagenesis.draw_examples(
        examples, about["motif"], about["model"], dataset, about["fold"], int(about["draws"])
    )
    table = mutagenesis.tabulate(examples)
    style.save(figure, snakemake.output, table.assign(model=about["model"], dataset=dataset, fold=about["fold"]))


with logged(snakemake.log[0]):
    main(snakemake)
