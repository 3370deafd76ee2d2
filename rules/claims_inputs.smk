# Requires: `study` and `config` of common.smk.
# Gives: functions that name the inputs of claims.smk.

from akitaflow.study.tables import read_claims

REPRODUCED = (
    "results/evaluation/published/metrics.tsv",
    "results/evaluation/published/windows.tsv",
    "results/models/published/model.weights.h5",
)


def claim_files(wildcards):
    """Files of the published numbers: those of the published model, and of all others those that are there now.

    So neither maps nor trainings are made for the sake of the table: it is filled as they come.
    """
    files = read_claims(study.claims)["file"].unique()
    made = REPRODUCED if "published" in config["models"] else ()
    return [path for path in files if path in made or os.path.exists(path)]
