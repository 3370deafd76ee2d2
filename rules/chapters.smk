# Requires: `study` and `config` of common.smk.
# Gives: for the Snakefile, the files of each chapter of the study. Figures whose inputs the config lacks are left out and
# noted in `left_out` of common.smk with the reason, and in `impossible` if they cannot be drawn on request either.


NO_MODEL = "models is empty"


def figure(name):
    """The three files of a figure."""
    return multiext(f"results/figures/{name}", ".pdf", ".png", ".tsv")


def leave_out(figures, reason, on_request=False):
    """Note figures as left out, with the reason, and whether they can be drawn on request; returns no files."""
    left_out.update(dict.fromkeys(figures, reason))
    impossible.update([] if on_request else figures)
    return []


def panels(*names):
    """A function for `input`: the files of those panels of a figure that the study can have.

    Where it can have none, the first is asked for, which gives the error.
    """
    return lambda wildcards: [
        path for name in ([name for name in names if name not in impossible] or names[:1]) for path in figure(name)
    ]


def maps_and_qc():
    return [
        *expand("results/coolers/{dataset}.cool", dataset=study.datasets.index),
        "results/tables/table_1.tsv",
        *figure("figure_mapping"),
    ]


def model_chapter():
    """Files of `figures.model`; none if the config has no model. Files of other models are requested by name."""
    if not config["models"]:
        without = ("1a", "1b", "1c", "targets", "training", "baselines", "ctcf", "ctcf_examples")
        return leave_out([f"figure_{name}" for name in without], NO_MODEL)
    model = config["figures"]["model"]
    training = figure("figure_training")
    if model in study.imported_models():
        training = leave_out(["figure_training"], f"model {model} is not trained here")
    ctcf = ["figure_ctcf", "figure_ctcf_examples"]
    if config["mutagenesis"]["motifs"]:
        mutated = [path for name in ctcf for path in figure(name)]
    else:
        mutated = leave_out(ctcf, "mutagenesis.motifs is empty")
    split = study.split_of_model(model)
    if study.has_training_windows(split):
        learned = [f"results/evaluation/{model}/comparison.tsv", *figure("figure_baselines"), *figure("figure_targets")]
    else:
        learned = leave_out(["figure_baselines", "figure_targets"], f"split {split} has no training windows")
    return [
        f"results/evaluation/{model}/metrics.tsv",
        *learned,
        *expand("results/cross_validation/{model}.tsv", model=study.cross_validated),
        *figure("figure_1a"),
        *training,
        *figure("figure_1b"),
        *figure("figure_1c"),
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
        *deletion_chapter(),
    ]


def variants_chapter():
    """Scores of the sets of variants; maps, figure and page of the top ones."""
    names = config["variants"]["sets"]
    files = ["scores.tsv.gz", "status.tsv", *(["page.html", "maps"] if config["variants"]["top"] else [])]
    figures = [f"figure_variants_{name}" for name in names if config["variants"]["top"]]
    return [
        *expand("results/variants/{set}/{file}", set=names, file=files),
        *(path for name in figures for path in figure(name)),
    ]


def experiments_chapter():
    """Tables, tracks and figures of saturation mutageneses and of inserted sequences."""
    tracks = [
        f"results/saturation/{name}/{output}.bw"
        for name in config["saturation"]
        for output in study.model_outputs(study.model_of_experiment("saturation", name))
    ]
    figures = [f"figure_saturation_{name}" for name in config["saturation"]]
    figures += [f"figure_experiment_{name}" for name in config["experiments"]]
    return [*tracks, *(path for name in figures for path in figure(name))]


def claims_chapter():
    return ["results/claims.tsv"] if study.claims else []


def published_chapter(wildcards):
    """The published weights on the published test records."""
    if "published" not in config["models"] or not study.claims:
        raise WorkflowError(
            f"{study.source}: reproduce_published needs a model named 'published' (with weights, on a split with records) "
            "and a table of published numbers (claims: claims.tsv); config/config.yaml has them"
        )
    return ["results/evaluation/published/metrics.tsv", "results/reproduction.tsv"]


def truth_chapter():
    return ["results/truth.tsv", "results/truth.ok"] if "truth" in config else []


