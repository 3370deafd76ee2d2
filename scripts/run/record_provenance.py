"""Record code, config, seed, software and the checksums of the inputs."""

from akitaflow.logs import logged


def main(snakemake):
    import json

    from akitaflow.files import read_table, write_text
    from akitaflow.logs import progress
    from akitaflow.provenance import config_digest, file_record, provenance

    inputs, params = snakemake.input, snakemake.params
    software = read_table(inputs.software)
    reads = {}
    for dataset, path in zip(params.datasets, inputs.reads, strict=True):
        for row in read_table(path).itertuples():
            reads[f"{dataset}/{row.library}/{row.run}/{row.mate}"] = row.digest
    record = provenance() | {
        "config": config_digest(params.config),
        "seed": params.config["seed"],
        "software": {
            environment: {row.software: row.found if isinstance(row.found, str) else None for row in rows.itertuples()}
            for environment, rows in software.groupby("environment")
        },
        "files": {path: file_record(path) for path in progress(list(inputs.files), "checksums", unit="file")},
        "reads": reads,
        "downloads": {url: checksum or None for url, checksum in params.downloads.items()},
    }
    write_text(snakemake.output[0], json.dumps(record, indent=1, sort_keys=True) + "\n")


with logged(snakemake.log[0]):
    main(snakemake)
