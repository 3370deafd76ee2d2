"""Score random variants of every kind and size that the sets of variants of a model have."""

from akitaflow.logs import logged


def main(snakemake):
    import os
    from itertools import chain

    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.files import write_table
    from akitaflow.genome.intervals import read_bed
    from akitaflow.genome.sequence import Genome
    from akitaflow.model.folding_model import load_model
    from akitaflow.training.device import use_device
    from akitaflow.variants.background import Background
    from akitaflow.variants.places import Lift
    from akitaflow.variants.runs import identity
    from akitaflow.variants.scoring import Scorer, Settings
    from akitaflow.variants.tables import read_variants

    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    held_out = fold_windows(read_windows(inputs.windows), params.fold)
    write_table(held_out[["chrom", "start", "end"]], output.held_out, header=False)
    use_device(params.device, snakemake.threads)
    model, genome = load_model(os.path.dirname(inputs.weights)), Genome(inputs.fasta)
    settings = Settings.from_config(params.scoring, params.batch_size)
    scorer = Scorer(model, genome, settings)
    windows, about = read_bed(output.held_out), identity(scorer)
    folder, numbers = os.path.dirname(output.classes), (params.random, params.seed)
    background = Background(folder, scorer, windows, about, *numbers, overwrite=True)

    def placed(path, reading, chain_file):
        scorer = Scorer(model, genome, settings, Lift(chain_file) if chain_file else None)
        return map(scorer.place, read_variants(path, **reading))

    placed_sets = map(placed, inputs.variants, params.reading, params.chains)
    write_table(background.prepare(chain.from_iterable(placed_sets), "random variants"), output.classes)


with logged(snakemake.log[0]):
    main(snakemake)
