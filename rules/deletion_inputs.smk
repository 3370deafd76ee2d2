# Requires: `study`, `config`, `located`, `figure` and `leave_out` of common.smk; the functions of mutagenesis_inputs.smk.
# Gives: functions that name the inputs and params of deletion.smk, and its chapter.


def locus_of(wildcards):
    """The config of a locus."""
    return config["deletions"][wildcards.locus]


def locus_genome(wildcards):
    """The genome of the locus: that of the model unless the config says otherwise."""
    return locus_of(wildcards)["genome"] or config["splits"][mutagenesis_split(wildcards)]["genome"]


def locus_fasta(wildcards):
    return f"results/genomes/{locus_genome(wildcards)}/genome.fa"


def locus_motif(wildcards):
    """The set of motifs whose sites in the boundary are deleted."""
    return locus_of(wildcards)["sites"]["motif"] or next(iter(config["mutagenesis"]["motifs"]), "CTCF")


def locus_bed(wildcards):
    path = config["motifs"]["sets"][locus_motif(wildcards)]["bed"]
    return located(path) if path else []


def locus_track(wildcards):
    """The CTCF track by which the boundary's sites are ranked, if any."""
    dataset = locus_of(wildcards)["sites"]["track"]
    return located(config["tracks"][dataset]["CTCF"]) if dataset else []


def locus_five_c_files(wildcards):
    given = locus_of(wildcards)["five_c"]
    return {key: located(given[key]) for key in ("wild_type", "deletion", "chain")}


def locus_dataset(name):
    """The output of the model that is shown of a locus."""
    return config["deletions"][name]["dataset"] or config["figures"]["dataset"]


def locus_measured(name):
    """Datasets of the measured maps of a locus: undeleted, deletion; none if the deletion has no map."""
    given = config["deletions"][name]["measured"]
    return [given["wild_type"] or locus_dataset(name), given["deletion"]] if given["deletion"] else []


def locus_shown():
    """The locus that the figures show: the first."""
    return next(iter(config["deletions"]), None)


def locus_layer(name, wanted):
    """A file of measured maps of the locus that is shown, where it has some."""
    return f"results/deletion/{config['figures']['model']}/{locus_shown()}/{name}" if wanted else []


def locus_has(key):
    """Whether the locus that is shown has 5C (`five_c`) or Hi-C (`measured`) of the deletion."""
    if not locus_shown():
        return False
    return bool(locus_measured(locus_shown()) if key == "measured" else config["deletions"][locus_shown()]["five_c"])


def locus_chapter():
    """A locus with its boundary deleted."""
    figures = ["figure_3c", "supplement_7"]
    if not config["models"]:
        return []
    if not locus_shown():
        return leave_out(figures, "deletions is empty")
    return [path for name in figures for path in figure(name)]
