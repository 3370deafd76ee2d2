# Requires: `config`, `figure` and `leave_out` of common.smk; the functions of mutagenesis_inputs.smk.
# Gives: functions that name the inputs of motif_sweep.smk, and its chapter.


def sweep_ctcf(wildcards):
    """Sites with which those of every motif may overlap: of the first motif of `mutagenesis.motifs`."""
    return f"results/motifs/{mutagenesis_split(wildcards)}/{config['mutagenesis']['motifs'][0]}.bed"


def sweep_chapter():
    """Figures of the sweep over motifs, which costs more than everything else: only where it is asked for."""
    figures = ["figure_3a", "supplement_5"]
    if not config["models"]:
        return []
    if not config["mutagenesis"]["motifs"]:
        return leave_out(figures, "mutagenesis.motifs is empty")
    if not config["motif_sweep"]["run"]:
        return leave_out(figures, "motif_sweep.run is false (snakemake results/figures/figure_3a.pdf makes it)")
    return [path for name in figures for path in figure(name)]
