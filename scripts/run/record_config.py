"""Write the config that the rules see, with every default filled in."""

from akitaflow.logs import logged


def main(snakemake):
    import yaml

    with open(snakemake.output[0], "w") as file:
        yaml.safe_dump(snakemake.params.config, file, sort_keys=False)


with logged(snakemake.log[0]):
    main(snakemake)
