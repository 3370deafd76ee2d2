"""Check of the config's ``simulation`` and ``truth``."""

from akitaflow.errors import InputError
from akitaflow.study.checks.common import require_known

SIMULATED_PAIRS = "results/simulation/pairs/{dataset}.pairs.gz"


def check_simulation(study):
    """The simulation and its truth name genomes, datasets, factors and motifs that exist."""
    config, source = study.config, study.source
    simulation, truth = config.get("simulation"), config.get("truth")
    if simulation is None:
        if truth is not None:
            raise InputError(f"{source}, truth: only a simulated study has a known truth; delete this key")
        return
    key = f"{source}, simulation"
    entering = [
        row["dataset"]
        for _, row in study.numbered_rows("datasets")
        if row["entry"] == "fastq" or row["path"] == SIMULATED_PAIRS.format(dataset=row["dataset"])
    ]
    for name, genome in simulation["genomes"].items():
        if genome["deletion_of"] is not None:
            require_known(
                genome["deletion_of"], simulation["genomes"], f"{key}.genomes.{name}.deletion_of", "simulated genome"
            )
        for factor in genome["scattered"]:
            require_known(factor, simulation["factors"], f"{key}.genomes.{name}.scattered", "simulated factor")
    for name, dataset in simulation["datasets"].items():
        kind = f"dataset that enters at fastq, or at pairs with path {SIMULATED_PAIRS.format(dataset=name)},"
        require_known(name, entering, f"{key}.datasets", kind)
        require_known(dataset["genome"], simulation["genomes"], f"{key}.datasets.{name}.genome", "simulated genome")
        for factor in dataset["factors"]:
            require_known(factor, simulation["factors"], f"{key}.datasets.{name}.factors", "simulated factor")
    if truth is not None:
        model = config["figures"]["model"]
        if model is None:
            raise InputError(
                f"{source}, truth: the study has no model to judge; write one under models, or delete this key"
            )
        outputs, motifs = study.measured_outputs(model), config["mutagenesis"]["motifs"]
        require_known(truth["dataset"], outputs, f"{source}, truth.dataset", f"output of model {model}")
        require_known(truth["motif"], motifs, f"{source}, truth.motif", "motif of mutagenesis.motifs")
