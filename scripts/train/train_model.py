"""Train a model on the records of its split, or resume an interrupted training."""

from akitaflow.logs import logged


def main(snakemake):
    import os
    import sys
    from dataclasses import asdict

    params = snakemake.params
    if params.training["device"] == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # before TensorFlow looks for them

    from akitaflow.files import write_table
    from akitaflow.model.folding_model import load_start, read_architecture, save_model
    from akitaflow.provenance import provenance
    from akitaflow.training import examples, loop
    from akitaflow.training.device import use_device

    # The config's threads, independent of --cores: on a CPU, sums and therefore weights depend on their number.
    threads = params.training["threads"]
    device = use_device(params.training["device"], threads)
    print(f"Training on a {device.upper()}, {threads} threads.", file=sys.stderr)
    architecture = read_architecture(params.geometry, params.architecture, snakemake.input.params)
    settings = loop.Training.from_config(params.training)
    start = None
    if params.start:
        folder = os.path.dirname(snakemake.input.start_weights)
        weights, outputs = load_start(folder, architecture, params.start["model"])
        start = loop.Start(weights, outputs, params.start["train"])
    data = examples.read(os.path.dirname(snakemake.input.statistics))
    trained = loop.train(
        data, architecture, settings, params.outputs, params.seed, params.checkpoint, params.tensorboard, start
    )
    description = {
        "architecture": architecture.to_dict(),
        "outputs": list(params.outputs),
        "bin_size": architecture.bin_size,
        "genome": params.genome,
        "split": params.split,
        "seed": params.seed,
        "start": params.start,
        "training": asdict(settings),
        "best_epoch": trained.best_epoch,
        "epochs": len(trained.history),
        "records": data.digest,
        "provenance": provenance(),
    }
    save_model(os.path.dirname(snakemake.output.weights), trained.model, description)
    write_table(trained.history, snakemake.output.history, float_format="%.8g")


with logged(snakemake.log[0]):
    main(snakemake)
