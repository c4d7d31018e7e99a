"""What is wrong with one clip, and what it takes to find it again under another name."""

import hashlib
import os
from dataclasses import dataclass, field

import numpy as np

from ..audio import _sources
from ..audio._clips import as_clip
from ..audio._decode import Decoded
from ..audio._samples import check_finite
from ._fingerprint import fingerprint, low_rate

FULL_SCALE = 0.98  # of the largest number a file can hold: limiters and 8-bit files stop a little below 1
MAX_MISSING = 0.1  # seconds that a file may be shorter than its header says
RATES = 4000, 192_000  # hertz
TOO_LOUD = 2.0  # times full scale; lossy decoders overshoot by a little
UNKNOWN_SIZE = 0x7FFF0000  # and above: written by programs that could not go back to the header


@dataclass(frozen=True)
class Limits:
    """From where on something is a fault, as :func:`sklaudio.check_clips` has it."""

    sr: int
    min_duration: float
    silence_db: float
    max_clipped: float
    max_dc: float

    def __post_init__(self):
        for name, low, high in [
            ("sr", 1, np.inf),
            ("min_duration", 0, np.inf),
            ("silence_db", -np.inf, 0),
            ("max_clipped", 0, 1),
            ("max_dc", 0, np.inf),
        ]:
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name}={value} must be from {low} to {high}.")


@dataclass
class Inspected:
    """Faults of one clip as (fault, detail), and two ways to know it again; None and empty where it cannot be."""

    faults: list = field(default_factory=list)
    digest: bytes | None = None  # of the samples
    fingerprint: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint32))


def inspect(clip, name, limits, *, with_fingerprint=True):
    """Find the faults of a path or waveform; never raises an error for what is wrong with it."""
    clipping = _Clipping()
    try:
        y, sr, n_promised, rest = read(clip, name, limits.sr, clipping)
    except (OSError, ValueError, TypeError) as error:
        return Inspected([("undecodable", str(error))])
    except MemoryError:
        return Inspected([("undecodable", f"{name}: decoding it takes more memory than there is.")])
    try:
        check_finite(y, name=name)
    except ValueError as error:
        return Inspected([("not finite", str(error))])
    faults = [*_of_header(clip, len(y), sr, n_promised), *_of_level(y, clipping.fraction(), limits)]
    if rest is not None:
        faults.append(("cut", f"the file is not read to its end: {rest}"))
    if len(y) / sr < limits.min_duration:
        faults.append(("short", f"{len(y) / sr:.3f} s, less than {limits.min_duration} s"))
    if any(fault == "silent" for fault, _ in faults):
        return Inspected(faults)  # one silence is like another
    print_of_it = with_fingerprint and RATES[0] <= sr <= RATES[1]
    return Inspected(faults, _digest(y), *([fingerprint(low_rate(y, sr))] if print_of_it else []))


def read(clip, name, sr, on_block=None):
    """Read a clip at its native rate, or a waveform at `sr`; as :func:`sklaudio.audio._decode.decode` does."""
    clip = as_clip(clip, name, check=False)
    if not isinstance(clip, np.ndarray):
        return _sources.read(clip, on_block=on_block)
    if on_block is not None:
        on_block(clip[:, None])
    return Decoded(clip, sr, len(clip))


def _of_header(clip, n_samples, sr, n_promised):
    """Yield the faults that the header shows."""
    if not RATES[0] <= sr <= RATES[1]:
        yield "odd rate", f"{sr} Hz, where {RATES[0]} to {RATES[1]} Hz are usual"
    n_missing = n_promised - n_samples
    if MAX_MISSING * sr < n_missing and n_promised < 2**62:
        yield "truncated", f"the header promises {n_promised / sr:.3f} s, {n_samples / sr:.3f} s are there"
    elif isinstance(clip, str):
        n_there, n_bytes = _sizes(clip)
        if n_there + MAX_MISSING * sr < n_bytes:
            yield "truncated", f"the header promises {n_bytes} bytes, {n_there} are there"


def _sizes(path):
    """Return the bytes of a file, and what the headers say that libsndfile corrects in silence: wav, aiff, au."""
    try:
        n_there = os.path.getsize(path)
        with open(path, "rb") as file:
            head = file.read(12)
    except OSError:
        return 0, 0
    first, second = (int.from_bytes(head[at : at + 4], "little" if head[:4] == b"RIFF" else "big") for at in (4, 8))
    if head[:4] in (b"RIFF", b"FORM"):
        return n_there, first + 8 if first < UNKNOWN_SIZE else 0
    if head[:4] == b".snd":
        return n_there, first + second if second < UNKNOWN_SIZE else 0
    return n_there, 0


def _of_level(y, clipped, limits):
    """Yield the faults that the samples show."""
    mean = float(y.mean(dtype=np.float64))
    high, low = float(y.max()), float(y.min())
    peak = max(high - mean, mean - low)
    if peak <= 10 ** (limits.silence_db / 20):
        level = f"the peak is {20 * np.log10(peak):.1f} dB of full scale" if peak > 1e-9 else "all samples are equal"
        yield "silent", f"{level} (limit {limits.silence_db:g} dB)"
    if max(high, -low) > TOO_LOUD:
        yield "too loud", f"samples reach {max(high, -low):.6g} times full scale"
    if clipped > limits.max_clipped:
        yield "clipped", f"{100 * clipped:.2g} % of the samples stand still at full scale"
    if abs(mean) > limits.max_dc * max(1, peak):
        yield "dc offset", f"the mean is {mean:.3f} of full scale (limit {limits.max_dc:g})"


class _Clipping:
    """Count samples in runs of three or more that are equal and at full scale, channel by channel."""

    def __init__(self):
        self.n_clipped, self.n_samples = 0, 0

    def __call__(self, block):
        is_held = (block[1:] == block[:-1]) & (np.abs(block[1:]) >= FULL_SCALE)
        is_third = is_held[1:] & is_held[:-1]  # and so are the two samples before it
        if is_third.any():
            in_run = np.zeros(block.shape, dtype=bool)
            for at in range(3):
                in_run[at : len(block) - 2 + at] |= is_third
            self.n_clipped = self.n_clipped + in_run.sum(axis=0)
        self.n_samples += len(block)

    def fraction(self):
        """Return the largest fraction of all channels."""
        return float(np.max(self.n_clipped)) / self.n_samples


def _digest(y):
    """Compute the hash of the samples, in pieces: adding 0 makes one zero of the two that floats have."""
    digest = hashlib.blake2b(digest_size=16)
    for start in range(0, len(y), 2**16):
        digest.update(y[start : start + 2**16] + np.float32(0))
    return digest.digest()
