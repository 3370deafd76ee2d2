"""What the rules of models ask for, and which studies they can be made of, by dry runs."""

import re

from studies import TINY


def test_jobs_that_run_a_model_ask_for_the_gpus_of_its_config(study):
    study.config["models"]["main"]["training"] |= {"device": "gpu", "gpus": 2}
    targets = ["results/models/main/model.json", "results/region_panels/main/maps.h5"]
    jobs = study.make("--dry-run", "--resources", "gpu=8", "--", *targets)
    gpus = dict(re.findall(r"^rule (\w+):\n(?:    .*\n)*?    resources: .*\bgpu=(\d+)", jobs, re.M))
    assert gpus == {"train_model": "2", "evaluate_model": "1", "predict_region_panels": "1"}


def test_a_deletion_without_mutated_motifs_is_that_of_ctcf_sites(study):
    study.config["mutagenesis"] = TINY["mutagenesis"] | {"motifs": []}
    study.config["deletions"] = {"boundary": {"deletion": "chr1:60032-60288"}}
    figures = [f"results/figures/{name}.pdf" for name in ("figure_3c", "supplement_7")]
    jobs = study.make("--dry-run", "--quiet", "rules", "--", *figures)
    assert {"predict_deletion", "figure_3c", "supplement_7"} <= set(re.findall(r"^(\w+) +\d+$", jobs, re.M))
