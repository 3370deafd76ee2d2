# Requires: `study`, `config` and `located` of common.smk.
# Gives: functions that name the inputs and params of the rules of mutagenesis.smk.


def motif_set(wildcards):
    """Where the sites of a motif come from: a matrix or a BED file."""
    return config["motifs"]["sets"][wildcards.motif]


def motif_bed(wildcards):
    path = motif_set(wildcards)["bed"]
    return located(path) if path else []


def mutagenesis_margin():
    """bp at both ends of a window where sites are left alone."""
    geometry = config["geometry"]
    return 0 if config["mutagenesis"]["margin"] else geometry["crop_bins"] * geometry["bin_size"]


def mutagenesis_split(wildcards):
    return config["models"][wildcards.model]["split"]


def mutagenesis_fasta(wildcards):
    return f"results/genomes/{config['splits'][mutagenesis_split(wildcards)]['genome']}/genome.fa"


def figure_mutagenesis(name):
    """A file of the mutagenesis that the figures show: the config's figure model and its first motif."""

    def path(wildcards):
        return f"results/mutagenesis/{config['figures']['model']}/{config['mutagenesis']['motifs'][0]}/{name}"

    return path
