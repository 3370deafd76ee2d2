"""Check a cooler against its genome, and rewrite it and its weights onto the bins of the genome."""

from akitaflow.logs import logged, warn


def main(snakemake):
    from akitaflow.genome import fasta
    from akitaflow.mapping import chromosome_names, cooler_checks, cooler_import

    params = snakemake.params
    rename = chromosome_names.read_rename(snakemake.input.rename) if snakemake.input.get("rename") else None
    path = snakemake.input.cool
    checked = cooler_checks.check_cooler(
        f"{path}::{params.group}" if params.group else path,
        params.bin_size,
        fasta.read_sizes(snakemake.input.index),
        rename=rename,
        tolerance=params.tolerance,
        dataset=snakemake.wildcards.dataset,
        fasta=params.fasta,
        genome=params.genome,
        weight=params.weight,
        in_use=params.chosen,
    )
    warnings = cooler_import.import_cooler(
        checked,
        snakemake.output[0],
        fasta.read_sizes(snakemake.input.sizes),
        params.bin_size,
        assembly=params.genome,
        scratch=snakemake.resources.tmpdir,
    )
    for warning in warnings:
        warn(f"{snakemake.wildcards.dataset}: {warning}")


with logged(snakemake.log[0]):
    main(snakemake)
