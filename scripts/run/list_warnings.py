"""List results that are empty, all zero or lost much of their input, and print them on the terminal."""

from akitaflow.logs import logged, warn


def main(snakemake):
    from akitaflow import run_warnings
    from akitaflow.dataset.windows import read_windows
    from akitaflow.files import read_table, write_page, write_table
    from akitaflow.genome.intervals import read_chromsizes
    from akitaflow.variants.top import read_scores

    inputs, params = snakemake.input, snakemake.params
    rows = run_warnings.warn_of_libraries(read_table(inputs.libraries))
    rows += run_warnings.warn_of_maps(read_table(inputs.datasets))
    for path in inputs.chromosomes:
        rows += run_warnings.warn_of_chromosomes(read_table(path))
    windows = dict(zip(params.splits, map(read_windows, inputs.windows), strict=True))
    for (split, table), sizes in zip(windows.items(), inputs.sizes, strict=True):
        rows += run_warnings.warn_of_windows(split, table, read_chromsizes(sizes))
    for motif, path in zip(params.motifs if inputs.sites else [], inputs.sites, strict=True):
        split = params.splits[0]
        rows += run_warnings.warn_of_sites(split, motif, read_table(path), windows[split], params.fold)
    for path in inputs.metrics:
        rows += run_warnings.warn_of_metrics(params.model, read_table(path))
    for name, path in zip(params.variants, inputs.variants, strict=True):
        rows += run_warnings.warn_of_variants(f"variants {name}", read_table(path))
    for name, path in zip(params.saturation, inputs.saturation, strict=True):
        scores = read_scores(path)
        counts = scores.loc[scores["dataset"] == scores["dataset"].iloc[0], "status"].value_counts()
        status = counts.rename_axis("status").reset_index(name="alleles")
        rows += run_warnings.warn_of_variants(f"saturation {name}", status)
    table = run_warnings.warning_table(rows)
    write_table(table, snakemake.output.table)
    write_page(table, snakemake.output.page)
    for row in table.itertuples():
        warn(f"{row.subject}: {row.what} ({row.value}); {row.advice}")
    print(f"{len(table)} warnings")


with logged(snakemake.log[0]):
    main(snakemake)
