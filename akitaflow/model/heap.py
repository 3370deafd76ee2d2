"""Keep freed memory in the process instead of returning it to the operating system.

The intermediate maps of the published network take 50 MB each. By default the C library returns such blocks to the
system, which clears every page of the next block; that takes longer than adding two maps.
"""

import ctypes
import sys

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h
HEAP_BLOCK = 2**30  # bytes; smaller blocks are taken from the heap


def keep_heap():
    """Keep freed memory for later use, on Linux with glibc; does nothing on other systems.

    Returns
    -------
    bool
        Whether the C library accepted the setting.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    return bool(mallopt(MMAP_THRESHOLD, HEAP_BLOCK)) and bool(mallopt(TRIM_THRESHOLD, 2**31 - 1))
