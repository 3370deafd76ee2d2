# Requires: `study`, `config`, `located`, `figure` and `leave_out` of common.smk.
# Gives: functions that name the inputs of pattern_strength.smk, and its chapter.


def strength_tracks(wildcards):
    """bigWigs of a dataset, none if the config has none."""
    return [located(path) for path in config["tracks"].get(wildcards.dataset, {}).values()]


def strength_windows(wildcards):
    return f"results/records/{config['models'][wildcards.model]['split']}/windows.tsv"


def strength_chapter():
    """Figure of the strength of patterns; without tracks it shows predicted against measured alone."""
    return figure("supplement_2") if config["models"] else []
