"""Clip: a span of a recording, which stands wherever a path may."""

import os
from dataclasses import dataclass
from math import isfinite
from numbers import Real

from .._utils.terminal import shortened

NANOSECONDS = 9  # digits; what subtracting seconds adds to them is far below a sample


@dataclass(frozen=True)
class Clip:
    """Name a span of a recording; it may stand wherever the path of a file may, and only that span is decoded.

    Parameters
    ----------
    path : str, bytes or path-like
        The file.
    start : float or None, default=None
        Where the span begins, in seconds from the start of the file; None is its start.
    end : float or None, default=None
        Where it ends, in seconds from the start of the file; None is the end of the file.

    Raises
    ------
    TypeError
        If `path` is not the name of a file, or a time is not a number.
    ValueError
        If a time is negative, NaN or infinite, or `end` is not after `start`.

    Notes
    -----
    A Clip is frozen and can be hashed, compared and pickled; its path is kept as str. `offset` and `duration` of a
    feature transformer are counted within the span. Reading one that begins or ends past the end of the file raises
    :class:`UnreadableClipError`; `end` may be up to 0.1 s past it, as rounded times are.

    Examples
    --------
    >>> import numpy as np, os, soundfile, tempfile
    >>> from sklaudio import Clip, MFCCTransformer, load_audio
    >>> path = os.path.join(tempfile.mkdtemp(), "long.wav")
    >>> soundfile.write(path, 0.1 * np.sin(0.1 * np.arange(10 * 8000)), 8000)
    >>> y, sr = load_audio(Clip(path, 2.5, 4), sr=8000)
    >>> len(y) / sr
    1.5
    >>> MFCCTransformer(sr=8000).fit_transform([Clip(path, 0, 2), Clip(path, 8)]).shape
    (2, 32, 13)
    >>> print(Clip("long.wav", 12.5, 15))
    long.wav[12.5:15.0]
    """

    path: str
    start: float | None = None
    end: float | None = None

    def __post_init__(self):
        if not isinstance(self.path, (str, bytes, os.PathLike)):
            raise TypeError(
                f"path={shortened(self.path)} is {type(self.path).__name__}; a Clip is a span of a file. Pass its name "
                "(str or pathlib.Path)."
            )
        object.__setattr__(self, "path", os.fsdecode(self.path))
        for name in ("start", "end"):
            object.__setattr__(self, name, _seconds(getattr(self, name), name))
        if self.end is not None and self.end <= (self.start or 0.0):
            raise ValueError(
                f"end={self.end} s is not after start={self.start or 0.0} s. Give both in seconds from the start of "
                "the file, the end after the start."
            )

    def __str__(self):
        return f"{self.path}{self.span}"

    @property
    def span(self):
        """The span as text, such as "[12.5:15.0]"; what is None is left out."""
        start, end = ("" if seconds is None else repr(seconds) for seconds in (self.start, self.end))
        return f"[{start}:{end}]"

    @property
    def duration(self):
        """Seconds of the span; None where it goes on to the end of the file."""
        return None if self.end is None else round(self.end - (self.start or 0.0), NANOSECONDS)


class ClipName(str):
    """Name a Clip as it is printed, and keep it, so that what has the name can read the span."""

    def __new__(cls, clip):
        name = super().__new__(cls, clip)
        name.clip = clip
        return name


def _seconds(value, name):
    """Return a time as float, or None."""
    if value is None:
        return None
    if not isinstance(value, (float, Real)) or isinstance(value, bool):  # a float is found so without asking its bases
        raise TypeError(f"{name}={shortened(value)} is {type(value).__name__}. Pass a number of seconds, or None.")
    seconds = float(value)
    if not isfinite(seconds) or seconds < 0:
        ends = "start" if name == "start" else "end"
        raise ValueError(
            f"{name}={seconds} must be a number of seconds from 0 on. Use None for the {ends} of the file."
        )
    return seconds + 0.0  # -0.0 is 0.0
