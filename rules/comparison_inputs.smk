# Requires: `study` and `config` of common.smk, `located`.
# Gives: functions that name the inputs and params of the rules of comparison.smk, and what the comparison consists of.

from akitaflow.study.alternative_models import kind as kind_of_variant


def compared_model():
    """Settings of the model whose variants are compared."""
    return config["models"][config["figures"]["model"]]


def compared_variants():
    """Variants by name, the base first; none in a study without a model."""
    return config["comparison"]["variants"] if config["models"] else {}


def variant_of(wildcards):
    """Settings of a variant, but for its description, which changes no result."""
    variant = compared_variants()[wildcards.variant]
    return {key: value for key, value in variant.items() if key != "description"}


def variant_targets(wildcards):
    """Numbers of the targets of a variant."""
    targets = {key: value for key, value in config["targets"].items() if key != "min_finite"}
    return {**targets, **compared_variants()[wildcards.variant]["targets"]}


def variant_records(name):
    """A function for `input`: a part of the records that a variant learns from."""

    def path(wildcards):
        if compared_variants()[wildcards.variant]["targets"]:
            return f"results/comparison/{wildcards.variant}/records/{name}"
        return f"results/records/{compared_model()['split']}/{name}"

    return path


def base_records(name):
    """A function for `input`: a part of the records of the base model's split."""
    return lambda wildcards: f"results/records/{compared_model()['split']}/{name}"


def base_fasta(wildcards):
    return f"results/genomes/{config['splits'][compared_model()['split']]['genome']}/genome.fa"


def base_params(wildcards):
    """The base model's parameter file, if it has one."""
    return located(compared_model()["architecture"]["params"])


def base_datasets(wildcards):
    """Datasets of the base model's split, in the order of the targets."""
    return study.datasets_of_split(compared_model()["split"])


def variant_target_tables(wildcards):
    return expand(
        "results/comparison/{variant}/targets/{dataset}.h5",
        variant=wildcards.variant,
        dataset=base_datasets(wildcards),
    )


def replicates(name):
    """A file of every training of every variant."""
    return expand(
        f"results/comparison/{{variant}}/{{replicate}}/{name}",
        variant=compared_variants(),
        replicate=range(1, config["comparison"]["seeds"] + 1),
    )


def described(*kinds):
    """Descriptions of the base and of the variants of some kinds, by name, in order."""
    variants = compared_variants()
    return {
        name: variants[name]["description"]
        for name in variants
        if name == "base" or kind_of_variant(variants[name]) in kinds
    }


def comparison_chapter():
    """The figures of the comparison that have something to show."""
    kinds = {kind_of_variant(variant) for name, variant in compared_variants().items() if name != "base"}
    return [
        *(["results/comparison/comparison.tsv"] if compared_variants() else []),
        *(figure("supplement_1") if "architecture" in kinds else []),
        *(figure("supplement_3") if kinds & {"tasks", "data"} else []),
    ]
