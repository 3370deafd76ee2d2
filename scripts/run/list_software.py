"""List the software of one environment: the version it asks for and the version that answers."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.provenance import software

    rows = software(snakemake.input.environment)
    table = pd.DataFrame(rows, columns=["software", "pinned", "found"])
    table.insert(0, "environment", snakemake.wildcards.environment)
    table.to_csv(snakemake.output[0], sep="\t", index=False)


with logged(snakemake.log[0]):
    main(snakemake)
