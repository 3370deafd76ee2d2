"""Write table 1 and the tables of libraries and of distance decay from the statistics of each step."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.files import read_table, write_page, write_table
    from akitaflow.mapping.statistics import check_contacts, dataset_row, library_table, table_1

    libraries = library_table(
        snakemake.params.libraries, snakemake.params.runs, snakemake.input.stats, snakemake.input.selected
    )
    maps = [read_table(path).iloc[0].to_dict() for path in snakemake.input.maps]
    rows = []
    for summary, settings in zip(maps, snakemake.params.datasets.values(), strict=True):
        of_dataset = libraries[libraries["dataset"] == summary["dataset"]]
        check_contacts(of_dataset, summary)
        rows.append(dataset_row(of_dataset, summary, settings))
    datasets = table_1(rows)
    write_table(datasets, snakemake.output.datasets)
    write_page(datasets, snakemake.output.page, across=True)
    write_table(libraries, snakemake.output.libraries)
    decays = [read_table(path) for path in snakemake.input.decays]
    write_table(pd.concat(decays, ignore_index=True), snakemake.output.decay)


with logged(snakemake.log[0]):
    main(snakemake)
