"""Mel spectrogram: power in triangular bands that are evenly spaced on the mel scale."""

from dataclasses import KW_ONLY, dataclass
from functools import lru_cache
from numbers import Integral, Real

import numpy as np
from array_api_compat import is_numpy_array
from sklearn.utils._param_validation import Interval

from ._base import SpectralTransformer
from ._signal import like, power_to_db

BANDS_AT_A_TIME = 8


@lru_cache(maxsize=16)
def mel_bank(sr, n_fft, n_mels, fmin, fmax):
    """Return Slaney's triangular filters, of equal area: (n_mels, 1 + n_fft // 2), float32."""
    import librosa

    return librosa.filters.mel(sr=sr, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax)


@lru_cache(maxsize=16)
def mel_bands(sr, n_fft, n_mels, fmin, fmax):
    """Return the filter bank in blocks without most of its zeros: (slice of filters, slice of bins, weights) each.

    Of 131,200 numbers at the defaults about 2,000 are not zero; small dense products beat a sparse matrix.
    """
    bank = mel_bank(sr, n_fft, n_mels, fmin, fmax)
    bands = []
    for first in range(0, n_mels, BANDS_AT_A_TIME):
        rows = slice(first, first + BANDS_AT_A_TIME)
        bins = np.flatnonzero(bank[rows].any(axis=0))
        columns = slice(bins[0], bins[-1] + 1) if len(bins) else slice(0, 0)
        bands.append((rows, columns, np.ascontiguousarray(bank[rows, columns].T)))
    return bands


def mel_spectrogram(signal, n_mels, fmin, fmax):
    """Return the mel spectrogram in dB: (n_frames, n_mels)."""
    settings = signal.sr, signal.n_fft, n_mels, fmin, fmax
    power = signal.power
    if not is_numpy_array(power):
        return power_to_db(power @ like(mel_bank(*settings), power).T)
    mel = np.empty((len(power), n_mels), dtype=power.dtype)
    for rows, columns, weights in mel_bands(*settings):
        np.matmul(power[:, columns], weights, out=mel[:, rows])
    return power_to_db(mel)


def check_mel_parameters(estimator):
    """Raise an error unless fmin < fmax <= sr / 2."""
    fmax = estimator.sr / 2 if estimator.fmax is None else estimator.fmax
    if fmax > estimator.sr / 2:
        raise ValueError(f"fmax={fmax} Hz is above half of sr={estimator.sr} Hz. Lower fmax, raise sr, or use None.")
    if estimator.fmin >= fmax:
        raise ValueError(f"fmin={estimator.fmin} Hz is not below fmax={fmax} Hz. Lower fmin or raise fmax.")


MEL_CONSTRAINTS = {
    "n_mels": [Interval(Integral, 1, None, closed="left")],
    "fmin": [Interval(Real, 0, None, closed="left")],
    "fmax": [Interval(Real, 0, None, closed="neither"), None],
}


@dataclass(eq=False, repr=False)
class MelSpectrogramTransformer(SpectralTransformer):
    r"""Extract the mel spectrogram in decibel.

    With the power spectrum :math:`|S_t(f)|^2` of frame :math:`t` and the weight :math:`W_m(f)` of bin :math:`f` in the
    triangular filter :math:`m`,

    .. math:: M_t(m) = 10 \log_{10} \max\Bigl(10^{-10}, \sum_f W_m(f) \, |S_t(f)|^2\Bigr).

    Parameters
    ----------
    n_mels : int, default=128
        Number of mel bands.
    sr, n_fft, hop_length : int
        Sampling rate in hertz, frame length and step in samples (22050, 2048, 512).
    fmin : float, default=0.0
        Lowest frequency in hertz.
    fmax : float or None, default=None
        Highest frequency in hertz; None is ``sr / 2``.
    duration, offset, memory, n_jobs, device, on_error
        As in :class:`FrameTransformer`.

    Attributes
    ----------
    center_frequencies_ : ndarray of shape (n_mels,)
        Centre of each band in hertz.

    See Also
    --------
    MFCCTransformer : The cosine transform of these.

    Notes
    -----
    Equals ``librosa.power_to_db(librosa.feature.melspectrogram(...)).T``: decibels re a power of 1, at most 80 dB below
    the loudest value of the clip [1]_.

    References
    ----------
    .. [1] M. Slaney, "Auditory Toolbox", Interval Research Corporation, Technical Report 1998-010.

    Examples
    --------
    >>> import numpy as np
    >>> clips = np.random.default_rng(0).normal(size=(2, 22050)).astype("float32")
    >>> MelSpectrogramTransformer(n_mels=40).fit_transform(clips).shape
    (2, 44, 40)
    """

    n_mels: int = 128
    _: KW_ONLY
    fmin: float = 0.0
    fmax: float | None = None

    _parameter_constraints = {**SpectralTransformer._parameter_constraints, **MEL_CONSTRAINTS}
    _needs_double = False

    def _learn(self):
        """Set the centre of each band."""
        import librosa

        fmax = self.sr / 2 if self.fmax is None else self.fmax
        self.center_frequencies_ = librosa.mel_frequencies(self.n_mels + 2, fmin=self.fmin, fmax=fmax)[1:-1]

    def _check_parameters(self):
        check_mel_parameters(self)

    def _dim_names(self):
        return [f"mel{band}" for band in range(self.n_mels)]

    def _frames(self, signal):
        return mel_spectrogram(signal, self.n_mels, self.fmin, self.fmax)
