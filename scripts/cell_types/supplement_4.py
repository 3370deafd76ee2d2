"""Draw predicted and measured differences between two datasets."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.analyses.cell_types import choose_examples
    from akitaflow.evaluation.accuracy import read_dataset
    from akitaflow.files import read_table
    from akitaflow.geometry import Geometry
    from akitaflow.plotting import cell_types as plots
    from akitaflow.plotting import style

    params, inputs = snakemake.params, snakemake.input
    geometry = Geometry.from_config(params.geometry)
    table = read_table(inputs.windows)
    pooled = read_table(inputs.pooled)
    first, second = (read_dataset(inputs.predictions, name) for name in params.datasets)
    names = (*params.datasets, "difference")
    examples = []
    for row in choose_examples(table, params.examples):
        maps = {}
        for kind, a, b in zip(("measured", "predicted"), first, second, strict=True):
            for name, values in zip(names, (a[row], b[row], b[row] - a[row]), strict=True):
                maps[kind, name] = geometry.to_map(values)
        window = table.loc[row]
        place = {"window": window["window"], "chrom": window["chrom"], "start": window["start"] + geometry.crop}
        examples.append({**place, "maps": maps})
    title = f"model {params.model}, {params.fold} fold: {params.datasets[1]} against {params.datasets[0]}"
    style.apply()
    figure = plots.draw_differences(examples, table, pooled, params.datasets, geometry.bin_size, title)
    style.save(figure, snakemake.output, plots.difference_pixels(examples, geometry.bin_size))


with logged(snakemake.log[0]):
    main(snakemake)
