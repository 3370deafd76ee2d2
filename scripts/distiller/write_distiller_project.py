"""Write the params file of distiller-nf and the config of Nextflow for a dataset, and the digest of its inputs."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    from akitaflow.errors import InputError
    from akitaflow.files import is_gzipped, read_table, write_text
    from akitaflow.mapping import distiller_project, distiller_results
    from akitaflow.mapping.fastq import compare_runs

    params, names = snakemake.params, snakemake.wildcards
    mapping, options = params.mapping, params.mapping["distiller"]
    sections = distiller_project.processing(mapping, params.bin_size, params.min_mapq)
    reads, counts, suffixes = {}, {}, {}
    checks = iter(snakemake.input.checks)
    tables = {(library, run): read_table(next(checks)) for library, runs in params.libraries.items() for run in runs}
    compare_runs(tables)
    for library, runs in params.libraries.items():
        for run, paths in runs.items():
            table = tables[library, run]
            reads.setdefault(library, {})[run] = list(table["digest"])
            counts[library] = counts.get(library, 0) + int(table["reads"][0])
            for path in paths:
                suffixes[path] = ".fastq.gz" if is_gzipped(path) else ".fastq"
    plain = [path for path, suffix in suffixes.items() if suffix == ".fastq"]
    if plain and options["chunk_size"]:
        raise InputError(
            f"{plain[0]} is not compressed, and distiller-nf cuts only compressed reads into parts: compress it with "
            "gzip, or write mapping.distiller.chunk_size: 0"
        )
    software = distiller_project.check_software(options["nextflow_version"])
    engine = distiller_project.engine_identity(options, params.path)
    files = [snakemake.input.fasta, snakemake.input.sizes]
    key = distiller_project.identify(names.dataset, params.genome, reads, files, sections, engine, software)
    folder = os.path.abspath(f"results/distiller/{names.dataset}/{key['digest']}")
    linked = distiller_project.links(folder, params.libraries, suffixes)
    content = distiller_project.project(
        names.dataset, params.genome, folder, params.index, snakemake.input.sizes, params.libraries, linked, sections
    )
    texts = {
        snakemake.output.project: distiller_project.as_yaml(content),
        snakemake.output.nextflow: distiller_project.nextflow_config(options),
    }
    for path, text in texts.items():
        write_text(path, text)
    distiller_results.write_json({**key, "links": linked, "read_pairs": counts}, snakemake.output.key)
    print(f"{names.dataset}: {sum(counts.values())} read pairs of {len(reads)} libraries, digest {key['digest']}")


with logged(snakemake.log[0]):
    main(snakemake)
