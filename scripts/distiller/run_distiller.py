"""Run distiller-nf on a dataset, check its results, and write a report with their paths."""

from akitaflow.logs import logged


def main(snakemake):
    import json
    import os
    import shutil

    from akitaflow.genome import fasta
    from akitaflow.mapping import distiller_project, distiller_results, distiller_run

    params, dataset = snakemake.params, snakemake.wildcards.dataset
    options = params.options
    with open(snakemake.input.key) as file:
        key = json.load(file)
    folder = os.path.abspath(f"results/distiller/{dataset}/{key['digest']}")
    work = distiller_project.work_folder(folder, params.work_dir)
    distiller_project.check_paths([folder, work])
    report = distiller_results.finished(folder, key["digest"])
    if report is None:
        distiller_project.check_software(options["nextflow_version"])
        slurm = options["executor"] == "slurm"
        distiller_run.stop_leftovers(folder, work, slurm)
        if not options["resume"]:
            for path in (folder, work):
                shutil.rmtree(path, ignore_errors=True)
        distiller_run.make_links(key["links"])
        command = distiller_project.command(
            options, snakemake.input.project, snakemake.input.nextflow, work, params.path, f"{folder}/nextflow.log"
        )
        megabytes = int(snakemake.resources.get("mem_mb", 1024 * options["memory_gb"]))
        variables = distiller_run.environment(folder, options["nextflow_version"], snakemake.threads, megabytes)
        distiller_run.run(command, folder, work, variables, slurm)
        name = distiller_project.filter_name(params.min_mapq)
        files = distiller_results.expected_files(
            folder, dataset, key["genome"], key["read_pairs"], name, params.bin_size
        )
        sizes = fasta.read_sizes(snakemake.input.sizes)
        try:
            counts = distiller_results.verify(files, key["read_pairs"], sizes, params.bin_size, params.min_mapq > 0)
        except RuntimeError as error:
            # the next run of distiller-nf would reuse the files
            raise RuntimeError(f"{error}\nDelete {folder} to map {dataset} anew.") from None
        report = distiller_results.finish(folder, files, counts, key["digest"])
    if not options["keep"]:
        distiller_results.tidy(folder, work, report["files"])
    distiller_results.write_json(report, snakemake.output[0])


with logged(snakemake.log[0]):
    main(snakemake)
