"""Average the scores of every motif over draws and windows, and rank the motifs."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.analyses import motif_sweep
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.files import read_table, write_table

    inputs, params = snakemake.input, snakemake.params
    windows = fold_windows(read_windows(inputs.windows), params.fold)[: params.windows]
    plan = read_table(inputs.plan)
    tables = [read_table(path) for path in inputs.draws]
    draws = pd.concat([table for table in tables if len(table)], ignore_index=True)
    table = motif_sweep.summarise(draws, plan, windows, params.bootstrap, (params.seed, "sweep"))
    table.insert(0, "model", snakemake.wildcards.model)
    write_table(table, snakemake.output.motifs)
    scores = ["disruption", "change_in_signal"]
    means = draws.groupby(["matrix", "window", "dataset"], as_index=False)[scores].mean()
    means = means.merge(windows[["window", "chrom", "start", "end", "fold", "contig"]], on="window")
    means = means.merge(plan[["matrix", "motif"]], on="matrix")
    sites = pd.concat([read_table(path) for path in inputs.sites], ignore_index=True)
    means = means.merge(sites.groupby(["matrix", "window"], as_index=False)["overlap"].mean(), on=["matrix", "window"])
    write_table(means, snakemake.output.windows)
    print(table[table["rank"] <= 5].to_string(index=False))


with logged(snakemake.log[0]):
    main(snakemake)
