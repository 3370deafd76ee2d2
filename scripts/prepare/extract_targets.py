"""Extract the targets of one dataset from imported records, for rules that read targets instead of records."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    from akitaflow.dataset.given_records import write_targets
    from akitaflow.dataset.windows import read_windows

    folder = os.path.dirname(snakemake.input.statistics)
    write_targets(snakemake.output[0], folder, read_windows(snakemake.input.windows), snakemake.wildcards.dataset)


with logged(snakemake.log[0]):
    main(snakemake)
