"""Draw the insulation after CTCF mutagenesis by class of bin."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.plotting import cell_types as plots
    from akitaflow.plotting import style

    params = snakemake.params
    bins = pd.read_csv(snakemake.input.bins, sep="\t", dtype={"chrom": str, "dataset": str})
    summary = pd.read_csv(snakemake.input.summary, sep="\t", dtype={"model": str, "dataset": str})
    n = bins["window"].nunique()
    title = f"model {params.model}, dataset {params.dataset}, {params.fold} fold, n = {n} windows"
    style.apply()
    style.save(plots.draw_persistence(summary, bins, title), snakemake.output, summary)


with logged(snakemake.log[0]):
    main(snakemake)
