"""Freed memory is used again while a net trains or features are extracted, and not given back to the system meanwhile.

glibc returns freed blocks at the top of the heap at once and asks for them anew for the next batch; the system then
clears every page again. That is half of the time of a small net on a CPU. Other C libraries are left as they are.
"""

import ctypes
import threading
from contextlib import contextmanager
from functools import cache

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h
MMAP_BYTES = 2**25  # blocks up to here come from the heap: the most that glibc takes
WITHIN, OTHERWISE = 2**29, 2**26  # free bytes at the top of the heap; the latter is as far as glibc goes by itself

_lock = threading.Lock()
_n_inside = 0


@cache
def _glibc():
    """Return the C library if it is glibc, else None."""
    try:
        library = ctypes.CDLL(None)
        library.gnu_get_libc_version  # noqa: B018  only glibc has it
    except (OSError, AttributeError, TypeError):
        return None
    return library


@contextmanager
def reused_memory():
    """Keep freed memory within; give it back at the end. It may be entered by several threads and inside itself."""
    global _n_inside
    library = _glibc()
    if library is None:
        yield
        return
    with _lock:
        _n_inside += 1
        library.mallopt(M_MMAP_THRESHOLD, MMAP_BYTES)
        library.mallopt(M_TRIM_THRESHOLD, WITHIN)
    try:
        yield
    finally:
        with _lock:
            _n_inside -= 1
            if _n_inside == 0:
                library.mallopt(M_TRIM_THRESHOLD, OTHERWISE)
                library.malloc_trim(0)
