"""Request the runs of accessions from the European Nucleotide Archive, with their files, MD5s and read counts."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.retrieve import ena
    from akitaflow.study.tables import read_table

    accessions = read_table(snakemake.input.accessions, "accessions", "accessions")
    table = ena.resolve(accessions, snakemake.input.accessions, snakemake.params.file_report)
    ena.write_runs(table, snakemake.output[0])
    for dataset, runs in table.groupby("dataset", sort=False):
        print(f"{dataset}: {runs['library'].nunique()} libraries, {len(runs)} runs")


with logged(snakemake.log[0]):
    main(snakemake)
