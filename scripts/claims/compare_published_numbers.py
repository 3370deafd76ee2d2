"""Compare published numbers with the results of the study."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    from akitaflow.evaluation.published_numbers import judge
    from akitaflow.files import write_page, write_table
    from akitaflow.study.tables import read_claims

    claims = read_claims(snakemake.input.table)
    if snakemake.params.inputs_only:
        claims = claims[claims["file"].isin(snakemake.input.files)]
    # files that no input names may exist too: those of analyses that were asked for by name
    table = judge(claims, {path for path in claims["file"] if os.path.exists(path)})
    write_table(table, snakemake.output.table)
    write_page(table, snakemake.output.page)
    print(table[["id", "expected", "comparison", "tolerance", "measured", "holds"]].to_string(index=False))


with logged(snakemake.log[0]):
    main(snakemake)
