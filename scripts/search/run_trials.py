"""Run trials of a hyperparameter search until it has enough."""

from akitaflow.logs import logged


def main(snakemake):
    import json
    import os

    params = snakemake.params
    if params.base["training"]["device"] == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # before TensorFlow looks for them

    from akitaflow.files import write_text
    from akitaflow.model.folding_model import read_architecture
    from akitaflow.training import examples, search
    from akitaflow.training.device import use_device
    from akitaflow.training.search_trial import Trainer

    numbers, training = params.base["architecture"], dict(params.base["training"])
    use_device(training["device"], training["threads"])
    architecture = read_architecture(params.geometry, numbers, snakemake.input.params)
    numbers = search.own_numbers(numbers, architecture.to_dict())
    training["epochs"] = params.search["epochs"] or training["epochs"]
    data = examples.read(os.path.dirname(snakemake.input.statistics))
    identity = {
        "geometry": params.geometry,
        "architecture": numbers,
        "training": {key: training[key] for key in training if key not in ("device", "threads")},
        "outputs": params.outputs,
        "seed": params.seed,
        "records": data.digest,
    }
    drawn = search.distributions(params.search["space"], training["optimizer"])
    name, startup = search.study_name(snakemake.wildcards.model, identity, drawn), params.search["startup_trials"]
    study = search.open_study(params.journal, name, startup, params.search["prune_from"])
    ran = search.work(
        study,
        params.journal,
        drawn,
        Trainer(data, params.geometry, numbers, training, params.outputs, params.seed),
        params.checkpoint,
        worker=int(snakemake.wildcards.worker),
        workers=params.search["workers"],
        trials=params.search["trials"],
        seed=params.seed,
        startup_trials=startup,
    )
    summary = {"study": name, "trials": ran, "architecture": numbers}
    write_text(snakemake.output.worker, json.dumps(summary, indent=2))


with logged(snakemake.log[0]):
    main(snakemake)
