"""What a run records of its software."""

import hashlib
import platform

import numpy as np

import akitaflow
from akitaflow.provenance import config_digest, file_record, software


def test_software_lists_what_is_pinned_beside_what_is_found(tmp_path):
    environment = tmp_path / "env.yaml"
    environment.write_text(
        "dependencies: [python=3.11, numpy=0.1, matplotlib-base=3.0, samtools=0.1, no-such-package=1.0]\n"
    )
    rows = {name: (pinned, installed) for name, pinned, installed in software(environment)}
    assert rows["akitaflow"] == ("", akitaflow.__version__)
    assert rows["python"] == ("3.11", platform.python_version())
    assert rows["numpy"] == ("0.1", np.__version__)
    assert rows["matplotlib-base"][1].startswith("3.")
    assert rows["samtools"][1].startswith("1.")
    assert rows["no-such-package"] == ("1.0", None)


def test_the_digest_of_a_config_depends_on_its_values_alone():
    config = {"seed": 1, "genomes": {"a": {"fasta": "a.fa", "exclude": []}}}
    turned = {"genomes": {"a": {"exclude": [], "fasta": "a.fa"}}, "seed": 1}
    assert config_digest(config) == config_digest(turned)
    assert config_digest(config) != config_digest(config | {"seed": 2})


def test_a_file_is_recorded_by_size_and_checksum(tmp_path):
    content = bytes(range(256)) * 5000
    (tmp_path / "a").write_bytes(content)
    assert file_record(tmp_path / "a") == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
