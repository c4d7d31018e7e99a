"""Gain and Clipping: how loud a clip is, and whether it was too loud."""

from dataclasses import dataclass

import numpy as np

from ._step import PROBABILITY, WaveformStep, draw


@dataclass(eq=False, repr=False)
class Gain(WaveformStep):
    """Change the level by a gain drawn for each clip.

    Parameters
    ----------
    decibel : float or (float, float), default=(-12.0, 12.0)
        The gain, or the lowest and the highest.
    p : float, default=1.0
        Probability that a clip is changed, 0 to 1.

    Examples
    --------
    >>> from sklaudio.augment.waveform import Gain
    >>> Gain(decibel=20)([0.01, -0.02], 16000).round(3).tolist()
    [0.10000000149011612, -0.20000000298023224]
    """

    decibel: object = (-12.0, 12.0)
    p: float = 1.0

    _parameter_constraints = {"decibel": "no_validation", "p": PROBABILITY}

    def _change(self, y, sr, rng):
        return y * np.float32(10 ** (draw(rng, "decibel", self.decibel) / 20))


@dataclass(eq=False, repr=False)
class Clipping(WaveformStep):
    """Cut the peaks of a clip, as a recording that was too loud has them.

    Parameters
    ----------
    decibel : float or (float, float), default=(3.0, 15.0)
        How far the largest peak is above where it is cut, from 0 on, or the lowest and the highest.
    p : float, default=0.5
        Probability that a clip is changed, 0 to 1.

    Examples
    --------
    >>> from sklaudio.augment.waveform import Clipping
    >>> Clipping(decibel=6.0206, p=1)([0.1, -0.25, 0.8, -0.6], 16000).round(3).tolist()
    [0.10000000149011612, -0.25, 0.4000000059604645, -0.4000000059604645]
    """

    decibel: object = (3.0, 15.0)
    p: float = 0.5

    _parameter_constraints = {"decibel": "no_validation", "p": PROBABILITY}

    def _change(self, y, sr, rng):
        above = draw(rng, "decibel", self.decibel)
        if above < 0:
            raise ValueError(f"decibel={self.decibel} must be 0 or more: peaks are cut below where they are.")
        limit = np.abs(y).max() * 10 ** (-above / 20)
        return y.clip(-limit, limit)
