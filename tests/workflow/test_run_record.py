"""What a finished run says about itself."""

import hashlib
import json

import yaml

from akitaflow.files import read_table
from akitaflow.provenance import code_digest, config_digest
from akitaflow.run_warnings import COLUMNS


def test_warnings_of_a_small_study_are_listed(finished):
    table = read_table(finished.path("results/run/warnings.tsv"))
    assert table.columns.tolist() == COLUMNS
    assert table["stage"].unique().tolist() == ["windows"]  # its reads and maps are complete
    few = table.loc[table["what"] == "few windows", "subject"].tolist()
    assert few == ["split main, fold valid", "split main, fold test"]
    page = finished.path("results/run/warnings.html").read_text()
    assert all(subject in page for subject in few)


def test_the_chromosomes_of_a_map_add_up_to_its_contacts(finished):
    chromosomes = read_table(finished.path("results/mapping/A/chromosomes.tsv"))
    (row,) = read_table(finished.path("results/mapping/A/map.tsv")).itertuples()
    assert chromosomes["cis_contacts"].sum() + chromosomes["trans_contacts"].sum() / 2 == row.contacts
    assert chromosomes["filtered_bins"].sum() == row.filtered_bins


def test_the_record_of_a_run_has_its_code_config_seed_and_inputs(finished):
    record = json.loads(finished.path("results/provenance.json").read_text())
    config = yaml.safe_load(finished.path("results/run/config.yaml").read_text())
    assert record["code"] == code_digest() and record["config"] == config_digest(config)
    assert record["seed"] == finished.config["seed"]
    assert record["software"]["analysis"]["cooler"].startswith("0.")
    fasta = finished.path("results/simulation/human.fa").read_bytes()
    assert record["files"]["results/simulation/human.fa"]["sha256"] == hashlib.sha256(fasta).hexdigest()
    assert {"config/datasets.tsv", "config/runs.tsv"} <= set(record["files"])
    assert len(record["reads"]) == 2 * len(finished.runs) and all(map(len, record["reads"].values()))
