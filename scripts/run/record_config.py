"""Write the config of the study with all defaults."""

from akitaflow.logs import logged


def main(snakemake):
    import yaml

    from akitaflow.files import write_text

    write_text(snakemake.output[0], yaml.safe_dump(snakemake.params.config, sort_keys=False))


with logged(snakemake.log[0]):
    main(snakemake)
