"""Tonnetz: where the harmony of a frame lies on the circles of fifths, minor thirds and major thirds."""

import warnings
from dataclasses import dataclass
from numbers import Real

import numpy as np
from array_api_compat import array_namespace
from sklearn.utils._param_validation import Interval, StrOptions

from ._base import SpectralTransformer
from ._chroma import chroma
from ._cqt import C1, highest_frequency, on_host
from ._signal import like

N_CHROMA = 12
N_OCTAVES, BINS_PER_OCTAVE = 7, 36  # as librosa.feature.chroma_cqt has it
CIRCLES = ("fifth", "minor", "major")
SEMITONES = np.array([7 / 6, 3 / 2, 2 / 3])  # of half a turn, that a semitone is on each circle
RADII = np.array([1.0, 1.0, 0.5])


def circles():
    """Return the place of each pitch class on the three circles, two axes each: (12, 6), float32."""
    angle = np.pi * np.outer(np.arange(N_CHROMA), SEMITONES)
    axes = np.stack([RADII * np.sin(angle), RADII * np.cos(angle)], axis=-1)  # (12, 3, 2)
    return axes.reshape(N_CHROMA, 6).astype(np.float32)


def tonnetz(weights):
    """Return the mean place of pitch classes by their weights (n_frames, 12): (n_frames, 6)."""
    xp = array_namespace(weights)
    total = xp.sum(xp.abs(weights), axis=-1, keepdims=True)
    is_silent = total < float(np.finfo(np.float32).tiny)
    return weights @ like(circles(), weights) / xp.where(is_silent, xp.ones_like(total), total)


def chroma_cqt(y, sr, hop_length, tuning):
    """Return chroma of the constant-Q transform of one clip, by librosa: (n_frames, 12), float32."""
    import librosa

    with warnings.catch_warnings():  # as in constant_q
        warnings.filterwarnings("ignore", "n_fft=.* is too large")
        warnings.filterwarnings("ignore", "Trying to estimate tuning")
        return librosa.feature.chroma_cqt(y=y, sr=sr, hop_length=hop_length, tuning=tuning).T


@dataclass(eq=False, repr=False, kw_only=True)
class TonnetzTransformer(SpectralTransformer):
    r"""Extract the tonnetz, six tonal centroids: where the harmony of a frame lies on three circles.

    Each pitch class :math:`p` has a place on the circles of fifths, of minor thirds and of major thirds. The centroid
    is their mean, weighted by the chroma :math:`C_t(p)`; for the circle on which a semitone is the angle
    :math:`\theta`, with the radius :math:`r`,

    .. math:: x_t = \frac{r \sum_p C_t(p) \sin p\theta}{\sum_p C_t(p)}, \qquad
       y_t = \frac{r \sum_p C_t(p) \cos p\theta}{\sum_p C_t(p)},

    where :math:`\theta` is 7/6, 3/2 and 2/3 of :math:`\pi` and :math:`r` is 1, 1 and 1/2.

    Parameters
    ----------
    chroma : {"cqt", "stft"}, default="cqt"
        What pitch classes are taken from: the constant-Q transform of seven octaves from C1, as in
        ``librosa.feature.tonnetz``, or the spectrum, as in :class:`ChromaTransformer`. The latter is faster, can be
        on a GPU, and with a number for `tuning` in an ONNX graph.
    tuning : float or None, default=None
        Deviation from A440 in fractions of a pitch class, in [-0.5, 0.5); None estimates it from each clip. With "cqt",
        where there are 36 bins in an octave, in fractions of a bin.
    n_fft : int, default=2048
        Length of a frame in samples. Only for ``chroma="stft"``.
    sr, hop_length : int
        Sampling rate in hertz and step in samples (22050, 512).
    duration, offset, memory, n_jobs, device, on_error
        As in :class:`FrameTransformer`.

    See Also
    --------
    ChromaTransformer : The pitch classes themselves.

    Notes
    -----
    Equals ``librosa.feature.tonnetz(y=y, ...).T`` [1]_, or ``librosa.feature.tonnetz(chroma=...).T`` of
    ``librosa.feature.chroma_stft``. Silent frames are 0.

    References
    ----------
    .. [1] C. Harte, M. Sandler and M. Gasser, "Detecting harmonic change in musical audio", ACM workshop on audio and
       music computing multimedia 2006, 21-26.

    Examples
    --------
    >>> import numpy as np
    >>> time = np.arange(22050) / 22050
    >>> c_major = sum(np.sin(2 * np.pi * pitch * time) for pitch in (261.63, 329.63, 392.0))
    >>> tonnetz = TonnetzTransformer(chroma="stft")
    >>> tonnetz.fit_transform([c_major]).shape
    (1, 44, 6)
    >>> tonnetz.get_feature_names_out()[:2].tolist()
    ['tonnetz_fifth_x', 'tonnetz_fifth_y']
    """

    chroma: str = "cqt"
    tuning: float | None = None

    _parameter_constraints = {
        **SpectralTransformer._parameter_constraints,
        "chroma": [StrOptions({"cqt", "stft"})],
        "tuning": [Interval(Real, -0.5, 0.5, closed="left"), None],
    }

    def _check_parameters(self):
        highest = highest_frequency(C1, N_OCTAVES * BINS_PER_OCTAVE, BINS_PER_OCTAVE, self.tuning)
        if self.chroma == "cqt" and highest > self.sr / 2:
            raise ValueError(
                f"chroma='cqt' is of {N_OCTAVES} octaves from C1, up to {highest:.0f} Hz, above half of "
                f"sr={self.sr} Hz. Raise sr, or use chroma='stft'."
            )

    def _dim_names(self):
        return [f"tonnetz_{circle}_{axis}" for circle in CIRCLES for axis in "xy"]

    def _frames(self, signal):
        if self.chroma == "stft":
            return tonnetz(chroma(signal, N_CHROMA, self.tuning))
        return tonnetz(on_host(self._chroma_cqt, signal.y))

    def _chroma_cqt(self, y):
        return chroma_cqt(y, self.sr, self.hop_length, self.tuning)
