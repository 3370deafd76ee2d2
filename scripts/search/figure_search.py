"""Draw the history of a search and the validation loss against each parameter."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.plotting import search, style

    trials = read_table(snakemake.input.trials)
    importance = read_table(snakemake.input.importance)
    style.apply()
    figure = search.draw(trials, importance, snakemake.params.space, f"search around model {snakemake.params.model}")
    style.save(figure, snakemake.output, search.tidy(trials, importance))


with logged(snakemake.log[0]):
    main(snakemake)
