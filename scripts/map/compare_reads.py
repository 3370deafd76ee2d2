"""Check that no two runs of a dataset hold the same reads."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table, write_table
    from akitaflow.mapping.fastq import compare_runs

    tables = dict(zip(map(tuple, snakemake.params.runs), map(read_table, snakemake.input), strict=True))
    table = compare_runs(tables)
    write_table(table, snakemake.output[0])
    print(f"{len(tables)} runs hold different reads")


with logged(snakemake.log[0]):
    main(snakemake)
