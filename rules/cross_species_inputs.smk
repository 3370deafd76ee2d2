# Requires: `config`, `located`, `figure` and `leave_out` of common.smk.
# Gives: functions that name the inputs and params of cross_species.smk, and its chapter.


def cross_species_genome():
    """The other genome: that of the split."""
    split = config["cross_species"]["split"]
    return config["splits"][split]["genome"] if split else None


def cross_species_output():
    """Output of the model that is compared with the other genome's map."""
    return config["cross_species"]["output"] or config["figures"]["dataset"]


def cross_species_rmsk():
    genome = cross_species_genome()
    return located(config["genomes"][genome]["repeatmasker"]) if genome else []


def cross_species_chapter():
    """The model on another genome, and what its repeats do."""
    figures = ["figure_3b", "supplement_8"]
    if not config["models"]:
        return []
    if not config["cross_species"]["split"]:
        return leave_out(figures, "cross_species.split is not given")
    if not cross_species_rmsk():
        return leave_out(figures, f"genomes.{cross_species_genome()}.repeatmasker is not given")
    return [path for name in figures for path in figure(name)]
