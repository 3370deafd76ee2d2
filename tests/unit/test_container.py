"""The Dockerfile copies what the workflow needs and installs the tested versions; it is not built here."""

import re

from places import ROOT
from studies import PARTS


def instructions():
    """(instruction, its text) of every line of the Dockerfile, continued lines joined."""
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text())
    return [tuple(line.split(maxsplit=1)) for line in text.splitlines() if line and not line.startswith("#")]


def copied():
    """Files and folders of the repository that are copied."""
    return [source for name, text in instructions() if name == "COPY" for source in text.split()[:-1]]


def test_everything_that_is_copied_exists_and_is_sent_to_docker():
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert sent == {"Dockerfile", *copied()}
    assert all((ROOT / path).exists() for path in copied())


def test_the_image_has_all_that_the_workflow_needs():
    assert {"Snakefile", *PARTS} <= set(copied())


def test_packages_are_installed_by_the_script_that_checks_their_hashes():
    order = [text for name, text in instructions() if name in ("COPY", "RUN")]
    assert order[0] == "requirements.txt setup.sh ./" and order[1].startswith("./setup.sh")
    assert "--require-hashes" in (ROOT / "setup.sh").read_text()
    assert not [text for name, text in instructions() if name == "RUN" and "pip install" in text]


def test_the_release_of_debian_has_a_python_of_the_tested_versions():
    assert ("FROM", "debian:12-slim") in instructions()  # Python 3.11
    assert 'fail "' in (ROOT / "setup.sh").read_text() and "python3.11" in (ROOT / "setup.sh").read_text()
