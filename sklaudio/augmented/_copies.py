"""Changed copies of clips: each with a different seed, made when it is read."""

import hashlib
import random
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import signature

import numpy as np
from sklearn.utils._param_validation import InvalidParameterError

from .._utils.terminal import shortened
from ..audio import Clip, UnreadableClipError, load_audio
from ..audio._in_memory import EncodedSound, MadeSound, SampledSound
from ..audio._samples import check_finite
from ..features._cache import identity
from ..features._content import content_key

ONE_AT_A_TIME = threading.RLock()  # for callables that draw from the generators of the whole process


def copies_of(clips, augment, n_copies, sr, seed):
    """Make changed copies of clips.

    Parameters
    ----------
    clips : list
        As :func:`~sklaudio.audio.as_clips` lists them.
    augment : list of callables
        What changes them, one after the other: ``step(samples, sr) -> samples``.
    n_copies : int
        Copies of each clip.
    sr : int
        Rate at which they are changed, in hertz; waveforms have it.
    seed : int
        What the seed of each copy is made of, with the content of the clip and the number of the copy: not with its
        row, so that the same clip has the same copies in every fold.

    Returns
    -------
    list of MadeSound
        The first copy of each clip in order, then the second of each, and so on.
    """
    try:
        settings = content_key({"augment": augment, "sr": sr})
    except InvalidParameterError:  # of a foreign callable: a cache then knows copies by their samples
        settings = None
    known = [content_of(clip) for clip in clips]
    copies = []
    for number in range(n_copies):
        for clip, content in zip(clips, known, strict=True):
            digest = _digest(seed, content, number)
            key = None if settings is None else _digest(settings, digest)
            make = MakeCopy(clip, augment, sr, int(digest[:8], 16))
            copies.append(MadeSound(make, sr, key, getattr(clip, "path", clip if isinstance(clip, str) else None)))
    return copies


def content_of(clip):
    """Return what a clip holds as text; of a file that cannot be read, which is for features to tell, its name."""
    if isinstance(clip, np.ndarray):
        return identity(clip)
    if isinstance(clip, SampledSound):
        return f"{identity(clip.y)} {clip.sr}"
    if isinstance(clip, EncodedSound):
        return hashlib.blake2b(clip.data, digest_size=20).hexdigest()
    if isinstance(clip, MadeSound):
        return clip.key or identity(clip.make())
    try:
        return f"{identity(clip.path)} {clip.span}" if isinstance(clip, Clip) else identity(clip)
    except UnreadableClipError:
        return str(clip)


def _digest(*parts):
    return hashlib.blake2b("\n".join(map(str, parts)).encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()


@dataclass(frozen=True, eq=False)
class MakeCopy:
    """What reads a clip and changes it.

    Parameters
    ----------
    clip : object
        The clip; an array has the rate `sr`.
    augment : list of callables
        The steps.
    sr : int
        Rate in hertz.
    seed : int
        Of the numbers that the steps draw.
    """

    clip: object
    augment: list
    sr: int
    seed: int

    def __call__(self):
        """Return the samples: (n_samples,), float32."""
        y = self.clip if isinstance(self.clip, np.ndarray) else load_audio(self.clip, self.sr)[0]
        rng = np.random.RandomState(self.seed)
        for step in self.augment:
            y = _checked(_apply(step, y, self.sr, rng), step)
        return y


def _apply(step, y, sr, rng):
    """Call a step with the generator, or where it takes none with those of the process seeded for this call."""
    try:
        takes_generator = "random_state" in signature(step).parameters
    except (TypeError, ValueError):  # of callables that are written in C
        takes_generator = False
    if takes_generator:
        return step(y.copy(), sr, random_state=rng)
    with _seeded(rng.randint(2**31)):
        return step(y.copy(), sr)


@contextmanager
def _seeded(seed):
    """Seed the generators of Python, NumPy and torch for one call, and leave them as they were."""
    torch = sys.modules.get("torch")
    with ONE_AT_A_TIME:
        before = random.getstate(), np.random.get_state()  # noqa: NPY002
        torch_before = None if torch is None else torch.get_rng_state()
        try:
            random.seed(seed)
            np.random.seed(seed)  # noqa: NPY002
            if torch is not None:
                torch.manual_seed(seed)
            yield
        finally:
            random.setstate(before[0])
            np.random.set_state(before[1])  # noqa: NPY002
            if torch is not None:
                torch.set_rng_state(torch_before)


def _checked(changed, step):
    """Return the waveform of a step as float32; raise an error that names the step if it is none."""
    y = np.asarray(changed)
    name = type(step).__name__ if not hasattr(step, "__name__") else step.__name__
    if y.ndim == 2 and 1 in y.shape:  # (1, n_samples), as some libraries have one channel
        y = y.ravel()
    if y.ndim != 1 or y.dtype.kind != "f" or len(y) == 0:
        raise ValueError(
            f"augment: {name} returned {shortened(changed, 60)}, of shape {y.shape} and type {y.dtype}, and a waveform "
            "is (n_samples,) floats. Let it return the changed samples."
        )
    y = y.astype(np.float32, copy=False)
    try:
        check_finite(y)
    except UnreadableClipError as error:  # which would be taken for one of the clip
        raise ValueError(f"augment: {name} returned NaN, infinity or huge samples ({error}).") from error
    return y
