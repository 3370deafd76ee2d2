"""5C of a locus and of its deletion: lifted, on the bins of the model, and what it says of the deletion's ends."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.analyses import deletion as lab
    from akitaflow.analyses import deletion_maps, five_c
    from akitaflow.dataset.targets import TargetSteps
    from akitaflow.files import write_table
    from akitaflow.genome.sequence import Genome

    given, params, chosen = snakemake.input, snakemake.params, snakemake.params.five_c
    steps = TargetSteps.from_config(params.geometry, params.targets)
    locus = lab.Locus.read(given.window, steps.geometry)
    every, normal, deleted = deletion_maps.read_five_c(given.wild_type, given.deletion, chosen["assembly"])
    genome = Genome(given.fasta)
    if given.chain:
        fragments, report = five_c.lift(every, str(given.chain), chromsizes=genome.chromsizes)
    else:
        fragments, report = every, every[["name", "chrom", "start", "end"]].assign(status="not lifted: no chain")
    altered, chrom = locus.altered(genome), locus.window.chrom
    table = deletion_maps.brackets(fragments, normal, deleted, locus, chosen["empty_share"])
    rest = five_c.excise(fragments, *locus.deletion)
    start = altered.origin[0].start  # left of the deletion both genomes have the same coordinates
    own = deletion_maps.five_c_map(rest, deleted, chrom, start, steps, chosen["per"])
    maps = {
        "wild_type": deletion_maps.five_c_map(fragments, normal, chrom, locus.window.start, steps, chosen["per"]),
        "deletion": own,
        "deletion_in_reference": locus.in_reference(own, altered.bins),
    }
    lab.write_maps(snakemake.output.maps, maps, altered.bins, locus, fragments=len(fragments))
    write_table(report, snakemake.output.fragments, float_format=None)
    write_table(table, snakemake.output.breakpoints, float_format=None)
    print(table.to_string(index=False), report["status"].value_counts().to_string(), sep="\n")


with logged(snakemake.log[0]):
    main(snakemake)
