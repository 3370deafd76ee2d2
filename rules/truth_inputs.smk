# Requires: `study` and `config` of common.smk, with the keys `truth` and `simulation`.
# Gives: functions that name the inputs and params of truth.smk.


def simulated_datasets():
    """Datasets whose simulated reads come from the genome to which they are mapped: their positions are known there."""
    simulated = config["simulation"]["datasets"]
    return [
        name
        for name in study.datasets.index
        if simulated.get(name, {}).get("genome") == study.datasets.loc[name, "genome"]
    ]


def simulated_libraries():
    """(dataset, library) of these datasets."""
    return [[dataset, library] for dataset in simulated_datasets() for library in study.libraries(dataset)]


def truth_windows():
    """The windows on which the model that the figures show is evaluated."""
    return f"results/records/{config['models'][config['figures']['model']]['split']}/windows.tsv"


def truth_limits(*keys):
    """The thresholds on which the claims of a chapter depend."""
    return {key: config["truth"][key] for key in keys}


def truth_sites():
    """Sites of the motif that folds, in the windows of the mutated fold."""
    split = config["models"][config["figures"]["model"]]["split"]
    return f"results/motifs/{split}/{config['truth']['motif']}.windows.tsv"


def truth_fasta():
    """FASTA of the genome of the model that the figures show."""
    split = config["models"][config["figures"]["model"]]["split"]
    return f"results/genomes/{config['splits'][split]['genome']}/genome.fa"


def truth_law():
    """The part of `simulation` on which the folding of the judged dataset depends."""
    keys = ("strength", "motif_release", "gc", "factors", "binding", "folding")
    dataset = config["simulation"]["datasets"].get(config["truth"]["dataset"], {})
    return {key: config["simulation"][key] for key in keys} | {"datasets": {config["truth"]["dataset"]: dataset}}


def planted_decoys():
    """Matrices of the decoys in the genome of the judged dataset."""
    dataset = config["simulation"]["datasets"].get(config["truth"]["dataset"])
    return sorted(config["simulation"]["genomes"][dataset["genome"]]["decoys"]["matrices"].values()) if dataset else []


def second_factor():
    """The factor that acts in the dataset of `ctcf_independent` and not in the first dataset; None if there is none."""
    simulated = config["simulation"]["datasets"]
    here = simulated.get(study.ctcf_independent_dataset(), {}).get("factors", [])
    there = simulated.get(config["truth"]["dataset"], {}).get("factors", [])
    return next((factor for factor in here if factor not in there), None)


def second_factor_sites():
    """Planted sites of the genome of that dataset."""
    simulated = config["simulation"]["datasets"].get(study.ctcf_independent_dataset())
    return f"results/simulation/truth/{simulated['genome']}/sites.tsv" if simulated else []


def locus_is_planted():
    """Whether the locus that the figures show is that of a simulated genome."""
    if not study.shown_deletion():
        return False
    model = config["models"][config["figures"]["model"]]
    genome = config["deletions"][study.shown_deletion()]["genome"] or config["splits"][model["split"]]["genome"]
    return config["simulation"]["genomes"].get(genome, {}).get("locus", False)


def planted_locus():
    """Planted places of the locus, in the genome of the judged dataset."""
    dataset = config["simulation"]["datasets"].get(config["truth"]["dataset"])
    return f"results/simulation/truth/{dataset['genome']}/locus.tsv" if dataset else []


def truth_chapters():
    """Chapters that make claims: those of the analyses that the config asks for."""
    chapters = ["model", "inversion"]
    if simulated_libraries():
        chapters.append("mapping")
    if config["motif_sweep"]["run"]:
        chapters.append("motif_sweep")
    if "CTCF" in config["tracks"].get(config["truth"]["dataset"], {}):
        chapters.append("pattern_strength")
    if config["cross_species"]["split"] and study.cross_species_repeats():
        chapters.append("cross_species")
    if locus_is_planted():
        chapters.append("deletion")
    if second_factor() and study.ctcf_independent_tracks() and len(study.cell_type_datasets()) == 2:
        chapters.append("cell_types")
    return chapters
