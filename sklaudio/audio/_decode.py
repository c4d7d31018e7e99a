"""Files to samples: what may be opened, how much a file may give, and errors that name it."""

import os
import stat
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import soundfile

from .._utils.terminal import abbreviated, shortened
from ._errors import (
    ClipIsFolderError,
    ClipNotFoundError,
    ClipOSError,
    ClipValueError,
    UnreadableClipError,
    not_permitted,
    unreadable,
)
from ._opening import UNKNOWN, BadHeaderError, blocks, open_sound
from ._other_decoders import OtherDecoderError

READ_AT_ONCE = 2**22  # samples (16 MiB): a header may promise as many, or 32 for each byte, and is taken at its word
PER_BYTE_AT_ONCE = 32  # mp3 and Opus give up to 64, FLAC of music about 2, FLAC of silence thousands
BLOCK = 2**20  # samples (4 MiB) at a time of a file that is not kept
MAX_SAMPLES = 2**28  # samples (1 GiB): what any file may give, however small
MAX_PER_UNIT = 100  # for each byte of the file; each sample of it, in resampling
KINDS = {stat.S_IFIFO: "named pipe", stat.S_IFSOCK: "socket", stat.S_IFCHR: "device", stat.S_IFBLK: "device"}


class Decoded(NamedTuple):
    """What came out of a file."""

    y: np.ndarray  # (n_samples,), float32: the mean of all channels
    sr: int  # hertz, of the file
    n_promised: int  # samples that the header says are there from offset on; `UNKNOWN` or more where it does not say
    rest: str | None = None  # why more sound that is in the file is not read


def check_is_file(path):
    """Raise an error that names the path unless it is a file with something in it; return its size in bytes."""
    path = os.fsdecode(path)
    name = path or "''"
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        is_link = f"the link leads to {os.readlink(path)}, which is not there" if os.path.islink(path) else None
        reason = f"{is_link or 'there is no such file'}. Check the path (relative to {os.getcwd()})."
        raise ClipNotFoundError(reason, path=path, name=abbreviated(name)) from None
    except PermissionError:
        raise not_permitted(name) from None
    except ValueError as error:  # a null character
        reason = f"this cannot be the name of a file ({error}). Check the path."
        raise ClipValueError(reason, path=path, name=shortened(name)) from None
    except OSError as error:  # longer than names are, such as the content of a file
        reason = f"this cannot be the name of a file ({error.strerror}). Check the path."
        raise ClipOSError(reason, path=path, name=abbreviated(name)) from None
    if stat.S_ISDIR(status.st_mode):
        reason = "this is a folder, not an audio file. Give the files in it; sklaudio.datasets.load_folder lists them."
        raise ClipIsFolderError(reason, path=path)
    if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for its writer, and a device may never end
        kind = KINDS.get(stat.S_IFMT(status.st_mode), "thing of another kind")
        raise ClipValueError(f"this is a {kind}, not a file. Copy what comes out of it to a file first.", path=path)
    if status.st_size == 0:
        raise ClipValueError("the file is empty (0 bytes). Take it out of the list, or copy it again.", path=path)
    return status.st_size


def decode(path, *, offset=0.0, duration=None, on_block=None, asked="offset"):
    """Read a file, or a part of it, as the mean of its channels at its native rate.

    Memory stays within what the file could well hold, whatever its header promises: `READ_AT_ONCE` samples or
    `PER_BYTE_AT_ONCE` for each byte are read in one piece; what goes on is read block by block, up to `MAX_SAMPLES`
    samples or `MAX_PER_UNIT` for each byte.

    Parameters
    ----------
    path : str, bytes or path-like
        The file.
    offset, duration : float
        Seconds to skip, and seconds to read at most (None: to the end).
    on_block : callable or None, default=None
        Called with each piece as it was read, of shape (n_samples, n_channels).
    asked : str, default="offset"
        What errors call the offset.

    Returns
    -------
    Decoded
        Samples, rate and the promised number of samples, which may be more.

    Raises
    ------
    FileNotFoundError, IsADirectoryError, PermissionError, ValueError
        As :func:`sklaudio.load_audio`.
    """
    path = os.fsdecode(path)
    n_bytes = check_is_file(path)
    until = None if duration is None else offset + duration
    with _opened(path, n_bytes, offset, until, asked) as file:
        return _read_part(file, path, n_bytes, offset, duration, on_block, asked)


