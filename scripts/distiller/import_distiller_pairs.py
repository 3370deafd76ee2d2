"""Copy pairs, statistics and the number of selected pairs of a library from the results of distiller-nf."""

from akitaflow.logs import logged


def main(snakemake):
    import json

    import pandas as pd

    from akitaflow.files import write_table
    from akitaflow.mapping import distiller_results

    dataset, library = snakemake.wildcards.dataset, snakemake.wildcards.library
    with open(snakemake.input[0]) as file:
        report = json.load(file)
    paths = report["files"]["libraries"][library]
    distiller_results.link_or_copy(paths["stats"], snakemake.output.stats)
    distiller_results.link_or_copy(paths["pairs"], snakemake.output.pairs)
    selected = report["counts"][library]["selected_pairs"]
    row = {"dataset": dataset, "library": library, "selected_pairs": selected, "binned_pairs": selected}
    write_table(pd.DataFrame([row]), snakemake.output.counts)


with logged(snakemake.log[0]):
    main(snakemake)
