"""What all tests share: a quiet TensorFlow on few threads, and which tests run when."""

import gc
import os
import re
import sys
from functools import cache

import pytest
import serving
from places import ROOT, SHARED

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before anything imports TensorFlow
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # tests start Snakemake, which starts Python again and again
os.environ.setdefault("NXF_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")  # Nextflow starts in half the CPU time
if "PYTEST_XDIST_WORKER" in os.environ:  # each worker has one core for its own work
    for library in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    for threads in ("INTRAOP", "INTEROP"):
        os.environ.setdefault(f"TF_NUM_{threads}_THREADS", "1")


def pytest_addoption(parser):
    parser.addoption("--optin", action="store_true", help="run also the tests marked optin (minutes each)")
    parser.addoption(
        "--fast", action="store_true", help="leave out the tests marked tensorflow or slow, and those of the workflow"
    )


def pytest_configure(config):
    for marker in (
        "slow: takes more than some seconds",
        "tensorflow: imports TensorFlow",
        "optin: takes minutes; runs only with --optin",
    ):
        config.addinivalue_line("markers", marker)


def pytest_ignore_collect(collection_path, config):
    """With --fast, leave alone what takes seconds to import."""
    if not config.getoption("--fast") or collection_path.suffix != ".py":
        return None
    if collection_path.is_relative_to(ROOT / "tests" / "workflow"):
        return True
    return True if re.search(r"^pytestmark = .*\btensorflow\b", collection_path.read_text(), re.M) else None


def pytest_collection_modifyitems(config, items):
    if config.getoption("--fast"):
        left_out = [item for item in items if {"tensorflow", "slow", "optin"} & set(item.keywords)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
        if "tensorflow" in sys.modules:
            raise pytest.UsageError(
                "a module of tests imports TensorFlow and has no pytestmark = pytest.mark.tensorflow"
            )
    for item in items:
        if "optin" in item.keywords and not config.getoption("--optin"):
            item.add_marker(pytest.mark.skip(reason="takes minutes: runs with --optin (make test ARGS=--optin)"))
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=duration)  # what takes longest begins first, so that workers end together


def pytest_collection_finish(session):
    """What is imported stays until the end: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()


def uses_finished(item):
    return "finished" in getattr(item, "fixturenames", ())


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Tests of a file run in one worker, and so do those of all files that use the finished study, which is built once.

    xdist's own groups (``--dist loadgroup``) have no effect with pytest 9.2.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return group(nodeid.split("::")[0])

    return ByFile(config, log)


@cache
def group(file):
    """Name of the group of tests that a file belongs to: its path, or that of the finished study."""
    uses_it = re.search(r"^ *def \w+\([^)]*\bfinished\b", (ROOT / file).read_text(), re.M)
    return "finished" if uses_it else file


def duration(item):
    """Rank of a test: the finished study and what is made of it, other runs of the workflow, TensorFlow, the rest."""
    if uses_finished(item):
        return 0
    if item.path.parent.name == "workflow":
        return 1
    return 2 if "tensorflow" in item.keywords else 3


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
