# Requires: `study` and `config` of common.smk, `train_records` and `architecture_params` of train_inputs.smk.
# Gives: functions that name the inputs, params and resources of search.smk.


def search_results(wildcards):
    """Everything that the search gives, for the model of the config."""
    model = config["search"]["model"]
    if model is None:
        raise WorkflowError("search_models: the study has no model that is trained from fresh weights; write one")
    results = expand("results/search/{model}/{file}", model=model, file=["trials.tsv", "importance.tsv", "best.yaml"])
    return results + figure("figure_search")


def search_base(wildcards):
    """The model searched around, as the config has it."""
    return config["models"][wildcards.model]


def search_threads(wildcards):
    return search_base(wildcards)["training"]["threads"]


def search_gpu(wildcards):
    return training_gpus(search_base(wildcards)["training"])


def search_memory(wildcards, attempt):
    """As a training needs, and more where trials have more filters than the model."""
    base, filters = search_base(wildcards), config["search"]["space"]["filters"]
    more = max(1, filters["high"] / base["architecture"]["stem_filters"]) if filters else 1
    return attempt * training_memory(base["training"], more)
