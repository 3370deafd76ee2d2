"""Log files and progress lines of jobs.

Everything that a job prints goes to its log file. Errors that the user can fix are printed on the terminal as well.
"""

import errno
import os
import sys
import time
from contextlib import contextmanager, suppress

from tqdm.auto import tqdm

from akitaflow.errors import InputError

DISK_FULL = "free some space and run again; complete files are kept"
_terminal = None  # the standard error of the process while it goes to a log
PLAIN_INTERVAL = 15.0  # seconds between progress lines where there is no terminal


@contextmanager
def logged(path):
    """Redirect file descriptors 1 and 2 to a log file, so that it also has the output of C++ libraries.

    An :class:`~akitaflow.errors.InputError` is written to the log and to the real standard error as one
    message and ends the process with status 1; any other error keeps its traceback in the log. That a disk is full is
    said on the real standard error, because the log may be on that disk.

    Parameters
    ----------
    path : str
        Log file of the job. Its folder is created.
    """
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    global _terminal
    terminal = _terminal = os.dup(2)
    log_file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(log_file, 1)
    os.dup2(log_file, 2)
    os.close(log_file)
    try:
        yield
    except InputError as error:
        message = f"error: {error}\n"
        os.write(terminal, message.encode())
        with suppress(OSError):  # the disk of the log may be full
            sys.stderr.write(message)
            sys.stderr.flush()
        os._exit(1)
    except BaseException as error:
        if is_disk_full(error):
            os.write(terminal, f"error: {error}: {DISK_FULL}\n".encode())
        raise
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except OSError as error:
            os.write(terminal, f"warning: the log {path} cannot be written ({error.strerror})\n".encode())


def is_disk_full(error):
    """Whether an error, or one that led to it, says that a disk or a quota is full.

    Parameters
    ----------
    error : BaseException
        Libraries as HDF5 have the words of the system in the message of an error of their own.

    Returns
    -------
    bool
    """
    while error is not None:
        if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
            return True
        if any(os.strerror(number) in str(error) for number in (errno.ENOSPC, errno.EDQUOT)):
            return True
        error = error.__cause__ or error.__context__
    return False


def warn(message):
    """Write a warning to the log and, inside :func:`logged`, to the terminal as well.

    Parameters
    ----------
    message : str
        One sentence that names the dataset or the file.
    """
    line = f"warning: {message}\n"
    with suppress(OSError):  # the disk of the log may be full
        sys.stderr.write(line)
        sys.stderr.flush()
    if _terminal is not None:
        os.write(_terminal, line.encode())


def progress(items, description, unit="it", total=None):
    """Iterate over items and report progress, rate and remaining time on standard error.

    On a terminal this is a progress bar, otherwise a line every 15 seconds and at the end.

    Parameters
    ----------
    items : iterable
    description : str
        Text before the numbers.
    unit : str
        Name of one item.
    total : int, optional
        Number of items; ``len(items)`` where items have a length.

    Yields
    ------
    object
        Each item.
    """
    if sys.stderr.isatty() and os.isatty(2):
        yield from tqdm(items, desc=description, unit=unit, total=total)
        return
    if total is None and hasattr(items, "__len__"):
        total = len(items)
    start = last_report = time.monotonic()
    count = 0
    for item in items:
        yield item
        count += 1
        now = time.monotonic()
        if now - last_report >= PLAIN_INTERVAL or count == total:
            last_report = now
            line = tqdm.format_meter(count, total, now - start, ncols=0, prefix=description, unit=unit)
            print(line, file=sys.stderr, flush=True)
