"""Open a file of sound by libsndfile, so that it is read to the end of what is there."""

import os
from functools import lru_cache

import numpy as np
import soundfile

from ._other_decoders import open_other
from ._parts import PartFile, find_more_mp3, find_parts

READ_AT_ONCE = 2**20  # samples that are read and thrown away at a time
UNKNOWN = 2**62  # samples: of a file whose length is not known


class BadHeaderError(Exception):
    """What libsndfile lets pass, and should not."""


class Stream(soundfile.SoundFile):
    """A file that is read onwards only."""

    rest = None  # why what follows is not read
    part_file = None  # what it reads from, if that is not the file itself
    _is_closing = False

    @property
    def promised(self):
        """Samples that the header says are there."""
        return self.frames

    def close(self):
        """Close the file, once."""
        if self._is_closing:  # interrupted in soundfile's close, a second one would free the same memory again
            return
        self._is_closing = True
        super().close()
        if self.part_file is not None:
            self.part_file.close()

    def seekable(self):
        """Keep soundfile from seeking after each read, which fails at the end of a FLAC stream of unknown length."""
        return False

    def skip(self, n_samples):
        """Go to a sample."""
        if n_samples and self.subtype == "VORBIS":
            # Without its codebooks such a file opens, reads as nothing, and crashes the process when it is sought.
            if not len(self.read(1)):
                raise BadHeaderError("its codebooks are damaged")
            self.seek(0)  # or the next seek lands up to a block away
        if not soundfile.SoundFile.seekable(self):
            read_away(self, n_samples)
        elif self.seek(n_samples) > self.frames:  # to 0 as well: it lets FLAC find its first frame behind damaged tags
            raise BadHeaderError("its times are out of order")


