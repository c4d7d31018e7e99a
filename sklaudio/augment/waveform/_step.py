"""WaveformStep: what steps on waveforms have in common."""

import os
from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval

from ..._utils.terminal import shortened

PROBABILITY = [Interval(Real, 0, 1, closed="both")]


class WaveformStep(BaseEstimator):
    """Base of the steps on waveforms: parameters as estimators have them, and a probability `p` to be applied.

    A step is a dataclass with `p` and ``_change(y, sr, rng)``.
    """

    def __call__(self, samples, sr, random_state=None):
        """Change a waveform.

        Parameters
        ----------
        samples : array-like of shape (n_samples,)
            The waveform, in [-1, 1].
        sr : int
            Its sampling rate in hertz.
        random_state : int, RandomState or None, default=None
            What numbers are drawn from; None is NumPy's global generator.

        Returns
        -------
        ndarray of shape (n_samples,), float32
            The changed waveform.

        Raises
        ------
        ValueError
            If a parameter is out of range, or `samples` is no waveform.
        """
        self._validate_params()
        y = np.asarray(samples, dtype=np.float32)
        if y.ndim != 1 or len(y) == 0:
            raise ValueError(f"samples has the shape {y.shape}, and a waveform has (n_samples,). Pass one channel.")
        rng = check_random_state(random_state)
        if rng.uniform() >= self.p:
            return y
        return np.asarray(self._change(y, sr, rng), dtype=np.float32)

    def __getstate__(self):
        """Return the parameters, paths among them as text, so that files of models can hold them."""
        return {name: _as_text(value) for name, value in self.get_params(deep=False).items()}


def _as_text(value):
    if isinstance(value, (list, tuple)):
        return type(value)(map(_as_text, value))
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def draw(rng, name, bounds):
    """Draw a number evenly between two bounds; a single number is both."""
    pair = (bounds, bounds) if isinstance(bounds, Real) else tuple(bounds) if np.iterable(bounds) else ()
    is_pair = len(pair) == 2 and all(isinstance(bound, Real) for bound in pair)
    if not is_pair or not -np.inf < pair[0] <= pair[1] < np.inf:
        raise ValueError(f"{name}={shortened(bounds)} must be a number, or a lowest and a highest one.")
    return rng.uniform(*pair)


def power(y):
    """Return the mean square of a waveform, float64; 0 where it is empty."""
    return float(np.dot(y, y)) / len(y) if len(y) else 0.0


def extent_of_sound(y):
    """Return the slice of a waveform from its first to its last sample that is not 0, empty if there is none."""
    sounding = np.flatnonzero(y)
    return slice(int(sounding[0]), int(sounding[-1]) + 1) if len(sounding) else slice(0, 0)