def decode_blocks(path, *, offset=0.0, duration=None, asked="offset"):
    """Read a file, or a part of it, in blocks of at most `BLOCK` samples over all channels: memory does not grow.

    Parameters
    ----------
    path : str, bytes or path-like
        The file.
    offset, duration, asked
        As in :func:`decode`.

    Yields
    ------
    Decoded
        The next samples, as :func:`decode` gives them together; rate and promised number are those of all.

    Raises
    ------
    FileNotFoundError, IsADirectoryError, PermissionError, ValueError
        As :func:`sklaudio.load_audio`, when reading comes to what is wrong; no amount of samples is too much.
    """
    path = os.fsdecode(path)
    n_bytes = check_is_file(path)
    until = None if duration is None else offset + duration
    n_read = 0
    with _opened(path, n_bytes, offset, until, asked) as file:
        start, n_wanted = _skip_to(file, path, offset, duration, asked)
        for block in blocks(file, n_wanted, BLOCK // file.channels):
            if len(block):
                n_read += len(block)
                rest = file.rest if _is_more_wanted(n_read, duration, file) else None
                yield Decoded(mix_down(block), file.samplerate, _less(file.promised, start), rest)
    if not n_read:
        raise _no_samples(path, offset, start, asked)


@contextmanager
def _opened(path, n_bytes, offset=0.0, until=None, asked="offset"):
    """Open a file whose errors, in opening and while it is read from `offset` on, name it."""
    try:
        with open_sound(path, n_bytes, until) as file:
            yield file
    except UnreadableClipError:  # or it would name itself as its cause
        raise
    except (soundfile.SoundFileRuntimeError, BadHeaderError, OtherDecoderError) as error:
        check_is_file(path)  # it may be gone by now
        if not os.access(path, os.R_OK):
            raise not_permitted(path) from error
        where = f" from {asked}={offset} s on" if offset else ""
        raise ClipValueError(
            f"this is not an audio file that can be decoded{where} ({_reason(error)}). "
            "Take it out of the list, or convert it to wav or flac.",
            path=path,
        ) from error
    except (OSError, ValueError) as error:  # of the file system, and of a decoder that knows no better
        raise unreadable(error, path) from error


def check_amount(n_samples, n_held, path, *, unit="bytes"):
    """Raise an error that names the file if it would give more samples than memory should be spent on."""
    if n_samples > max(MAX_SAMPLES, MAX_PER_UNIT * n_held):
        raise ClipValueError(
            f"{n_samples / 1e6:.0f} million samples or more would come out of {n_held} {unit}, as out of no "
            "recording. Take it out of the list; if it is sound, give duration= to read a part of it.",
            path=path,
        )


def mix_down(block):
    """Average the channels: (n_samples, n_channels) to (n_samples,)."""
    n_channels = block.shape[1]
    if n_channels == 1:
        return block[:, 0]
    with np.errstate(invalid="ignore", over="ignore"):  # infinity is for check_finite to name
        return block @ np.full(n_channels, 1 / n_channels, dtype=np.float32)  # 20 times as fast as mean(axis=1)


def _read_part(file, path, n_bytes, offset, duration, on_block, asked):
    """Read samples from `offset` on, `duration` seconds at most."""
    start, n_wanted = _skip_to(file, path, offset, duration, asked)
    n_at_once = max(READ_AT_ONCE, PER_BYTE_AT_ONCE * n_bytes) // file.channels
    parts, n_read = [], 0
    for block in blocks(file, n_wanted, n_at_once):
        n_read += len(block)
        check_amount(n_read, n_bytes, path)
        if on_block is not None:
            on_block(block)
        parts.append(mix_down(block))
    y = parts[0] if len(parts) == 1 else np.concatenate([np.zeros(0, np.float32), *parts])
    if len(y) == 0:
        raise _no_samples(path, offset, start, asked)
    rest = file.rest if _is_more_wanted(len(y), duration, file) else None
    return Decoded(y, file.samplerate, _less(file.promised, start), rest)


def _skip_to(file, path, offset, duration, asked):
    """Go to the first sample of a part: its index, and how many there are to read."""
    start = int(offset * file.samplerate)
    if start and start >= file.frames:
        n_seconds = file.frames / file.samplerate
        reason = f"{asked}={offset} s is past the end of the file ({n_seconds:.3f} s). Use a smaller {asked}."
        raise ClipValueError(reason, path=path)
    n_there = file.frames - start
    n_wanted = n_there if duration is None else int(min(duration * file.samplerate, n_there))
    if n_wanted == 0 and n_there:
        reason = f"duration={duration} s is less than a sample ({file.samplerate} Hz). Raise it."
        raise ClipValueError(reason, path=path)
    file.skip(start)
    return start, n_wanted


def _less(promised, start):
    """Return the promised samples behind `start`; an unknown number stays unknown."""
    return promised if promised >= UNKNOWN else promised - start


def _is_more_wanted(n_read, duration, file):
    return duration is None or n_read < int(duration * file.samplerate)


def _no_samples(path, offset, start, asked):
    if start:
        reason = f"nothing can be decoded from {asked}={offset} s on. Use a smaller {asked}, or mend it."
    else:
        reason = "the file holds no samples. Take it out of the list, or record it again."
    return ClipValueError(reason, path=path)


def _reason(error):
    """Say in as many words as help what libsndfile found wrong."""
    reason = getattr(error, "error_string", str(error)).strip().rstrip(".")
    if "not a regular file" in reason:  # its words for a .mp3 without a frame of MPEG in it, and we know that it is one
        return "there is no MPEG audio in it"
    return reason
