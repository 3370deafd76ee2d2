"""Read a file of variants to its end and count its alleles."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import write_table
    from akitaflow.variants.tables import count_kinds

    table = count_kinds(snakemake.input.variants, **snakemake.params.reading)
    print(f"{snakemake.input.variants}: {table['alleles'].sum()} alleles")
    write_table(table, snakemake.output[0])


with logged(snakemake.log[0]):
    main(snakemake)
