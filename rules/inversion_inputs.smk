# Requires: `config`, `figure` and `leave_out` of common.smk.
# Gives: functions that name the inputs of inversion.smk, and its chapter.


def figure_inversion(stage):
    """A function for `input`: scores per window of a stage for the model and the motif that the figures show."""

    def path(wildcards):
        return f"results/{stage}/{config['figures']['model']}/{config['mutagenesis']['motifs'][0]}/windows.tsv"

    return path


def inversion_chapter():
    """Figure of inverted sites, over all windows of the fold."""
    if not config["models"]:
        return []
    if not config["mutagenesis"]["motifs"]:
        return leave_out(["supplement_6"], "mutagenesis.motifs is empty")
    return figure("supplement_6")
