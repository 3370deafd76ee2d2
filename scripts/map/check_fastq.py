"""Check that both mates of a run are complete, belong together, and agree with the table of runs."""

from akitaflow.logs import logged


def main(snakemake):
    import time

    from akitaflow.files import write_table
    from akitaflow.mapping.fastq import check_fastq
    from akitaflow.retrieve import ena

    start = time.monotonic()
    paths, expected = list(snakemake.input.reads), snakemake.params.expected
    ena.check_files(paths, expected)
    table = check_fastq(*paths)
    ena.check_count(table["reads"][0], expected["read_count"], paths)
    seconds = time.monotonic() - start
    write_table(table, snakemake.output[0])
    print(f"{table['reads'][0]} read pairs checked in {seconds:.1f} s")


with logged(snakemake.log[0]):
    main(snakemake)
