"""Check availability, size and checksum of every resource, and write a table of the results."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import write_table
    from akitaflow.retrieve import addresses

    table = addresses.check(snakemake.params.resources, snakemake.params.files)
    write_table(table, snakemake.output[0])
    for row in table[table["verdict"] != "ok"].itertuples():
        print(f"{row.name}: {row.verdict} ({row.url})")
    print(f"{(table['verdict'] == 'ok').sum()} of {len(table)} addresses are as expected")


with logged(snakemake.log[0]):
    main(snakemake)
