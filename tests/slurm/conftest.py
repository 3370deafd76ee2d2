"""The cluster that `make test-slurm` has started, and the tiny study finished without it.

Without that cluster nothing here is collected.
"""

import os
from pathlib import Path

import pytest
from slurm_cluster import FOLDER_VARIABLE, NODES, UP, Cluster
from slurm_runs import Run
from studies import Study, copy_workflow


def pytest_ignore_collect(collection_path, config):
    return True if FOLDER_VARIABLE not in os.environ else None


@pytest.fixture(scope="session")
def cluster():
    return Cluster(Path(os.environ[FOLDER_VARIABLE]))


@pytest.fixture(autouse=True)
def nodes(cluster):
    """Both nodes take jobs when a test begins, and no job is left when it ends."""
    for node in NODES:
        assert cluster.state(node) in UP, f"{node} is {cluster.state(node)}"
    yield
    while Run.started:
        Run.started.pop().stop()


@pytest.fixture(scope="session")
def workflow(tmp_path_factory):
    """A copy of the workflow. A test that edits it makes its own."""
    return copy_workflow(tmp_path_factory.mktemp("workflow"))


@pytest.fixture(scope="session")
def finished(tmp_path_factory, workflow):
    """The tiny study, run without SLURM and undisturbed. Do not change what it made."""
    study = Study(tmp_path_factory.mktemp("tiny"), workflow)
    study.make()
    return study


@pytest.fixture
def study(tmp_path, finished):
    """A copy of the finished study, from which a test removes what is to be made again."""
    return finished.copy(tmp_path / "study")
