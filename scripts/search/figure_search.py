"""Draw the history of a search and the validation loss against each parameter."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.plotting import search, style

    trials = pd.read_csv(snakemake.input.trials, sep="\t")
    importance = pd.read_csv(snakemake.input.importance, sep="\t")
    style.apply()
    figure = search.draw(trials, importance, snakemake.params.space, f"search around model {snakemake.params.model}")
    style.save(figure, snakemake.output, search.tidy(trials, importance))


with logged(snakemake.log[0]):
    main(snakemake)
