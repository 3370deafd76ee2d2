# Requires: `study` and `config` of common.smk.
# Gives: for the Snakefile, the files of each chapter of the study. A figure that the study cannot have is left out of its
# chapter and noted in `left_out` of common.smk with the reason.


def figure(name):
    """The three files of a figure."""
    return multiext(f"results/figures/{name}", ".pdf", ".png", ".tsv")


def leave_out(figures, reason):
    """Note that figures are left out because the config lacks what they need, and give no files."""
    left_out.update(dict.fromkeys(figures, reason))
    return []


def maps_and_qc():
    return [
        *expand("results/coolers/{dataset}.cool", dataset=study.datasets.index),
        "results/tables/table_1.tsv",
        *figure("figure_mapping"),
    ]


def model_chapter():
    """What the model that the figures show gives; nothing if the config has no model. Others are made by name."""
    if not config["models"]:
        return []
    model = config["figures"]["model"]
    training = figure("figure_training")
    if model in study.imported_models():
        training = leave_out(["figure_training"], f"model {model} is not trained here")
    ctcf = ["figure_ctcf", "figure_ctcf_examples"]
    if config["mutagenesis"]["motifs"]:
        mutated = [path for name in ctcf for path in figure(name)]
    else:
        mutated = leave_out(ctcf, "mutagenesis.motifs is empty")
    return [
        f"results/evaluation/{model}/metrics.tsv",
        f"results/evaluation/{model}/comparison.tsv",
        *expand("results/cross_validation/{model}.tsv", model=study.cross_validated),
        *figure("figure_1a"),
        *figure("figure_targets"),
        *training,
        *figure("figure_1b"),
        *figure("figure_1c"),
        *figure("figure_baselines"),
        *mutated,
    ]


def analysis_chapter():
    """Figures of the analyses; those that lack an input are left out, with the reason."""
    return [
        *region_chapter(),
        *inversion_chapter(),
        *sweep_chapter(),
        *strength_chapter(),
        *cell_types_chapter(),
        *cross_species_chapter(),
        *locus_chapter(),
    ]


def claims_chapter():
    return ["results/claims.tsv"] if study.claims else []


def published_chapter(wildcards):
    """The published weights on the published test records."""
    if "published" not in config["models"] or not study.claims:
        raise WorkflowError(
            f"{study.source}: reproduce_published needs a model named 'published' (with weights, on a split with records) "
            "and a table of published numbers (claims: claims.tsv); config/config.yaml has them"
        )
    return ["results/evaluation/published/metrics.tsv", "results/claims.tsv"]


def truth_chapter():
    return ["results/truth.tsv", "results/truth.ok"] if "truth" in config else []
