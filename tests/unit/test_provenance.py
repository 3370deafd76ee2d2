"""What a run records of its software."""

import platform

import numpy as np

import akitaflow
from akitaflow.provenance import software


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
