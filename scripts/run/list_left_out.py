"""List the figures that are left out of the study, with the reasons."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import write_text

    rows = sorted(snakemake.params.figures.items())
    for figure, reason in rows:
        print(f"{figure} is left out: {reason}")
    write_text(snakemake.output[0], "".join(f"{a}\t{b}\n" for a, b in [("figure", "reason"), *rows]))


with logged(snakemake.log[0]):
    main(snakemake)
