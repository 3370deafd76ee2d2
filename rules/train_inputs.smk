# Requires: `study`, `config` and `located` of common.smk.
# Gives: functions that name the inputs of the rules of train.smk, and the models that each of them makes.


def any_of(models):
    """A wildcard constraint: one of these models, or none at all, so that no model has two rules."""
    return "|".join(models) or "(?!)"


def architecture_params(wildcards):
    """The parameter file of a model, if it has one."""
    return located(config["models"][wildcards.model]["architecture"]["params"])


def train_records(name):
    """A function for `input`: a part of the records of a model's split."""

    def path(wildcards):
        return f"results/records/{config['models'][wildcards.model]['split']}/{name}"

    return path


def train_start(name):
    """A function for `input`: a file of the model from which training starts, or nothing."""

    def path(wildcards):
        start = config["models"][wildcards.model]["start"]
        return f"results/models/{start['model']}/{name}" if start else []

    return path


def training_memory(training, factor=1):
    """MB of a training: 4.6 kB per base of a batch, measured at the published size, and 6 GB for all else."""
    return int(6000 + factor * training["batch_size"] * config["geometry"]["window"] / 200)


def training_gpus(training):
    """GPUs that a training asks the cluster for; `gpus: all` takes what the job is given, so it asks for one."""
    if training["device"] != "gpu":
        return 0
    return 1 if training["gpus"] == "all" else training["gpus"]
