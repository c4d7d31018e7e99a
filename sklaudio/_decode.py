"""Files to samples: what may be opened, how much a file may give, and errors that name it."""

import os
import stat
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import soundfile

READ_AT_ONCE = 2**22  # samples (16 MiB): a header may promise as many, or 32 for each byte, and is taken at its word
PER_BYTE_AT_ONCE = 32  # mp3 and Opus give up to 64, FLAC of music about 2, FLAC of silence thousands
BLOCK = 2**20  # samples (4 MiB) at a time of a file that is not kept
MOST = 2**28  # samples (1 GiB): what any file may give, however small
MOST_PER_UNIT = 100  # for each byte of the file; each sample of it, in resampling
KINDS = {stat.S_IFIFO: "named pipe", stat.S_IFSOCK: "socket", stat.S_IFCHR: "device", stat.S_IFBLK: "device"}


class Decoded(NamedTuple):
    """What came out of a file."""

    y: np.ndarray  # (n_samples,), float32: the mean of all channels
    sr: int  # hertz, of the file
    n_promised: int  # samples that the header says are there from offset on; 2**63 - 1 where it does not say


class _BadHeaderError(Exception):
    """What libsndfile lets pass, and should not."""


class _Stream(soundfile.SoundFile):
    """A file that is read onwards only."""

    def seekable(self):
        """Keep soundfile from seeking after each read, which fails at the end of a FLAC stream of unknown length."""
        return False


def check_is_file(path):
    """Raise an error that names the path unless it is a file with something in it; return its size in bytes."""
    name = os.fsdecode(path) or "''"
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        is_link = f"the link leads to {os.readlink(path)}, which is not there" if os.path.islink(path) else None
        raise FileNotFoundError(
            f"{name}: {is_link or 'there is no such file'}. Check the path (relative to {os.getcwd()})."
        ) from None
    except PermissionError:
        raise _not_permitted(name) from None
    except ValueError as error:  # a null character
        raise ValueError(f"{name!r}: this cannot be the name of a file ({error}). Check the path.") from None
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(
            f"{name}: this is a folder, not an audio file. "
            "Give the files in it; sklaudio.datasets.load_folder lists them."
        )
    if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for its writer, and a device may never end
        kind = KINDS.get(stat.S_IFMT(status.st_mode), "thing of another kind")
        raise ValueError(f"{name}: this is a {kind}, not a file. Copy what comes out of it to a file first.")
    if status.st_size == 0:
        raise ValueError(f"{name}: the file is empty (0 bytes). Take it out of the list, or copy it again.")
    return status.st_size


