"""SHA-256 of files."""

import hashlib
import os
from functools import lru_cache


def sha256_of(path):
    """Compute SHA-256 of a file, once for each state of it."""
    status = os.stat(path)
    return _sha256_of(os.path.abspath(path), status.st_ino, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=1024)
def _sha256_of(path, *_):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
