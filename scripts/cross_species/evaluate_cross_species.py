"""Score predictions on another genome before and after its repeats are randomised."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    from akitaflow.analyses import cross_species
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.evaluation.accuracy import fold_targets
    from akitaflow.files import read_table, write_table
    from akitaflow.model.folding_model import load_predictor
    from akitaflow.training.device import use_device

    use_device(snakemake.params.device, snakemake.threads)
    inputs, params, settings = snakemake.input, snakemake.params, snakemake.params.cross_species
    all_windows = read_windows(inputs.windows)
    windows = fold_windows(all_windows, settings["fold"])
    targets = fold_targets(inputs.targets, all_windows, settings["fold"]).astype("float32")
    predictor = load_predictor(os.path.dirname(inputs.weights), inputs.fasta, params.batch_size, params.average)
    intervals = read_table(inputs.elements)
    family, seed = settings["family"], params.seed
    comparison = cross_species.Comparison(intervals, family, seed, settings["draws"])
    table = cross_species.score(predictor, windows, targets, params.output, comparison)
    about = {"model": snakemake.wildcards.model, "dataset": settings["dataset"], "output": params.output}
    for place, (name, value) in enumerate(about.items()):
        table.insert(place, name, value)
    summary = cross_species.summarise(table, params.bootstrap, (seed, "cross_species"))
    write_table(table, snakemake.output.windows)
    write_table(summary, snakemake.output.summary)
    print(summary.to_string(index=False))
    chosen = cross_species.choose(table, settings["examples"])
    rows = [table["window"].tolist().index(number) for number in chosen]
    examples = table.iloc[rows].reset_index(drop=True)
    maps = cross_species.example_maps(predictor, examples, comparison, params.output)
    cross_species.write_maps(
        snakemake.output.maps, maps, targets[rows], examples, **about, family=family, draws=settings["draws"]
    )


with logged(snakemake.log[0]):
    main(snakemake)
