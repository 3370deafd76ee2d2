"""What a job says on the terminal, also where its log cannot be written."""

import errno
import os
import subprocess
import sys

import pytest
from places import ROOT

from akitaflow.logs import is_disk_full

FULL = "/dev/full"  # every write fails as on a full disk


def job(log, body):
    """Run the body of a job whose output goes to a log."""
    code = "\n".join(["from akitaflow.logs import logged, warn", f"with logged({str(log)!r}):", f"    {body}"])
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)


needs_full = pytest.mark.skipif(not os.path.exists(FULL), reason=f"needs {FULL}, which Linux has")
INPUT_ERROR = "from akitaflow.errors import InputError; raise InputError('a.tsv, row 3: wrong')"
OUT_OF_SPACE = "open('/dev/full', 'w', buffering=1).write('x\\n')"


@pytest.mark.parametrize("log", [pytest.param(FULL, marks=needs_full), "job.log"])
def test_an_error_of_the_input_is_said_on_the_terminal(tmp_path, log):
    done = job(tmp_path / log, INPUT_ERROR)
    assert done.returncode == 1 and "error: a.tsv, row 3: wrong" in done.stderr
    assert "Traceback" not in done.stderr


@needs_full
@pytest.mark.parametrize("log", [FULL, "job.log"])
def test_a_full_disk_is_said_on_the_terminal(tmp_path, log):
    done = job(tmp_path / log, OUT_OF_SPACE)
    assert done.returncode in (1, 120)  # 120: Python could not write what was left for the log as it ended
    assert "No space left on device: free some space and run again; complete files are kept" in done.stderr


@needs_full
def test_a_warning_reaches_the_terminal_though_its_log_is_full():
    assert "warning: the map is empty" in job(FULL, "warn('the map is empty')").stderr


def test_a_full_disk_is_recognised():
    full = OSError(errno.ENOSPC, "No space left on device")
    wrapped = RuntimeError("cannot write")
    wrapped.__cause__ = full
    in_words = OSError("Can't write data (file write failed: errno = 28, error message = 'No space left on device')")
    assert all(map(is_disk_full, (full, wrapped, in_words, OSError(errno.EDQUOT, "x"))))
    assert not any(map(is_disk_full, (OSError(errno.ENOENT, "no such file"), ValueError("space"))))
