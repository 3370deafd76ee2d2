"""Draw the losses, the validation correlation and the learning rate of a training by epoch."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.plotting import style, training

    history = pd.read_csv(snakemake.input.history, sep="\t")
    style.apply()
    style.save(training.draw(history), snakemake.output, training.tidy(history))


with logged(snakemake.log[0]):
    main(snakemake)
