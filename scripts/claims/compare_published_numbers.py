"""Set the published numbers beside those that this study has measured."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.evaluation.published_numbers import judge
    from akitaflow.files import write_table
    from akitaflow.study.tables import read_claims

    found = judge(read_claims(snakemake.input.table), set(snakemake.input.get("files", [])))
    write_table(found, snakemake.output[0])
    print(found[["id", "expected", "tolerance", "measured", "holds"]].to_string(index=False))


with logged(snakemake.log[0]):
    main(snakemake)