def decode(path, *, offset=0.0, duration=None, on_block=None):
    """Read a file, or a part of it, as the mean of its channels at its own rate.

    Memory stays within what the file could well hold, whatever its header promises: `READ_AT_ONCE` samples or
    `PER_BYTE_AT_ONCE` for each byte are read in one piece; what goes on is read block by block, up to `MOST` samples
    or `MOST_PER_UNIT` for each byte.

    Parameters
    ----------
    path : str, bytes or path-like
        The file.
    offset, duration : float
        Seconds to skip, and seconds to read at most (None: to the end).
    on_block : callable or None, default=None
        Called with each piece as it was read, of shape (n_samples, n_channels).

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
    with _opened(path, offset) as file:
        return _read_part(file, path, n_bytes, offset, duration, on_block)


def decode_blocks(path):
    """Read a whole file in blocks of at most `BLOCK` samples over all channels, so that memory does not grow.

    Parameters
    ----------
    path : str, bytes or path-like
        The file.

    Yields
    ------
    Decoded
        The next samples, as :func:`decode` gives them together; rate and promised number are those of the file.

    Raises
    ------
    FileNotFoundError, IsADirectoryError, PermissionError, ValueError
        As :func:`sklaudio.load_audio`, when reading comes to what is wrong; no amount of samples is too much.
    """
    path = os.fsdecode(path)
    check_is_file(path)
    n_read = 0
    with _opened(path) as file:
        _skip(file, 0)
        for block in _blocks(file, file.frames, BLOCK // file.channels):
            if len(block):
                n_read += len(block)
                yield Decoded(mix_down(block), file.samplerate, file.frames)
    if not n_read:
        raise ValueError(f"{path}: the file holds no samples. Take it out of the list, or record it again.")


@contextmanager
def _opened(path, offset=0.0):
    """A file whose errors, in opening and while it is read from `offset` on, name it."""
    try:
        with _open(path) as file:
            _check_header(file)
            yield file
    except (soundfile.SoundFileRuntimeError, _BadHeaderError) as error:
        check_is_file(path)  # it may be gone by now
        if not os.access(path, os.R_OK):
            raise _not_permitted(path) from error
        where = f" from offset={offset} s on" if offset else ""
        raise ValueError(
            f"{path}: this is not an audio file that can be decoded{where} ({_reason(error)}). "
            "Take it out of the list, or convert it to wav or flac."
        ) from error


def _open(path):
    if path.lower().endswith(".raw"):  # anything named so is without a header to soundfile; a descriptor has no name
        return _Stream(os.open(path, os.O_RDONLY), closefd=True)
    # soundfile encodes a str strictly, which fails where a name is not UTF-8
    return _Stream(path if os.name == "nt" else os.fsencode(path))


def check_amount(n_samples, n_held, path, *, unit="bytes"):
    """Raise an error that names the file if it would give more samples than memory should be spent on."""
    if n_samples > max(MOST, MOST_PER_UNIT * n_held):
        raise ValueError(
            f"{path}: {n_samples / 1e6:.0f} million samples or more would come out of {n_held} {unit}, as out of no "
            "recording. Take it out of the list; if it is sound, give duration= to read a part of it."
        )


def mix_down(block):
    """Mean of the channels: (n_samples, n_channels) to (n_samples,)."""
    n_channels = block.shape[1]
    if n_channels == 1:
        return block[:, 0]
    with np.errstate(invalid="ignore", over="ignore"):  # infinity is for check_finite to name
        return block @ np.full(n_channels, 1 / n_channels, dtype=np.float32)  # 20 times as fast as mean(axis=1)


def _read_part(file, path, n_bytes, offset, duration, on_block):
    """Samples from `offset` on, `duration` seconds at most."""
    start = int(offset * file.samplerate)
    if start and start >= file.frames:
        raise ValueError(
            f"{path}: offset={offset} s is past the end of the file ({file.frames / file.samplerate:.3f} s). "
            "Use a smaller offset."
        )
    n_promised = file.frames - start
    n_wanted = n_promised if duration is None else int(min(duration * file.samplerate, n_promised))
    if n_wanted == 0 and n_promised:
        raise ValueError(f"duration={duration} s is less than a sample of {path} ({file.samplerate} Hz). Raise it.")
    _skip(file, start)
    n_at_once = max(READ_AT_ONCE, PER_BYTE_AT_ONCE * n_bytes) // file.channels
    parts, n_read = [], 0
    for block in _blocks(file, n_wanted, n_at_once):
        n_read += len(block)
        check_amount(n_read, n_bytes, path)
        if on_block is not None:
            on_block(block)
        parts.append(mix_down(block))
    y = parts[0] if len(parts) == 1 else np.concatenate([np.zeros(0, np.float32), *parts])
    if len(y) == 0:
        raise ValueError(
            f"{path}: nothing can be decoded from offset={offset} s on. Use a smaller offset, or mend it."
            if start
            else f"{path}: the file holds no samples. Take it out of the list, or record it again."
        )
    return Decoded(y, file.samplerate, n_promised)


def _check_header(file):
    """Raise an error at headers that libsndfile 1.2.2 lets pass."""
    if file.format == "RAW":  # it takes anything named .au or .snd for 8-bit samples without a header
        raise _BadHeaderError("it has no header that says rate and channels")
    if file.frames < 0:
        raise _BadHeaderError(f"its header promises {file.frames} samples")


def _skip(file, n_samples):
    """Go to a sample."""
    if n_samples and file.subtype == "VORBIS":
        # Without its codebooks such a file opens, reads as nothing, and crashes the process when it is sought.
        if not len(file.read(1)):
            raise _BadHeaderError("its codebooks are damaged")
        file.seek(0)  # or the next seek lands up to a block away
    if not soundfile.SoundFile.seekable(file):
        for _ in _blocks(file, n_samples, READ_AT_ONCE // file.channels):
            pass
    elif file.seek(n_samples) > file.frames:  # to 0 as well: it lets FLAC find its first frame behind damaged tags
        raise _BadHeaderError("its times are out of order")


def _blocks(file, n_samples, n_at_once):
    """Pieces of at most `n_at_once` samples, until there are `n_samples` of them or the file ends."""
    while n_samples > 0:
        n_asked = min(n_samples, n_at_once)
        block = file.read(n_asked, dtype="float32", always_2d=True)
        yield block
        n_samples = n_samples - len(block) if len(block) == n_asked else 0


def _reason(error):
    """What libsndfile says, in as many words as help."""
    reason = getattr(error, "error_string", str(error)).strip().rstrip(".")
    if "not a regular file" in reason:  # its words for a .mp3 without a frame of MPEG in it, and we know that it is one
        return "there is no MPEG audio in it"
    return reason


def _not_permitted(path):
    return PermissionError(f"{path}: there is no permission to read this file. Change its mode or its owner.")
