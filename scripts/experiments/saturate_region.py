"""Score every change of a saturation mutagenesis."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    import pandas as pd

    from akitaflow.files import write_table
    from akitaflow.genome.intervals import parse_region
    from akitaflow.genome.sequence import Genome
    from akitaflow.model.folding_model import load_model
    from akitaflow.training.device import use_device
    from akitaflow.variants.runs import FLOAT_FORMAT
    from akitaflow.variants.saturation import effects, saturate
    from akitaflow.variants.scoring import Scorer, Settings, score_chunks

    use_device(snakemake.params.device, snakemake.threads)
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    model, genome, plan = load_model(os.path.dirname(inputs.weights)), Genome(inputs.fasta), params.plan
    scorer = Scorer(model, genome, Settings.from_config(params.scoring, params.batch_size))

    def alleles():
        return saturate(genome, parse_region(plan["region"]), plan["method"], plan["block"], params.seed)

    tables = list(score_chunks(scorer, alleles, progress=snakemake.wildcards.region))
    scores = pd.concat(tables, ignore_index=True)
    write_table(scores, output.scores, float_format=FLOAT_FORMAT)
    write_table(effects(scores), output.effects, float_format=FLOAT_FORMAT)


with logged(snakemake.log[0]):
    main(snakemake)