class JoinedStream:
    """The parts of a file one after the other, read onwards only, with the channels of the first.

    Parameters
    ----------
    path : str
        The file.
    parts : list of Part
        Its parts. Reading ends at one that has another rate or cannot be opened; `rest` says so.
    """

    def __init__(self, path, parts):
        self.path, self.parts, self.rest = path, list(parts), None
        self.file = _open_part(path, self.parts[0])
        self.format, self.subtype = self.file.format, self.file.subtype
        self.samplerate, self.channels = self.file.samplerate, self.file.channels
        self.lengths = [self._length(self.file)]
        for index, part in enumerate(self.parts[1:], 1):
            self.rest = self._reason_against(part)
            if self.rest:
                del self.parts[index:]
                break
        self.frames = self.promised = min(UNKNOWN, sum(self.lengths))
        self.index, self.is_sought = 0, False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Close the file."""
        self.file.close()

    def skip(self, n_samples):
        """Go to a sample."""
        while n_samples >= self.lengths[self.index] and self.index + 1 < len(self.parts):
            n_samples -= self.lengths[self.index]
            self._go_on()
        self.file.skip(n_samples)
        self.is_sought = n_samples > 0

    def read(self, n_samples, dtype="float32", always_2d=True):
        """Read samples, fewer at the end: (n_samples, n_channels)."""
        blocks, n_left = [], n_samples
        while True:
            n_asked = min(n_left, self.lengths[self.index])
            block = self.file.read(n_asked, dtype=dtype, always_2d=True)
            n_left -= len(block)
            blocks.append(self._as_first(block))
            if n_left == 0 or (self.is_sought and not len(block)) or not self._has_more():
                break
            self.is_sought = False
            self._go_on()
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)

    def _has_more(self):
        """Return whether there is another part; one of unknown length shows only when what comes behind it is read."""
        part = self.parts[self.index]
        if self.index + 1 == len(self.parts) and part.is_endless and self.rest is None:
            end = part.start + self.file.part_file.furthest
            for more in find_more_mp3(self.path, end, part.stop):
                self.rest = self._reason_against(more)
                if self.rest:
                    break
                self.parts.append(more)
        return self.index + 1 < len(self.parts)

    def _go_on(self):
        self.file.close()
        self.index += 1
        self.file = _open_part(self.path, self.parts[self.index])

    def _reason_against(self, part):
        """Return why a part is not read; None if it is, and then note its length."""
        where = f"of what begins at byte {part.start}"
        try:
            with _open_part(self.path, part) as file:
                if file.samplerate != self.samplerate:
                    return f"the rate {where} is {file.samplerate} Hz, that before it {self.samplerate} Hz"
                self.lengths.append(self._length(file))
        except (soundfile.SoundFileRuntimeError, BadHeaderError) as error:
            return f"the header {where} cannot be read ({error})"
        return None

    @staticmethod
    def _length(file):
        return UNKNOWN if file.part_file.part.is_endless else file.frames

    def _as_first(self, block):
        if block.shape[1] == self.channels:
            return block
        return np.repeat(block.mean(axis=1, dtype=np.float32, keepdims=True), self.channels, axis=1)


def open_sound(path, n_bytes, until=None):
    """Open a file.

    Parameters
    ----------
    path : str
        The file.
    n_bytes : int
        Its size.
    until : float or None, default=None
        Seconds up to which it will be read; None for all.

    Returns
    -------
    Stream, JoinedStream or OtherStream
        With `samplerate`, `channels`, `frames`, `promised`, `rest`, `skip` and `read`.

    Raises
    ------
    soundfile.SoundFileRuntimeError, BadHeaderError
        If libsndfile cannot read it, and it is of no kind for another decoder.
    OtherDecoderError
        If it is of such a kind, and cannot be decoded.
    """
    try:
        file = _open_by_libsndfile(path, n_bytes, until)
    except (soundfile.SoundFileRuntimeError, BadHeaderError):
        other = open_other(path) if os.path.isfile(path) else None
        if other is None:
            raise
        return other
    if until is not None and file.format == "FLAC" and until * file.samplerate > file.frames:
        file.close()
        return open_sound(path, n_bytes)
    return file


def _open_by_libsndfile(path, n_bytes, until):
    parts = _parts_of(path, n_bytes, is_whole=until is None)
    return JoinedStream(path, parts) if parts else _checked(_open_by_name(path))


def read_away(file, n_samples):
    """Read samples and throw them away."""
    for _ in blocks(file, n_samples, READ_AT_ONCE // file.channels):
        pass


def blocks(file, n_samples, n_at_once):
    """Yield pieces of at most `n_at_once` samples, until there are `n_samples` of them or the file ends."""
    while n_samples > 0:
        n_asked = min(n_samples, n_at_once)
        block = file.read(n_asked, dtype="float32", always_2d=True)
        yield block
        n_samples = n_samples - len(block) if len(block) == n_asked else 0


def _parts_of(path, n_bytes, *, is_whole):
    try:
        changed = os.stat(path).st_mtime_ns
        return _known_parts(path, n_bytes, changed, is_whole)
    except OSError:  # opening it will say why
        return []


@lru_cache(maxsize=1024)
def _known_parts(path, n_bytes, changed, is_whole):
    return find_parts(path, n_bytes, is_whole=is_whole)


def _open_by_name(path):
    if path.lower().endswith(".raw"):  # anything named so is without a header to soundfile; a descriptor has no name
        return Stream(os.open(path, os.O_RDONLY), closefd=True)
    # soundfile encodes a str strictly, which fails where a name is not UTF-8
    return Stream(path if os.name == "nt" else os.fsencode(path))


def _open_part(path, part):
    part_file = PartFile(path, part)
    try:
        file = Stream(part_file)
    except BaseException:
        part_file.close()
        raise
    file.part_file = part_file
    return _checked(file)


def _checked(file):
    """Return the file; raise an error if its header is one that libsndfile 1.2.2 lets pass and should not."""
    if file.format == "RAW":  # it takes anything named .au or .snd for 8-bit samples without a header
        file.close()
        raise BadHeaderError("it has no header that says rate and channels")
    if file.frames < 0:
        n_frames = file.frames
        file.close()
        raise BadHeaderError(f"its header promises {n_frames} samples")
    return file
