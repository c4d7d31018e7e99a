"""TimeShift, TimeStretch and PitchShift: when, how fast and how high."""

from dataclasses import dataclass
from math import log2
from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval

from ._step import PROBABILITY, WaveformStep, draw

WINDOW = 0.05  # seconds of the phase vocoder, about: long enough for a voice, short enough for its consonants


@dataclass(eq=False, repr=False)
class TimeShift(WaveformStep):
    """Move a clip in time; what is moved out at one end is lost, and silence comes in at the other.

    Parameters
    ----------
    fraction : float, default=0.1
        Farthest shift, either way, as a fraction of the clip, 0 to 1.
    p : float, default=1.0
        Probability that a clip is changed, 0 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from sklaudio.augment.waveform import TimeShift
    >>> TimeShift(0.5)(np.arange(1, 9), 16000, random_state=0).tolist()
    [0.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    """

    fraction: float = 0.1
    p: float = 1.0

    moves_time = True  # samples are no longer where their labels are
    _parameter_constraints = {"fraction": [Interval(Real, 0, 1, closed="both")], "p": PROBABILITY}

    def _change(self, y, sr, rng):
        shift = round(rng.uniform(-self.fraction, self.fraction) * len(y))
        if shift >= 0:
            return np.pad(y, (shift, 0))[: len(y)]
        return np.pad(y, (0, -shift))[-shift:]


@dataclass(eq=False, repr=False)
class TimeStretch(WaveformStep):
    """Make a clip faster or slower at the same pitch, by a phase vocoder; it gets shorter or longer.

    Parameters
    ----------
    rate : float or (float, float), default=(0.8, 1.25)
        The speed, above 0, or the lowest and the highest: 2 is twice as fast.
    p : float, default=1.0
        Probability that a clip is changed, 0 to 1.

    Notes
    -----
    What takes clips of one length only has to have `duration` set in its features.

    References
    ----------
    .. [1] J. L. Flanagan and R. M. Golden, "Phase vocoder", Bell System Technical Journal 45 (1966), 1493-1509.

    Examples
    --------
    >>> import numpy as np
    >>> from sklaudio.augment.waveform import TimeStretch
    >>> TimeStretch(rate=2)(np.sin(0.1 * np.arange(16000)), 16000).shape
    (8000,)
    """

    rate: object = (0.8, 1.25)
    p: float = 1.0

    moves_time = True
    _parameter_constraints = {"rate": "no_validation", "p": PROBABILITY}

    def _change(self, y, sr, rng):
        rate = draw(rng, "rate", self.rate)
        if rate <= 0:
            raise ValueError(f"rate={self.rate} must be above 0: 2 is twice as fast.")
        return _stretched(y, rate, sr, max(1, round(len(y) / rate)))


@dataclass(eq=False, repr=False)
class PitchShift(WaveformStep):
    """Make a clip higher or lower at the same speed: stretched by a phase vocoder, then resampled.

    Parameters
    ----------
    semitones : float or (float, float), default=(-2.0, 2.0)
        The interval, or the lowest and the highest: 12 is an octave up.
    p : float, default=1.0
        Probability that a clip is changed, 0 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from sklaudio.augment.waveform import PitchShift
    >>> tone = np.sin(2 * np.pi * 500 * np.arange(16000) / 16000)
    >>> octave = PitchShift(semitones=12)(tone, 16000)
    >>> len(octave), int(np.abs(np.fft.rfft(octave)).argmax())  # a bin is a hertz here
    (16000, 1000)
    """

    semitones: object = (-2.0, 2.0)
    p: float = 1.0

    _parameter_constraints = {"semitones": "no_validation", "p": PROBABILITY}

    def _change(self, y, sr, rng):
        import soxr

        factor = 2 ** (draw(rng, "semitones", self.semitones) / 12)
        stretched = _stretched(y, 1 / factor, sr, max(1, round(len(y) * factor)))
        return _fit(soxr.resample(stretched, len(stretched), len(y), quality="HQ"), len(y))


def _stretched(y, rate, sr, n_samples):
    """Stretch to `rate` times the speed and exactly so many samples."""
    import torch

    from .._vocoder import stretch

    n_fft = 2 ** max(4, round(log2(WINDOW * sr)))
    return _fit(stretch(torch.from_numpy(y.copy())[None], rate, n_fft)[0].numpy(), n_samples)


def _fit(y, n_samples):
    return np.pad(y[:n_samples], (0, max(0, n_samples - len(y))))
