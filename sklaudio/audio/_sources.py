"""Whatever a clip comes from to samples at its native rate: files, spans of them, bytes, waveforms with a rate."""

import os
import tempfile
from contextlib import contextmanager
from math import ceil

from .._utils.terminal import abbreviated
from ._clip import NANOSECONDS, Clip, ClipName
from ._decode import BLOCK, Decoded, check_is_file, decode, decode_blocks
from ._errors import ClipValueError, UnreadableClipError
from ._in_memory import EncodedSound, MadeSound, SampledSound

MAX_MISSING = 0.1  # seconds that the end of a span may be past the end of its file, as rounded times are


def read(clip, *, offset=0.0, duration=None, on_block=None):
    """Read what :func:`as_source` made of a clip, or a part of it, as the mean of its channels at its native rate.

    Parameters
    ----------
    clip : str, Clip, EncodedSound, SampledSound or MadeSound
        What to read.
    offset, duration : float
        Seconds to skip, and seconds to read at most (None: to the end), both within the clip.
    on_block : callable or None, default=None
        As in :func:`~._decode.decode`.

    Returns
    -------
    Decoded
        As :func:`~._decode.decode` returns it.
    """
    with errors_name(clip):
        if isinstance(clip, Clip):
            return _read_span(clip, offset, duration, on_block)
        if isinstance(clip, EncodedSound):
            return _read_bytes(clip, offset, duration, on_block)
        if isinstance(clip, SampledSound):
            return _read_samples(clip, offset, duration, on_block)
        if isinstance(clip, MadeSound):
            return _read_samples(SampledSound(clip.make(), clip.sr, clip.path), offset, duration, on_block)
        return decode(clip, offset=offset, duration=duration, on_block=on_block)


def read_blocks(clip):
    """Read what :func:`as_source` made of a clip in blocks, so that memory does not grow.

    Parameters
    ----------
    clip : str, Clip, EncodedSound or SampledSound
        What to read.

    Yields
    ------
    Decoded
        As :func:`~._decode.decode_blocks` yields it.
    """
    with errors_name(clip):
        if isinstance(clip, SampledSound):
            yield from (Decoded(clip.y[at : at + BLOCK], clip.sr, len(clip.y)) for at in range(0, len(clip.y), BLOCK))
            return
        if isinstance(clip, EncodedSound):
            with _as_file(clip) as path:
                yield from decode_blocks(path)
            return
        if not isinstance(clip, Clip):
            yield from decode_blocks(clip)
            return
        start, n_read = clip.start or 0.0, 0
        for y, sr, n_promised, rest in decode_blocks(clip.path, offset=start, duration=clip.duration, asked="start"):
            n_read += len(y)
            yield Decoded(y, sr, n_promised if clip.end is None else min(n_promised, ceil(clip.duration * sr)), rest)
        _check_end(clip, start, clip.duration, n_read, sr)


def check_is_there(clip):
    """Raise an error that names the clip if it is of a file that is not there, or no file."""
    if isinstance(clip, (str, Clip)):
        with errors_name(clip):
            check_is_file(path_of(clip))


def path_of(clip):
    """Return the path of the file that a clip is of, or the name that came with it; None without one."""
    return clip if isinstance(clip, str) else getattr(clip, "path", None)


def name_of(clip, otherwise):
    """Return what a clip is called: its path, with the span where it has one, or else what is given."""
    if isinstance(clip, Clip):
        return ClipName(clip)
    return str(clip) if isinstance(clip, str) else path_of(clip) or otherwise


@contextmanager
def errors_name(clip):
    """Let errors in reading name the clip, where it is not simply the file that is read."""
    try:
        yield
    except UnreadableClipError as error:
        if not isinstance(clip, str):
            error.path = path_of(clip)
            error._name = abbreviated(str(clip)) if isinstance(clip, Clip) else None
        raise


def _read_span(clip, offset, duration, on_block):
    if clip.duration is not None:
        left = round(clip.duration - offset, NANOSECONDS)
        if left <= 0:
            reason = f"offset={offset} s is past the end of the span ({clip.duration} s). Use a smaller offset."
            raise ClipValueError(reason)
        duration = left if duration is None else min(duration, left)
    start = round((clip.start or 0.0) + offset, NANOSECONDS)
    asked = "start" if not offset else "offset" if not clip.start else "start + offset"
    y, sr, n_promised, rest = decode(clip.path, offset=start, duration=duration, on_block=on_block, asked=asked)
    if clip.end is None or duration is None:
        return Decoded(y, sr, n_promised, rest)
    _check_end(clip, start, duration, len(y), sr)
    return Decoded(y, sr, min(n_promised, ceil(duration * sr)), rest)


def _check_end(clip, start, duration, n_samples, sr):
    """Raise an error if what was read from `start` on ends before the span does."""
    if clip.end is not None and n_samples < (duration - MAX_MISSING) * sr:
        raise ClipValueError(
            f"end={clip.end} s is past the end of the file ({int(start * sr) / sr + n_samples / sr:.3f} s). Use a "
            "smaller end, or None for the end of the file."
        )


def _read_bytes(clip, offset, duration, on_block):
    with _as_file(clip) as path:
        return decode(path, offset=offset, duration=duration, on_block=on_block)


@contextmanager
def _as_file(clip):
    """Put bytes into a file for the time of reading: what is true of files is true of bytes then."""
    if not clip.data:
        raise ClipValueError("there are no bytes in it. Take it out of the list.")
    descriptor, path = tempfile.mkstemp(prefix="sklaudio-")
    try:
        with open(descriptor, "wb") as file:
            file.write(clip.data)
        yield path
    finally:
        os.unlink(path)


def _read_samples(clip, offset, duration, on_block):
    start = int(offset * clip.sr)
    if start >= len(clip.y):
        n_seconds = len(clip.y) / clip.sr
        reason = f"offset={offset} s is past the end of the clip ({n_seconds:.3f} s). Use a smaller offset."
        raise ClipValueError(reason)
    n_wanted = len(clip.y) - start if duration is None else int(duration * clip.sr)
    if n_wanted == 0:
        raise ClipValueError(f"duration={duration} s is less than a sample ({clip.sr} Hz). Raise it.")
    y = clip.y[start : start + n_wanted]
    if on_block is not None:
        on_block(y[:, None])
    return Decoded(y, clip.sr, len(y))
