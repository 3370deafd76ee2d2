"""Summarise the scores and learning curves of all alternatives of the model in tables."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.files import read_table, write_table
    from akitaflow.training import comparison

    metrics = [read_table(path) for path in snakemake.input.metrics]
    histories = [
        read_table(path).assign(alternative=table["alternative"].iloc[0], replicate=table["replicate"].iloc[0])
        for path, table in zip(snakemake.input.histories, metrics, strict=True)
    ]
    seeds = pd.concat(metrics, ignore_index=True)
    tables = {
        "seeds": seeds[["alternative", "replicate", *seeds.columns.drop(["alternative", "replicate"])]],
        "comparison": comparison.summarise(seeds),
        "curves": comparison.learning_curves(pd.concat(histories, ignore_index=True)),
    }
    for name, table in tables.items():
        write_table(table, snakemake.output[name])


with logged(snakemake.log[0]):
    main(snakemake)
