"""Read both mates of a run to their ends and check that they are whole and belong together."""

from akitaflow.logs import logged


def main(snakemake):
    import time

    from akitaflow import mapping

    start = time.monotonic()
    table = mapping.check_fastq(*snakemake.input.reads)
    seconds = time.monotonic() - start
    mapping.write_table(table, snakemake.output[0])
    print(f"{table['reads'][0]} read pairs checked in {seconds:.1f} s")


with logged(snakemake.log[0]):
    main(snakemake)
