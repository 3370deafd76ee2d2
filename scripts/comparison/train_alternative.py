"""Train one alternative of the model with one seed, and score it."""

from akitaflow.logs import logged


def main(snakemake):
    import os
    from dataclasses import replace

    params, alternative, input_ = snakemake.params, snakemake.params.alternative, snakemake.input
    if params.training["device"] == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # before TensorFlow looks for them

    from akitaflow.dataset import records
    from akitaflow.files import write_table
    from akitaflow.model.folding_model import read_architecture
    from akitaflow.seeds import derive
    from akitaflow.training import comparison, examples, loop
    from akitaflow.training.device import use_device

    # the config's threads, independent of --cores: on a CPU, sums and therefore weights depend on their number
    use_device(params.training["device"], params.training["threads"])
    architecture = read_architecture(params.geometry, params.architecture, input_.params)
    architecture = replace(architecture, **alternative["architecture"])
    outputs = alternative["datasets"] or params.outputs
    columns = [params.outputs.index(name) for name in outputs]
    folder, base_folder = os.path.dirname(input_.statistics), os.path.dirname(input_.base_statistics)

    data, normalisation = examples.read(folder), None
    if alternative["datasets"]:
        data = comparison.changed(data, columns)
    if alternative["quantile"]:
        normalisation = comparison.fit_normalisation(data, architecture.map_bins, architecture.diagonal_offset)
        data = comparison.changed(data, list(range(len(outputs))), normalisation)
    settings = comparison.settings(params.training, alternative["training"], params.epochs, params.steps_per_epoch)
    settings = loop.Training.from_config(settings)
    seed = derive(params.seed, "comparison", snakemake.wildcards.replicate)
    trained = loop.train(data, architecture, settings, outputs, seed, params.checkpoint)

    table = comparison.judged(
        trained,
        records.read_fold(folder, params.fold),
        records.load_targets(base_folder, params.fold),
        columns,
        params.outputs,
        normalisation,
        params.batch_size,
        uneven=architecture.head == "virtual_4c",
    )
    table = table.assign(alternative=snakemake.wildcards.alternative, replicate=int(snakemake.wildcards.replicate))
    write_table(table.assign(fold=params.fold), snakemake.output.metrics, float_format="%.8g")
    write_table(trained.history, snakemake.output.history, float_format="%.8g")


with logged(snakemake.log[0]):
    main(snakemake)
