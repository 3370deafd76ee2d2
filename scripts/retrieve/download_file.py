"""Download a file from its address or its mirror, and check it."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.retrieve import downloads

    downloads.fetch(snakemake.params.url, snakemake.output[0], **snakemake.params.expected)


with logged(snakemake.log[0]):
    main(snakemake)
