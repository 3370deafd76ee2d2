"""Score the variants of a set."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    from akitaflow.files import write_table
    from akitaflow.genome.intervals import read_bed
    from akitaflow.genome.sequence import Genome
    from akitaflow.model.folding_model import load_model
    from akitaflow.training.device import use_device
    from akitaflow.variants.background import Background
    from akitaflow.variants.places import Lift
    from akitaflow.variants.runs import identity, run, status_table
    from akitaflow.variants.scoring import Scorer, Settings

    use_device(snakemake.params.device, snakemake.threads)
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    model, genome = load_model(os.path.dirname(inputs.weights)), Genome(inputs.fasta)
    chain = inputs.chain or None
    settings = Settings.from_config(params.scoring, params.batch_size)
    scorer = Scorer(model, genome, settings, Lift(chain) if chain else None)
    background = None
    if params.random:
        folder, windows = os.path.dirname(inputs.background), read_bed(inputs.held_out)
        background = Background(folder, scorer, windows, identity(scorer), params.random, params.seed)
    options = {"chain": chain, "background": background, "overwrite": True, "progress": snakemake.wildcards.set}
    counts = run(os.path.dirname(output.scores), scorer, inputs.variants, **options, **params.reading)
    if scorer.names.renamed:
        print(f"chromosomes: {scorer.names}")
    write_table(status_table(counts), output.status)


with logged(snakemake.log[0]):
    main(snakemake)
