"""Agreement of predicted and measured maps of another genome, before and after its repeats are randomised."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    from akitaflow.analyses import cross_species as lab
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.evaluation.accuracy import fold_targets
    from akitaflow.files import read_table, write_table
    from akitaflow.model.folding_model import load_predictor
    from akitaflow.training.device import use_device

    use_device(snakemake.params.device, snakemake.threads)
    given, params, settings = snakemake.input, snakemake.params, snakemake.params.cross_species
    every = read_windows(given.windows)
    windows = fold_windows(every, settings["fold"])
    targets = fold_targets(given.targets, every, settings["fold"]).astype("float32")
    predictor = load_predictor(os.path.dirname(given.weights), given.fasta, params.batch_size, params.average)
    placed = read_table(given.elements)
    family, seed = settings["family"], params.seed
    comparison = lab.Comparison(placed, family, seed, settings["draws"])
    table = lab.score(predictor, windows, targets, params.output, comparison)
    about = {"model": snakemake.wildcards.model, "dataset": settings["dataset"], "output": params.output}
    for place, (name, value) in enumerate(about.items()):
        table.insert(place, name, value)
    summary = lab.summarise(table, params.bootstrap, (seed, "cross_species"))
    write_table(table, snakemake.output.windows)
    write_table(summary, snakemake.output.summary)
    print(summary.to_string(index=False))
    chosen = lab.choose(table, settings["examples"])
    rows = [table["window"].tolist().index(number) for number in chosen]
    shown = table.iloc[rows].reset_index(drop=True)
    maps = lab.example_maps(predictor, shown, comparison, params.output)
    lab.write_maps(snakemake.output.maps, maps, targets[rows], shown, **about, family=family, draws=settings["draws"])


with logged(snakemake.log[0]):
    main(snakemake)
