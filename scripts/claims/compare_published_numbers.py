"""Set the published numbers beside those that this study has measured."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    from akitaflow.evaluation.published_numbers import judge
    from akitaflow.study.tables import read_claims

    found = judge(read_claims(snakemake.input.table), set(snakemake.input.get("files", [])))
    part = snakemake.output[0] + ".part"
    found.to_csv(part, sep="\t", index=False, float_format="%.6g")
    os.replace(part, snakemake.output[0])
    print(found[["id", "expected", "tolerance", "measured", "holds"]].to_string(index=False))


with logged(snakemake.log[0]):
    main(snakemake)
