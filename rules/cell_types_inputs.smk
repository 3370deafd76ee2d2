# Requires: `study`, `config`, `located`, `figure` and `leave_out` of common.smk.
# Gives: functions that name the inputs and params of cell_types.smk, and its chapter.


def compared_datasets():
    """The two datasets whose difference is predicted: the config's, or the first two outputs of the figures' model."""
    if config["cell_types"]["datasets"]:
        return config["cell_types"]["datasets"]
    return study.compared_outputs(config["figures"]["model"])[:2] if config["models"] else []


def persistence_dataset():
    """The dataset on which is shown what persists without CTCF."""
    return config["ctcf_independent"]["dataset"] or config["figures"]["dataset"]


def cell_types_windows(wildcards):
    return f"results/records/{config['models'][wildcards.model]['split']}/windows.tsv"


def persistence_tracks():
    """The CTCF and the DNase bigWig of the dataset that is shown, where there are both."""
    tracks = config["tracks"].get(persistence_dataset(), {})
    return [located(tracks[name]) for name in ("CTCF", "DNase")] if {"CTCF", "DNase"} <= set(tracks) else []


def cell_types_chapter():
    """Figures of differences between datasets, and of what persists without CTCF."""
    if not config["models"]:
        return []
    if len(compared_datasets()) < 2:
        figures = leave_out(["supplement_4"], f"model {config['figures']['model']} has one output to compare only")
    else:
        figures = [*figure("supplement_4")]
    if not config["mutagenesis"]["motifs"]:
        return figures + leave_out(["figure_ctcf_independent"], "mutagenesis.motifs is empty")
    if not persistence_tracks():
        lacking = f"tracks.{persistence_dataset()} lacks CTCF or DNase"
        return figures + leave_out(["figure_ctcf_independent"], lacking)
    return [*figures, *figure("figure_ctcf_independent")]
