"""What all tests share: where things lie, a quiet TensorFlow, and which tests run only when asked for."""

import os

import pytest
import serving
from places import ROOT, SHARED

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before anything imports TensorFlow
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # tests start Snakemake, which starts Python again and again


def pytest_addoption(parser):
    parser.addoption("--optin", action="store_true", help="run also the tests marked optin (minutes each)")


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes more than some seconds; leave out with -m 'not slow'")
    config.addinivalue_line("markers", "optin: takes minutes; runs only with --optin")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--optin"):
        return
    for item in items:
        if "optin" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="takes minutes: runs with --optin (make test ARGS=--optin)"))


@pytest.fixture(scope="session")
def root():
    """The folder of the Snakefile."""
    return ROOT


@pytest.fixture(scope="session")
def shared():
    """The folder with real data and reference files that lies beside a checkout, where there is one."""
    if not (SHARED / "data").is_dir():
        pytest.skip(f"needs the reference data in {SHARED / 'data'}")
    return SHARED


@pytest.fixture
def server():
    """A server on this machine that answers as archives do, with faults where a test asks for them."""
    started = serving.start()
    yield started
    serving.close(started)
