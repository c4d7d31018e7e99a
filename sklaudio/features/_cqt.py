"""Constant-Q transform: bins at equal ratios of frequency, as the notes of a scale are."""

import warnings
from dataclasses import KW_ONLY, dataclass
from numbers import Integral, Real

import numpy as np
from array_api_compat import is_numpy_array
from sklearn.utils._param_validation import Interval, StrOptions

from ._base import FrameTransformer
from ._signal import DB_CONSTRAINTS, in_unit, like

C1 = 32.70319566257483  # hertz


def on_host(function, y):
    """Return ``function(clip)`` of one clip (n_samples,) of numpy, or of each of a tensor, where `y` lies."""
    if is_numpy_array(y):
        return function(y)
    clips = y.cpu().numpy()
    return like(function(clips) if clips.ndim == 1 else np.stack([function(clip) for clip in clips]), y)


def constant_q(y, sr, hop_length, fmin, n_bins, bins_per_octave, tuning):
    """Return the magnitude of the constant-Q transform of one clip: (n_frames, n_bins), float32."""
    import librosa

    settings = {"fmin": fmin, "n_bins": n_bins, "bins_per_octave": bins_per_octave, "tuning": tuning}
    with warnings.catch_warnings():
        # That a filter is longer than a clip is no fault of either; nor is silence, which has no tuning.
        warnings.filterwarnings("ignore", "n_fft=.* is too large")
        warnings.filterwarnings("ignore", "Trying to estimate tuning")
        return np.abs(librosa.cqt(y, sr=sr, hop_length=hop_length, **settings)).T


def highest_frequency(fmin, n_bins, bins_per_octave, tuning):
    """Return the frequency in hertz that the highest filter reaches up to."""
    import librosa

    center = fmin * 2.0 ** ((n_bins - 1 + (0.5 if tuning is None else tuning)) / bins_per_octave)
    ratio = 2.0 ** (2 / bins_per_octave)
    return center * (1 + librosa.filters.window_bandwidth("hann") / 2 * (ratio - 1) / (ratio + 1))


@dataclass(eq=False, repr=False)
class CQTTransformer(FrameTransformer):
    r"""Extract the constant-Q transform: bins at equal ratios of frequency, in decibel, amplitude or power.

    Bin :math:`k` is at :math:`f_k = f_0 \, 2^{k / B}`, with `fmin` for :math:`f_0` and `bins_per_octave` for
    :math:`B`. Its filter is as many periods long as every other bin's, so that low notes are separated as well as
    high ones:

    .. math:: C_t(k) = \Bigl|\sum_n w_k(n) \, y(n + t h) \, e^{-2 \pi i f_k n / f_s}\Bigr|.

    Parameters
    ----------
    n_bins : int, default=84
        Number of bins.
    bins_per_octave : int, default=12
        Bins in an octave; 12 are the notes of the piano.
    fmin : float, default=32.703
        Frequency of the lowest bin in hertz, above 0; the default is C1.
    tuning : float or None, default=0.0
        Deviation from A440 in fractions of a bin, in [-0.5, 0.5), that all bins are moved by. None estimates it from
        each clip.
    unit : {"db", "amplitude", "power"}, default="db"
        What the values are: decibels, :math:`C_t(k)` or its square.
    ref : float or "max", default=1.0
        Power of 0 dB, above 0; "max" is the loudest value of the clip. Only for ``unit="db"``.
    amin : float, default=1e-10
        Power that smaller ones are raised to before the logarithm, above 0. Only for ``unit="db"``.
    top_db : float or None, default=80.0
        Decibels below the loudest value of the clip that quieter values are raised to; None keeps all down to
        `amin`. Only for ``unit="db"``.
    hop_length : int, default=512
        Samples from one frame to the next.
    sr : int, default=22050
        Sampling rate in hertz.
    duration, offset, memory, n_jobs, device, on_error
        As in :class:`FrameTransformer`. It is computed on the CPU, whatever the device.

    Attributes
    ----------
    frequencies_ : ndarray of shape (n_bins,)
        Centre of each bin in hertz, without the tuning.

    See Also
    --------
    ChromaTransformer : All octaves in one.
    SpectrogramTransformer : Bins at equal distances.

    Notes
    -----
    It is :func:`librosa.cqt` [1]_, and takes about five times as long as the mel spectrogram. It cannot be exported to
    ONNX.

    References
    ----------
    .. [1] C. Schörkhuber and A. Klapuri, "Constant-Q transform toolbox for music processing", SMC 2010.

    Examples
    --------
    >>> import numpy as np
    >>> a4 = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> cqt = CQTTransformer()
    >>> frames = cqt.fit_transform([a4])
    >>> frames.shape, round(float(cqt.frequencies_[frames[0, 20].argmax()]))
    ((1, 44, 84), 440)
    """

    n_bins: int = 84
    _: KW_ONLY
    bins_per_octave: int = 12
    fmin: float = C1
    tuning: float | None = 0.0
    unit: str = "db"
    ref: object = 1.0
    amin: float = 1e-10
    top_db: float | None = 80.0
    hop_length: int = 512

    _parameter_constraints = {
        **FrameTransformer._parameter_constraints,
        **DB_CONSTRAINTS,
        "n_bins": [Interval(Integral, 1, None, closed="left")],
        "bins_per_octave": [Interval(Integral, 1, None, closed="left")],
        "fmin": [Interval(Real, 0, None, closed="neither")],
        "tuning": [Interval(Real, -0.5, 0.5, closed="left"), None],
        "unit": [StrOptions({"db", "amplitude", "power"})],
        "hop_length": [Interval(Integral, 1, None, closed="left")],
    }

    def _learn(self):
        """Set the centre of each bin."""
        self.frequencies_ = self.fmin * 2.0 ** (np.arange(self.n_bins) / self.bins_per_octave)

    def _check_parameters(self):
        highest = highest_frequency(self.fmin, self.n_bins, self.bins_per_octave, self.tuning)
        if highest > self.sr / 2:
            raise ValueError(
                f"The highest of n_bins={self.n_bins} bins from fmin={self.fmin:g} Hz reaches up to {highest:.0f} Hz, "
                f"above half of sr={self.sr} Hz. Lower n_bins or fmin, or raise bins_per_octave or sr."
            )

    def _dim_names(self):
        return [f"cqt{k}" for k in range(self.n_bins)]

    def _frames(self, signal):
        return in_unit(on_host(self._magnitude, signal.y), self.unit, self.ref, self.amin, self.top_db)

    def _magnitude(self, y):
        bins = self.fmin, self.n_bins, self.bins_per_octave, self.tuning
        return constant_q(y, self.sr, self.hop_length, *bins)
