"""Predict the maps of the variants with the largest disruption."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    from akitaflow.files import write_table
    from akitaflow.genome.sequence import Genome
    from akitaflow.model.folding_model import load_model
    from akitaflow.training.device import use_device
    from akitaflow.variants import top
    from akitaflow.variants.places import Lift
    from akitaflow.variants.runs import FLOAT_FORMAT
    from akitaflow.variants.scoring import Scorer, Settings
    from akitaflow.variants.tables import read_variants

    use_device(snakemake.params.device, snakemake.threads)
    inputs, params = snakemake.input, snakemake.params
    settings = Settings.from_config(params.scoring, params.batch_size)
    model, genome = load_model(os.path.dirname(inputs.weights)), Genome(inputs.fasta)
    scorer = Scorer(model, genome, settings, Lift(inputs.chain) if inputs.chain else None)
    table = top.choose(top.read_scores(inputs.scores), params.dataset, params.top)
    maps = top.predict(scorer, lambda: read_variants(inputs.variants, **params.reading), table, params.dataset)
    top.save(snakemake.output.maps, maps)
    write_table(table, snakemake.output.table, float_format=FLOAT_FORMAT)


with logged(snakemake.log[0]):
    main(snakemake)
