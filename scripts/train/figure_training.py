"""Draw the losses, the validation correlation and the learning rate of a training by epoch."""

from akitaflow.logs import logged


def main(snakemake):
    import json

    from akitaflow.files import read_table
    from akitaflow.plotting import style, training

    history = read_table(snakemake.input.history)
    with open(snakemake.input.statistics) as file:
        windows = json.load(file)
    counts = f"{windows['train_seqs']} training and {windows['valid_seqs']} validation windows"
    title = f"model {snakemake.params.model}, {counts}"
    style.apply()
    style.save(training.draw(history, title), snakemake.output, training.tidy(history))


with logged(snakemake.log[0]):
    main(snakemake)
