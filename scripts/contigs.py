"""Cut the genome into contigs and give each to a fold."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow import crossvalidation, published, regions
    from akitaflow.seeds import derive

    split, geometry = snakemake.params.split, snakemake.params.geometry
    chromsizes = regions.read_chromsizes(snakemake.input.sizes)
    gaps = regions.read_bed(snakemake.input.gaps)
    bin_size, window_bins = geometry["bin_size"], geometry["window_bins"]
    columns = regions.COLUMNS
    if split["policy"] == "published":
        longest = split["max_contig_bins"] * bin_size
        contigs = published.published_contigs(chromsizes, gaps, window_bins * bin_size, longest)
        assigned = published.published_folds(contigs, split["fractions"])
    else:
        blocked = [gaps, *map(regions.read_bed, snakemake.input.exclude)]
        for path in snakemake.input.coolers:
            filtered = regions.read_filtered(path)
            blocked.append(regions.filtered_runs(filtered, bin_size, split["min_filtered_run"]))
        contigs = regions.find_contigs(chromsizes, bin_size, window_bins, blocked)
        contigs = regions.cut_contigs(contigs, bin_size, split["max_contig_bins"], window_bins)
        part = split["cross_validation"]
        # all parts of a cross-validation draw as the split that they come from
        seed = derive(snakemake.params.seed, "split", part["split"] if part else snakemake.wildcards.split)
        if part:
            contigs = assigned = crossvalidation.assign_folds(contigs, part["groups"], part["number"], seed)
        else:
            contigs = assigned = regions.assign_folds(
                contigs, split["fractions"], seed, split["chromosomes"], split["holdout"], chromsizes
            )
        columns = [*columns, "fold"]
    regions.write_table(contigs[columns], snakemake.output.bed, header=False)
    regions.write_table(assigned, snakemake.output.tsv)
    lengths = (assigned["end"] - assigned["start"]).groupby(assigned["fold"]).agg(["size", "sum"])
    print(lengths.rename(columns={"size": "contigs", "sum": "bases"}))


with logged(snakemake.log[0]):
    main(snakemake)
