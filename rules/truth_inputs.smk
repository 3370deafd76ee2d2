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


def truth_chapters():
    """Chapters that make claims: those of the analyses that the config asks for."""
    return ["model", *(["mapping"] if simulated_libraries() else [])]
