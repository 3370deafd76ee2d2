"""Select the pairs of a library by MAPQ and bin them."""

from akitaflow.logs import logged, warn


def main(snakemake):
    import pandas as pd

    from akitaflow.files import write_table
    from akitaflow.genome import fasta
    from akitaflow.mapping import chromosome_names, pairs
    from akitaflow.mapping.statistics import check_counts

    path, params = snakemake.input.pairs, snakemake.params
    dataset = snakemake.wildcards.dataset
    chromosomes = fasta.read_sizes(snakemake.input.sizes)
    rename = chromosome_names.read_rename(snakemake.input.rename) if snakemake.input.get("rename") else None
    header = pairs.read_header(path)
    own = params.entry == "pairs"  # pairs of the workflow have the genome's names and no duplicates
    names = pairs.check_pairs(
        header, path, chromosomes, params.min_mapq, rename if own else None, dataset, params.genome
    )
    counts = pairs.bin_pairs(
        path,
        snakemake.output.cool,
        chromosomes,
        params.bin_size,
        min_mapq=params.min_mapq,
        drop_duplicates=own,
        columns=header.columns,
        names=names,
        known=header.sizes,
        assembly=params.genome,
        scratch=snakemake.resources.tmpdir,
    )
    if snakemake.input.stats:
        check_counts(snakemake.input.stats, list(snakemake.input.checks), path, counts.rows)
    row = {"dataset": dataset, "library": snakemake.wildcards.library, "selected_pairs": counts.selected}
    write_table(pd.DataFrame([row | {"binned_pairs": counts.binned}]), snakemake.output.counts)
    if not counts.selected:
        warn(f"{dataset}: no pair of {path} has MAPQ {params.min_mapq} or more: its map is empty")
    elif not counts.binned:
        warn(f"{dataset}: no pair of {path} is on the chromosomes in use: its map is empty")
    print(f"{counts.selected} pairs of MAPQ {params.min_mapq} or more, {counts.binned} on chromosomes in use")


with logged(snakemake.log[0]):
    main(snakemake)
