"""Sound that is no file here: bytes of one, open files, and samples that come with their rate."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Real

import numpy as np

from .._utils.terminal import abbreviated, shortened
from ._clip import Clip
from ._errors import ClipValueError
from ._samples import as_array, check_type, to_full_scale

MAX_PATH = 4096  # bytes; no system has longer names of files
KEYS = ("path", "bytes", "array", "sampling_rate")
TAKES = "a clip is a path, a Clip, bytes or a binary file of sound, or a 1-D array of samples"
DICTS = "{'path': …}, {'bytes': …} or {'array': …, 'sampling_rate': …}"


@dataclass(frozen=True)
class EncodedSound:
    """The content of a file of sound; `path` is the name that came with it, or None."""

    data: bytes
    path: str | None = None

    def __repr__(self):
        return f"<{len(self.data)} bytes{'' if self.path is None else f' of {self.path}'}>"


@dataclass(frozen=True, eq=False)
class SampledSound:
    """Hold a waveform (n_samples,), float32, its rate in hertz, and `path`, the name that came with it or None."""

    y: np.ndarray
    sr: int
    path: str | None = None


@dataclass(frozen=True, eq=False)
class MadeSound:
    """A waveform that is made anew each time that it is read, so that it takes no memory.

    Parameters
    ----------
    make : callable
        Returns the samples, (n_samples,), float32.
    sr : int
        Their rate in hertz.
    key : str or None, default=None
        Hash of what decides the samples; None where only they themselves tell.
    path : str or None, default=None
        What errors call it.
    """

    make: Callable
    sr: int
    key: str | None = None
    path: str | None = None


SOURCES = Clip, EncodedSound, SampledSound, MadeSound


def as_source(clip, name):
    """Make a path (str), Clip, EncodedSound or SampledSound of one entry of `X`; None of any other, such as an array.

    Parameters
    ----------
    clip : object
        The entry.
    name : str
        What it is called in errors.
    """
    if isinstance(clip, SOURCES):
        return clip
    if is_path(clip):
        return os.fsdecode(clip)
    if isinstance(clip, bytes):
        return EncodedSound(bytes(clip))
    if isinstance(clip, Mapping):
        return _of_dict(clip, name)
    if is_open_file(clip):
        return EncodedSound(_content(clip, name), _name_of_file(clip))
    if hasattr(clip, "get_all_samples"):  # torchcodec's decoders, which Hugging Face's datasets give
        samples = clip.get_all_samples()
        return sampled_sound(np.asarray(samples.data, dtype=np.float32).mean(axis=0), samples.sample_rate, None, name)
    return None


def is_read(clip):
    """Return whether :func:`as_source` made it, so that it is to be read; a waveform is there already."""
    return isinstance(clip, (str, *SOURCES))


def is_source(clip):
    """Return whether :func:`as_source` makes anything of it, without doing so."""
    is_known = isinstance(clip, (*SOURCES, str, bytes, os.PathLike, Mapping))
    return is_known or is_open_file(clip) or hasattr(clip, "get_all_samples")


def is_path(clip):
    """Return whether something is the name of a file, and not bytes of its content."""
    return isinstance(clip, (str, os.PathLike)) or (isinstance(clip, bytes) and not is_content(clip))


def is_content(data):
    """Return whether bytes are the content of a file: no name holds a null or is that long."""
    return len(data) > MAX_PATH or b"\x00" in data


def is_open_file(clip):
    """Return whether something is read as files are."""
    return callable(getattr(clip, "read", None)) and not isinstance(clip, os.PathLike)


def _content(file, name):
    """Read all bytes of an open file, which is left where it was."""
    is_seekable = hasattr(file, "seekable") and file.seekable()
    before = file.tell() if is_seekable else None
    if is_seekable:
        file.seek(0)
    data = file.read()
    if is_seekable:
        file.seek(before)
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data)
    if isinstance(data, str):
        raise TypeError(f"{name} is a file that was opened as text. Open it by open(path, 'rb'), or pass its path.")
    raise TypeError(
        f"{name} is {type(file).__name__}, which reads as {type(data).__name__}, not as bytes. Pass a path."
    )


def _name_of_file(file):
    name = getattr(file, "name", None)
    return os.fsdecode(name) if isinstance(name, (str, bytes, os.PathLike)) else None


def _of_dict(clip, name):
    """Make a source of a dict such as Hugging Face's datasets have; what is None in it is not there."""
    unknown = [str(key) for key in clip if key not in KEYS]
    given = {key: clip[key] for key in KEYS if clip.get(key) is not None}
    path = given.pop("path", None)
    if unknown or not (path is not None or given):
        keys = abbreviated(", ".join(map(str, clip)), 80)
        raise TypeError(f"{name} is a dict with the keys {keys}; one that is a clip is {DICTS}. Pass what holds it.")
    if path is not None and (not isinstance(path, (str, bytes, os.PathLike))):
        raise TypeError(f"{name}: path={shortened(path)} is {type(path).__name__}. Pass the name of a file.")
    path = None if path is None else os.fsdecode(path)
    if "array" in given:
        if "sampling_rate" not in given:
            raise ValueError(f"{name} is a dict with an array and no sampling_rate. Add it, in hertz.")
        return sampled_sound(given["array"], given["sampling_rate"], path, name)
    if "bytes" in given:
        if not isinstance(given["bytes"], (bytes, bytearray, memoryview)):
            raise TypeError(f"{name}: bytes is {type(given['bytes']).__name__}. Pass the bytes of a file of sound.")
        return EncodedSound(bytes(given["bytes"]), path)
    if path is None:
        raise ValueError(f"{name} is a dict with a sampling_rate and no array. Pass {DICTS}.")
    return path


def sampled_sound(array, sr, path, name):
    """Make a SampledSound of samples and their rate; `name` is what errors call it."""
    if not isinstance(sr, Real) or isinstance(sr, bool) or not 0 < sr < float("inf"):
        raise ValueError(f"{name}: sampling_rate={shortened(sr)} must be a number of hertz above 0.")
    sr = int(sr) if float(sr).is_integer() else float(sr)
    return SampledSound(as_waveform(array, name, path=path), sr, path)


def as_waveform(clip, name, /, **which):
    """Return the samples of one clip as (n_samples,), float32; `which` is what errors call it."""
    try:
        y = None if isinstance(clip, bytearray) else as_array(clip)
    except (TypeError, ValueError):
        y = None
    if y is None or y.ndim != 1 or y.dtype.kind not in "biufc":
        is_shaped = y is not None and y.ndim > 1
        what = f"an array of shape {y.shape}" if is_shaped else type(clip).__name__
        raise TypeError(f"{name} is {what}; {TAKES}. Mix several channels down before.")
    if len(y) == 0:
        raise ClipValueError("the clip holds no samples. Take it out, or record it again.", **which)
    check_type(y.dtype, name)
    return to_full_scale(y.astype(np.float32, copy=False), y.dtype)
