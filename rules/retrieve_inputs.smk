# Requires: `study`, `config` and `located` of common.smk.
# Gives: functions that name the inputs and params of the rules of retrieve.smk.


def register_downloads(value):
    """Tell `located` of every URL of the config, so that a job on another node knows it too."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            register_downloads(part)
    elif isinstance(value, str) and "://" in (study.locate(value) or ""):
        located(value)
