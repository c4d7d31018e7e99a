"""The per-clip cache: frames kept on disk by what the clip holds and how its frames are made."""

import hashlib
import os
import time
from contextlib import nullcontext
from functools import lru_cache
from pathlib import Path

import joblib
import numpy as np
from filelock import FileLock

from .._utils.version import __version__
from ..audio._clip import Clip
from ..audio._decode import check_is_file
from ..audio._errors import unreadable
from ..audio._in_memory import EncodedSound, MadeSound, SampledSound
from ..audio._sources import check_is_there, errors_name

SETTLED = 5.0  # seconds
MAX_KNOWN = 2**16  # spans whose content is remembered
FRAMES_VERSION = 2  # raise it with every change of what clips decode to, or of the frames of any feature


def cached_extraction(memory, settings, extract, read):
    """Wrap `extract(clip)` so that each clip is computed once for each setting, by any number of processes.

    Parameters
    ----------
    memory : None, str, path-like or joblib.Memory
        Where to keep the frames; None keeps nothing.
    settings : str
        What is known of everything but the clip that decides the frames, see :func:`~._content.content_key`.
    extract : callable
        A clip in, frames out: a path, a waveform, or another source of :mod:`sklaudio.audio`, also as `read` made it.
    read : callable
        A span or a waveform with a rate in, what is used of it out, as Decoded: its content decides the frames.

    Returns
    -------
    callable
        The same, with a cache before it.
    """
    if isinstance(memory, (str, os.PathLike)):
        memory = joblib.Memory(os.fspath(memory), verbose=0)
    if memory is None or memory.store_backend is None:
        return extract
    cached = memory.cache(_compute, ignore=["extract", "clip"], verbose=0)
    locks = Path(memory.store_backend.location) / "sklaudio-locks"
    locks.mkdir(parents=True, exist_ok=True)

    def look_up(clip):
        kind, content, source = _content_of(clip, settings, read)
        key = (content, f"{__version__}.{FRAMES_VERSION} {kind} {settings}")
        is_there = cached.check_call_in_cache(*key, extract, source)
        # Two folds of a grid search ask for the same clips at the same time: the second waits for the first.
        with nullcontext() if is_there else FileLock(locks / key[0][:2]), errors_name(clip):
            frames = cached(*key, extract, source)
        # A map of a file, from a Memory with mmap_mode, holds a descriptor as long as it lives.
        return np.array(frames) if isinstance(frames, np.memmap) else frames

    return look_up


def _compute(identity, settings, extract, clip):
    return extract(clip)


def _content_of(clip, settings, read):
    """Return kind and hash of the content of a clip, and the clip, as Decoded if it had to be read for that."""
    if isinstance(clip, EncodedSound):
        return "file", hashlib.blake2b(clip.data, digest_size=20).hexdigest(), clip
    if isinstance(clip, MadeSound) and clip.key is not None:
        return "made samples", clip.key, clip
    if not isinstance(clip, (Clip, SampledSound, MadeSound)):
        return "samples" if isinstance(clip, np.ndarray) else "file", identity(clip), clip
    key = _key_of_span(clip, settings)
    known = _known_parts.get(key)
    if known is not None:
        return *known, clip
    decoded = read(clip)
    content = f"samples at {decoded.sr} Hz", identity(decoded.y)
    if key is not None:
        if len(_known_parts) >= MAX_KNOWN:
            _known_parts.clear()
        _known_parts[key] = content
    return *content, decoded


def _key_of_span(clip, settings):
    """Return a key of a part of a file without reading it; None while that is not safe, and for what is no file."""
    if not isinstance(clip, Clip):
        return None
    check_is_there(clip)
    file, is_settled = _stamp(clip.path)
    return (file, clip.start, clip.end, settings) if is_settled else None


def identity(clip):
    """Hash the bytes of a file, or the samples of a waveform: a renamed file is the same clip."""
    if isinstance(clip, np.ndarray):
        return hashlib.blake2b(np.ascontiguousarray(clip), digest_size=20).hexdigest()
    check_is_file(clip)
    file, is_settled = _stamp(clip)
    return (_hash_of_settled if is_settled else _hash_of)(*file)


def _stamp(path):
    """Return what changes with a file, and whether its time says so."""
    status = os.stat(path)
    # A file may change twice within one tick of the clock, so that only an older one is known by its time. Its time of
    # modification can be set back, as copies with their times do; that of its status cannot.
    is_settled = time.time() - max(status.st_mtime, status.st_ctime) > SETTLED
    times = status.st_mtime_ns, status.st_ctime_ns
    return (os.path.abspath(path), status.st_dev, status.st_ino, status.st_size, *times), is_settled


def _hash_of(path, *_):
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=20)).hexdigest()
    except OSError as error:
        raise unreadable(error, path) from error


_hash_of_settled = lru_cache(maxsize=2**16)(_hash_of)
_known_parts = {}
