"""Lift and bin the 5C maps of a locus and of its deletion, and derive bounds of the deletion."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.analyses import deletion, deletion_maps, five_c
    from akitaflow.dataset.targets import TargetSteps
    from akitaflow.files import write_table
    from akitaflow.genome.sequence import Genome

    inputs, params, settings = snakemake.input, snakemake.params, snakemake.params.five_c
    steps = TargetSteps.from_config(params.geometry, params.targets)
    locus = deletion.Locus.read(inputs.window, steps.geometry)
    measured, normal, deleted = deletion_maps.read_five_c(inputs.wild_type, inputs.deletion, settings["assembly"])
    genome = Genome(inputs.fasta)
    if inputs.chain:
        fragments, report = five_c.lift(measured, str(inputs.chain), chromsizes=genome.chromsizes)
    else:
        fragments, report = measured, measured[["name", "chrom", "start", "end"]].assign(status="not lifted: no chain")
    altered, chrom = locus.altered(genome), locus.window.chrom
    table = deletion_maps.brackets(fragments, normal, deleted, locus, settings["empty_share"])
    maps = {"wild_type": deletion_maps.five_c_map(fragments, normal, chrom, locus.window.start, steps, settings["per"])}
    if deleted is not None:
        remaining = five_c.excise(fragments, *locus.deletion)
        start = altered.origin[0].start  # left of the deletion both genomes have the same coordinates
        deletion_map = deletion_maps.five_c_map(remaining, deleted, chrom, start, steps, settings["per"])
        maps |= {"deletion": deletion_map, "deletion_in_reference": locus.in_reference(deletion_map, altered.bins)}
    deletion.write_maps(snakemake.output.maps, maps, altered.bins, locus, fragments=len(fragments))
    write_table(report, snakemake.output.fragments, float_format=None)
    write_table(table, snakemake.output.breakpoints, float_format=None)
    print(table.to_string(index=False), report["status"].value_counts().to_string(), sep="\n")


with logged(snakemake.log[0]):
    main(snakemake)
