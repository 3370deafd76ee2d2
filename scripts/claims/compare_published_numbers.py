"""Compare published numbers with the results of the study."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.evaluation.published_numbers import judge
    from akitaflow.files import write_page, write_table
    from akitaflow.study.tables import read_claims

    table = judge(read_claims(snakemake.input.table), set(snakemake.input.get("files", [])))
    write_table(table, snakemake.output.table)
    write_page(table, snakemake.output.page)
    print(table[["id", "expected", "tolerance", "measured", "holds"]].to_string(index=False))


with logged(snakemake.log[0]):
    main(snakemake)
