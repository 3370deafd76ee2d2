"""Put the scores and the learning curves of all alternatives of the model in one table each."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.files import read_table, write_table
    from akitaflow.training import comparison

    metrics = [read_table(path) for path in snakemake.input.metrics]
    histories = [
        read_table(path).assign(alternative=one["alternative"].iloc[0], replicate=one["replicate"].iloc[0])
        for path, one in zip(snakemake.input.histories, metrics, strict=True)
    ]
    together = pd.concat(metrics, ignore_index=True)
    tables = {
        "seeds": together[["alternative", "replicate", *together.columns.drop(["alternative", "replicate"])]],
        "comparison": comparison.summarise(together),
        "curves": comparison.learning_curves(pd.concat(histories, ignore_index=True)),
    }
    for name, table in tables.items():
        write_table(table, snakemake.output[name])


with logged(snakemake.log[0]):
    main(snakemake)
