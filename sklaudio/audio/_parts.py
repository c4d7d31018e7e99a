"""Where in a file its sound is: headers with wrong sizes, files that were joined, and mp3 files of unknown length.

libsndfile believes a header that says too little, and reads the first of several recordings only. Most files are one
recording with a right header; for these there is nothing to do, and they are opened by their name.
"""

import io
import os
from typing import NamedTuple

from ._parts_of_chunks import au_parts, caf_parts, chunked_parts
from ._parts_of_frames import flac_parts, mp3_parts, ogg_parts, skip_id3

BEYOND = 2**40  # bytes that a file of unknown length seems to have more than it has


class Part(NamedTuple):
    """A recording in a file."""

    start: int  # index of its first byte
    stop: int  # and of that after its last
    patches: tuple = ()  # (index, bytes) that replace what is in the file
    is_endless: bool = False  # its length is to be found out by reading


def find_parts(path, n_bytes, *, is_whole=True):
    """List the recordings of a file that libsndfile would not read to its end; none if it does.

    Parameters
    ----------
    path : str
        The file.
    n_bytes : int
        Its size.
    is_whole : bool, default=True
        Whether it will be read to its end; else FLAC is not searched for a second stream.

    Returns
    -------
    list of Part
        In order. Empty where the file can be opened as it is.
    """
    with open(path, "rb") as file:
        found = [Part(*one) for one in _of_kind(file, n_bytes, is_whole)]
    is_single = len(found) == 1 and not found[0].patches and not found[0].is_endless
    return [] if is_single and found[0].stop == n_bytes else found


def find_more_mp3(path, start, stop):
    """List the parts that begin behind an mp3 of unknown length, from a byte of the file on."""
    if stop - start < 4:
        return []
    with open(path, "rb") as file:
        return [Part(*one) for one in mp3_parts(file, start, stop)]


def _of_kind(file, n_bytes, is_whole):
    start, head = 0, file.read(12)
    if head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64", b"FORM", b"riff"):
        return chunked_parts(file, start, n_bytes)
    if head[:4] == b".snd":
        return au_parts(file, start, n_bytes)
    if head[:4] == b"caff":
        return caf_parts(file, start, n_bytes)
    if head[:4] == b"OggS":
        return ogg_parts(file, start, n_bytes)
    if head[:4] == b"fLaC":
        return flac_parts(file, start, n_bytes) if is_whole else []
    if head[:3] == b"ID3" or head[:1] == b"\xff":
        file.seek(skip_id3(file, start))
        if file.read(4) == b"fLaC":
            return []
        return mp3_parts(file, start, n_bytes)
    return []


class PartFile(io.RawIOBase):
    """Present a part of a file as a whole file, with its patches, to libsndfile.

    One of unknown length seems to go on for `BEYOND` bytes, so that libsndfile reads on until no frame comes; at the
    end of these, where tags are looked for, there are zeros.
    """

    def __init__(self, path, part):
        self.part = part
        self.raw = open(path, "rb", buffering=0)  # noqa: SIM115 - closed with this one
        self.length = part.stop - part.start
        self.n_seeming = self.length + BEYOND * part.is_endless
        self.position = self.furthest = 0

    def seekable(self):
        """Return whether it can be sought: always."""
        return True

    def seek(self, offset, whence=os.SEEK_SET):
        """Go to a byte, counted from the start of the part."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self.position, os.SEEK_END: self.n_seeming}[whence]
        self.position = max(0, base + offset)
        return self.position

    def tell(self):
        """Return the index of the next byte."""
        return self.position

    def readinto(self, buffer):
        """Fill a buffer with the next bytes; return their number."""
        view = memoryview(buffer).cast("B")
        if self.position >= max(self.length, self.n_seeming - BEYOND // 2):
            n_read = min(len(view), self.n_seeming - self.position) if self.part.is_endless else 0
            view[: max(0, n_read)] = bytes(max(0, n_read))
        else:
            n_read = self._read_raw(view[: max(0, self.length - self.position)])
            self.furthest = max(self.furthest, self.position + n_read)
        self.position += max(0, n_read)
        return max(0, n_read)

    def read(self, size=-1):
        """Read the next `size` bytes, or fewer at the end."""
        size = max(0, self.length - self.position) if size is None or size < 0 else size
        data = bytearray(size)
        return bytes(data[: self.readinto(data)])

    def close(self):
        """Close it, and the file it is part of."""
        self.raw.close()
        super().close()

    def _read_raw(self, view):
        start = self.part.start + self.position
        self.raw.seek(start)
        n_read = 0
        while n_read < len(view) and (n_more := self.raw.readinto(view[n_read:])):
            n_read += n_more
        for at, data in self.part.patches:
            low, high = max(at, start), min(at + len(data), start + n_read)
            if low < high:
                view[low - start : high - start] = data[low - at : high - at]
        return n_read
