"""Logs and progress of a job: everything it prints goes to its log, what a user can mend also to the terminal."""

import os
import sys
import time
from contextlib import contextmanager

from tqdm.auto import tqdm

from akitaflow.errors import InputError

PLAIN_INTERVAL = 15.0  # seconds between progress lines where there is no terminal


@contextmanager
def logged(path):
    """Send file descriptors 1 and 2 to a log file, so that C++ libraries' lines are caught too.

    An :class:`~akitaflow.errors.InputError` is written to the log and to the real standard error as one
    message and ends the process with status 1; any other error keeps its traceback in the log.

    Parameters
    ----------
    path : str
        The log file of the job; its folder is made.
    """
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    terminal = os.dup(2)
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(target, 1)
    os.dup2(target, 2)
    os.close(target)
    try:
        yield
    except InputError as error:
        message = f"error: {error}\n"
        sys.stderr.write(message)
        sys.stderr.flush()
        os.write(terminal, message.encode())
        os._exit(1)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def progress(items, description, unit="it", total=None):
    """Iterate with progress, rate and ETA: a bar on a terminal, else a plain line every 15 seconds and at the end."""
    if sys.stderr.isatty() and os.isatty(2):
        yield from tqdm(items, desc=description, unit=unit, total=total)
        return
    if total is None and hasattr(items, "__len__"):
        total = len(items)
    start = last = time.monotonic()
    done = 0
    for item in items:
        yield item
        done += 1
        now = time.monotonic()
        if now - last >= PLAIN_INTERVAL or done == total:
            last = now
            line = tqdm.format_meter(done, total, now - start, ncols=0, prefix=description, unit=unit)
            print(line, file=sys.stderr, flush=True)