def comparison_chapter():
    """Tables and figures of the comparison of `figures.model` with its alternatives."""
    about = {name: study.alternatives_about(name) for name in ("architecture", "tasks", "data")}
    return [
        *(["results/comparison/comparison.tsv"] if study.alternatives() else []),
        *(figure("supplement_1") if len(about["architecture"]) > 1 else []),
        *(figure("supplement_3") if len(about["tasks"] | about["data"]) > 1 else []),
    ]


def search_chapter(wildcards):
    """Tables and figure of the hyperparameter search around `search.model`."""
    model = config["search"]["model"]
    if model is None:
        raise WorkflowError("search_models: the study has no model that is trained from fresh weights; write one")
    results = expand("results/search/{model}/{file}", model=model, file=["trials.tsv", "importance.tsv", "best.yaml"])
    return results + figure("figure_search")


def region_chapter():
    """One region with its sites inverted and randomised."""
    figures = [f"figure_2{panel}" for panel in "bcde"]
    if not config["models"]:
        return leave_out(figures, NO_MODEL)
    if not config["mutagenesis"]["motifs"]:
        return leave_out(figures, "mutagenesis.motifs is empty")
    return [path for name in figures for path in figure(name)]


def inversion_chapter():
    """Inversion of sites in all windows of the fold."""
    if not config["models"]:
        return leave_out(["supplement_6"], NO_MODEL)
    if not config["mutagenesis"]["motifs"]:
        return leave_out(["supplement_6"], "mutagenesis.motifs is empty")
    return figure("supplement_6")


def sweep_chapter():
    """The motif sweep, if the config enables it (it takes longer than all other analyses)."""
    figures = ["figure_3a", "supplement_5"]
    if not config["models"]:
        return leave_out(figures, NO_MODEL)
    if not config["mutagenesis"]["motifs"]:
        return leave_out(figures, "mutagenesis.motifs is empty")
    if not config["motif_sweep"]["run"]:
        return leave_out(figures, "motif_sweep.run is false (snakemake figure_3a makes it)", on_request=True)
    return [path for name in figures for path in figure(name)]


def strength_chapter():
    """The strength of patterns; without tracks only predicted against measured."""
    return figure("supplement_2") if config["models"] else leave_out(["supplement_2"], NO_MODEL)


def cell_types_chapter():
    """Differences between datasets, and CTCF-independent structure."""
    if not config["models"]:
        return leave_out(["supplement_4", "figure_ctcf_independent"], NO_MODEL)
    if len(study.cell_type_datasets()) < 2:
        figures = leave_out(["supplement_4"], f"model {config['figures']['model']} has one output to compare only")
    else:
        figures = [*figure("supplement_4")]
    if not config["mutagenesis"]["motifs"]:
        return figures + leave_out(["figure_ctcf_independent"], "mutagenesis.motifs is empty")
    if not study.ctcf_independent_tracks():
        reason = f"tracks.{study.ctcf_independent_dataset()} lacks CTCF or DNase"
        return figures + leave_out(["figure_ctcf_independent"], reason)
    return [*figures, *figure("figure_ctcf_independent")]


def cross_species_chapter():
    """Predictions on another genome, and the effect of its repeats."""
    figures = ["figure_3b", "supplement_8"]
    if not config["models"]:
        return leave_out(figures, NO_MODEL)
    if not config["cross_species"]["split"]:
        return leave_out(figures, "cross_species.split is not given")
    if not study.cross_species_repeats():
        return leave_out(figures, f"genomes.{study.cross_species_genome()}.repeatmasker is not given")
    return [path for name in figures for path in figure(name)]


def deletion_chapter():
    """Deletion of a boundary."""
    figures, name = ["figure_3c", "supplement_7"], study.shown_deletion()
    if not config["models"]:
        return leave_out(figures, NO_MODEL)
    if not name:
        return leave_out(figures, "deletions is empty")
    if not study.maps_of_deletion(name) and not study.has_five_c_of_deletion(name):
        lacking = "five_c.deletion" if study.has_five_c(name) else "measured.deletion and five_c"
        leave_out(["figure_3c, measured deletion"], f"deletions.{name} lacks {lacking}; 3c has the prediction alone")
    return [path for name in figures for path in figure(name)]
