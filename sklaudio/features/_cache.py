"""The per-clip cache: frames kept on disk by what the clip holds and how its frames are made."""

import hashlib
import os
import time
from functools import lru_cache
from pathlib import Path

import joblib
import numpy as np
from filelock import FileLock

from .._decode import check_is_file
from .._version import __version__

SETTLED = 5.0  # seconds


def cached_extraction(memory, settings, extract):
    """Wrap `extract(clip)` so that each clip is computed once for each setting, by any number of processes.

    Parameters
    ----------
    memory : None, str, path-like or joblib.Memory
        Where to keep the frames; None keeps nothing.
    settings : str
        Everything but the clip that decides the frames.
    extract : callable
        A clip (path or waveform) in, frames out.

    Returns
    -------
    callable
        The same, with a cache before it.
    """
    if isinstance(memory, (str, os.PathLike)):
        memory = joblib.Memory(os.fspath(memory), verbose=0, mmap_mode="r")
    if memory is None or memory.store_backend is None:
        return extract
    cached = memory.cache(_compute, ignore=["extract", "clip"], verbose=0)
    locks = Path(memory.store_backend.location) / "sklaudio-locks"
    locks.mkdir(parents=True, exist_ok=True)

    def look_up(clip):
        key = (identity(clip), f"{__version__} {settings}")
        if not cached.check_call_in_cache(*key, extract, clip):
            # Two folds of a grid search ask for the same clips at the same time: the second waits for the first.
            with FileLock(locks / key[0][:2]):
                return cached(*key, extract, clip)
        return cached(*key, extract, clip)

    return look_up


def _compute(identity, settings, extract, clip):
    return extract(clip)


def identity(clip):
    """Hash of the bytes of a file, or of the samples of a waveform: a renamed file is the same clip."""
    if isinstance(clip, np.ndarray):
        return hashlib.blake2b(np.ascontiguousarray(clip), digest_size=20).hexdigest()
    check_is_file(clip)
    status = os.stat(clip)
    # A file may change twice within one tick of the clock, so that only an older one is known by its time.
    is_settled = time.time() - status.st_mtime > SETTLED
    hash_of = _hash_of_settled if is_settled else _hash_of
    return hash_of(os.path.abspath(clip), status.st_ino, status.st_size, status.st_mtime_ns)


def _hash_of(path, *_):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=20)).hexdigest()


_hash_of_settled = lru_cache(maxsize=2**16)(_hash_of)
