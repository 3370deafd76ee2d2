"""The workflow in a folder of its own, and studies that run in it."""

import pytest
from studies import Study, copy_workflow


@pytest.fixture(scope="session")
def workflow(tmp_path_factory):
    """A copy of the workflow, so that a test may edit it."""
    return copy_workflow(tmp_path_factory.mktemp("workflow"))


@pytest.fixture
def study(tmp_path, workflow):
    """A study of its own, not yet run."""
    return Study(tmp_path, workflow)


@pytest.fixture(scope="session")
def finished(tmp_path_factory, workflow):
    """The tiny study run from reads to figures, once for all tests. Do not change what it made."""
    study = Study(tmp_path_factory.mktemp("tiny"), workflow)
    study.make()
    return study
