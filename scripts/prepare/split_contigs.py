"""Divide the genome into contigs, and assign them to folds."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.dataset import cross_validation, published_split
    from akitaflow.dataset.split import assign_folds, cut_contigs, filtered_runs, find_contigs, read_filtered
    from akitaflow.files import write_table
    from akitaflow.genome.intervals import COLUMNS, read_bed, read_chromsizes
    from akitaflow.seeds import derive

    split, geometry = snakemake.params.split, snakemake.params.geometry
    chromsizes = read_chromsizes(snakemake.input.sizes)
    gaps = read_bed(snakemake.input.gaps)
    bin_size, window_bins = geometry["bin_size"], geometry["window_bins"]
    columns = COLUMNS
    if split["policy"] == "published":
        longest = split["max_contig_bins"] * bin_size
        contigs = published_split.published_contigs(chromsizes, gaps, window_bins * bin_size, longest)
        assigned = published_split.published_folds(contigs, split["fractions"])
    else:
        blocked = [gaps, *(read_bed(path, chromsizes, "exclude of the genome") for path in snakemake.input.exclude)]
        for path in snakemake.input.coolers:
            filtered = read_filtered(path)
            blocked.append(filtered_runs(filtered, bin_size, split["min_filtered_run"]))
        contigs = find_contigs(chromsizes, bin_size, window_bins, blocked)
        contigs = cut_contigs(contigs, bin_size, split["max_contig_bins"], window_bins)
        cv = split["cross_validation"]
        # all numbers of a cross-validation draw the same groups
        seed = derive(snakemake.params.seed, "split", cv["split"] if cv else snakemake.wildcards.split)
        if cv:
            contigs = assigned = cross_validation.assign_folds(contigs, cv["groups"], cv["number"], seed)
        else:
            contigs = assigned = assign_folds(
                contigs, split["fractions"], seed, split["chromosomes"], split["holdout"], chromsizes
            )
        columns = [*columns, "fold"]
    write_table(contigs[columns], snakemake.output.bed, header=False)
    write_table(assigned, snakemake.output.tsv, float_format="%.4f")
    lengths = (assigned["end"] - assigned["start"]).groupby(assigned["fold"]).agg(["size", "sum"])
    print(lengths.rename(columns={"size": "contigs", "sum": "bases"}))


with logged(snakemake.log[0]):
    main(snakemake)
