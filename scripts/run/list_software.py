"""List the software of one environment, with pinned and installed versions."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.files import write_table
    from akitaflow.provenance import software

    rows = software(snakemake.input.environment)
    table = pd.DataFrame(rows, columns=["software", "pinned", "found"])
    table.insert(0, "environment", snakemake.wildcards.environment)
    write_table(table, snakemake.output[0], float_format=None)


with logged(snakemake.log[0]):
    main(snakemake)
