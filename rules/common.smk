# Requires: the config and its tables.
# Gives: `study` (the validated config with all defaults), `located`, `library`, the wildcard constraints, and the
# lists of files that make up a chapter.

import os
from hashlib import blake2b
from urllib.parse import urlsplit

from snakemake.exceptions import WorkflowError

from akitaflow.study.study import load
from akitaflow.errors import InputError

config_file = workflow.overwrite_configfiles[-1] if workflow.overwrite_configfiles else "config/config.yaml"
try:
    study = load(config, folder=os.path.dirname(config_file), source=str(config_file), workflow_folder=workflow.basedir)
except InputError as error:
    raise WorkflowError(str(error)) from None
config.update(study.config)


wildcard_constraints:
    genome="[^/.]+",
    dataset="[^/.]+",
    library="[^/.]+",
    run="[^/.]+",
    split="[^/.]+",
    model="[^/.]+",
    motif="[^/.]+",
    locus="[^/.]+",


def memory(mb):
    """MB of a job, more with each attempt.

    Parameters
    ----------
    mb : int or function of wildcards
        What the first attempt asks for.
    """
    return lambda wildcards, attempt: attempt * int(mb(wildcards) if callable(mb) else mb)


def minutes(n):
    """Run time of a job in minutes, more with each attempt."""
    return lambda wildcards, attempt: attempt * n


downloads = {}  # name under results/downloads -> URL; filled by located()


def located(path):
    """The local path of a file named in the config: {names} expanded; a URL becomes the place it is downloaded to.

    Nothing gives an empty list, so that an optional file can stand among the inputs of a rule.
    """
    path = study.locate(path)
    if path is None:
        return []
    if "://" not in path:
        return path
    digest = blake2b(path.encode(), digest_size=4).hexdigest()
    name = f"{digest}-{os.path.basename(urlsplit(path).path)}"
    downloads[name] = path
    return f"results/downloads/{name}"


def library(*modules):
    """Modules of akitaflow as inputs of a figure, so that an edit of its style redraws it."""
    return [os.path.join(workflow.basedir, "akitaflow", module) for module in modules]


def figure(name):
    return multiext(f"results/figures/{name}", ".pdf", ".png", ".tsv")


left_out = {}  # figure that this study cannot have -> what it lacks


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
