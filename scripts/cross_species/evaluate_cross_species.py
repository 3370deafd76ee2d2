"""Agreement of predicted and measured maps of another genome, before and after its repeats are randomised."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    import pandas as pd

    from akitaflow.analyses import cross_species as lab
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.evaluation.accuracy import fold_targets
    from akitaflow.genome.sequence import Genome
    from akitaflow.model.folding_model import load_model
    from akitaflow.prediction.stream import Average
    from akitaflow.training.device import use_device

    use_device(snakemake.params.device, snakemake.threads)
    given, params, settings = snakemake.input, snakemake.params, snakemake.params.cross_species
    every = read_windows(given.windows)
    windows = fold_windows(every, settings["fold"])
    targets = fold_targets(given.targets, every, settings["fold"]).astype("float32")
    model, genome = load_model(os.path.dirname(given.weights)), Genome(given.fasta)
    placed = pd.read_csv(given.elements, sep="\t", dtype={"chrom": str})
    family, seed = settings["family"], params.seed
    comparison = lab.Comparison(placed, family, seed, settings["draws"])
    average = Average(params.average["reverse_complement"], tuple(params.average["shifts"]))
    how = {"batch_size": params.batch_size, "average": average}
    table = lab.score(model, genome, windows, targets, params.output, comparison, **how)
    about = {"model": snakemake.wildcards.model, "dataset": settings["dataset"], "output": params.output}
    for place, (name, value) in enumerate(about.items()):
        table.insert(place, name, value)
    summary = lab.summarise(table, params.bootstrap, (seed, "cross_species"))
    table.to_csv(snakemake.output.windows, sep="\t", index=False, float_format="%.6g")
    summary.to_csv(snakemake.output.summary, sep="\t", index=False, float_format="%.6g")
    print(summary.to_string(index=False))
    chosen = lab.choose(table, settings["examples"])
    rows = [table["window"].tolist().index(number) for number in chosen]
    shown = table.iloc[rows].reset_index(drop=True)
    maps = lab.example_maps(model, genome, shown, comparison, params.output, **how)
    lab.write_maps(snakemake.output.maps, maps, targets[rows], shown, **about, family=family, draws=settings["draws"])


with logged(snakemake.log[0]):
    main(snakemake)
