# Requires: `study`, `config`, `located`, `figure` and `leave_out` of common.smk; the functions of mutagenesis_inputs.smk.
# Gives: functions that name the inputs and params of region_panels.smk, and its chapter.


def region_datasets(wildcards):
    """The datasets of whose maps the region has a target."""
    return study.compared_outputs(wildcards.model)


def region_predictions(wildcards):
    """The evaluated windows, of which the region is one unless the config names it."""
    return [] if config["region_panels"]["window"] else f"results/evaluation/{wildcards.model}/predictions.h5"


def region_coolers(wildcards):
    """The maps from which the target of a region of the config's own is made."""
    if not config["region_panels"]["window"]:
        return []
    return expand("results/coolers/{dataset}.cool", dataset=region_datasets(wildcards))


def region_motif():
    """Where the sites come from: the set of the first motif of `mutagenesis.motifs`."""
    return config["motifs"]["sets"][config["mutagenesis"]["motifs"][0]]


def region_bed(wildcards):
    path = region_motif()["bed"]
    return located(path) if path else []


def region_track_files():
    """The tracks of the dataset that is shown, by name."""
    return config["tracks"].get(config["figures"]["dataset"], {})


def region_bigwigs():
    return [located(path) for path in region_track_files().values()]


def region_chapter():
    """One region with its sites inverted and randomised."""
    figures = [f"figure_2{panel}" for panel in "bcde"]
    if not config["models"]:
        return []
    if not config["mutagenesis"]["motifs"]:
        return leave_out(figures, "mutagenesis.motifs is empty")
    return [path for name in figures for path in figure(name)]
