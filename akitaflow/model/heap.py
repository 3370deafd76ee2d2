"""Memory that TensorFlow frees stays with the process, so that it is not fetched from the system again.

The intermediate maps of the published network take 50 MB each. By default the C library returns such blocks to the
system, and the system clears every page of the next one: that takes longer than adding two maps.
"""

import ctypes
import sys

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h
HALF = 2**30  # bytes below which a block comes from the heap


def keep_heap():
    """Keep freed memory for later use, on Linux with glibc; elsewhere nothing is done.

    Returns
    -------
    bool
        Whether it could be set.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    return bool(mallopt(MMAP_THRESHOLD, HALF)) and bool(mallopt(TRIM_THRESHOLD, 2**31 - 1))
