"""Predict the arrangements of an experiment in every background."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    from akitaflow.files import write_h5, write_table
    from akitaflow.model.folding_model import load_model
    from akitaflow.prediction.map_files import map_attributes
    from akitaflow.prediction.predictor import Predictor
    from akitaflow.prediction.stream import Average
    from akitaflow.training.device import use_device
    from akitaflow.variants.insertion import Arrangement, Backgrounds, insert

    use_device(snakemake.params.device, snakemake.threads)
    params, plan = snakemake.params, snakemake.params.plan
    model = load_model(os.path.dirname(snakemake.input.weights))
    backgrounds = Backgrounds(plan["backgrounds"], model.length, plan["gc"], params.seed)
    predictor = Predictor(model, backgrounds, params.batch_size, Average.from_config(params.average))
    arrangements = [Arrangement.from_config(name, parts) for name, parts in plan["arrangements"].items()]
    table, maps = insert(predictor, plan["inserts"], arrangements, snakemake.wildcards.experiment)
    names = [arrangement.name for arrangement in arrangements]
    attributes = {**map_attributes(model), "crop": model.geometry.crop}
    write_h5(snakemake.output.maps, {"difference": maps, "arrangements": names}, attributes)
    write_table(table, snakemake.output.scores)


with logged(snakemake.log[0]):
    main(snakemake)
