"""Mel spectrogram: power in triangular bands that are evenly spaced on the mel scale."""

from dataclasses import KW_ONLY, dataclass
from functools import lru_cache
from numbers import Integral, Real

import numpy as np
from array_api_compat import is_numpy_array
from sklearn.utils._param_validation import Interval

from ._base import SpectralTransformer
from ._signal import DB_CONSTRAINTS, like, power_to_db

BANDS_AT_A_TIME = 8
TOP_DB = 80.0  # of a power spectrum, down to which single precision is good for


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


def mel_energies(signal, n_mels, fmin, fmax, power=2.0):
    """Return the sum of the spectrum, raised to `power`, in each mel band: (n_frames, n_mels)."""
    settings = signal.sr, signal.n_fft, n_mels, fmin, fmax
    spectrum = spectrum_to_power(signal, power)
    if not is_numpy_array(spectrum):
        return spectrum @ like(mel_bank(*settings), spectrum).T
    mel = np.empty((len(spectrum), n_mels), dtype=spectrum.dtype)
    for rows, columns, weights in mel_bands(*settings):
        np.matmul(spectrum[:, columns], weights, out=mel[:, rows])
    return mel


def spectrum_to_power(signal, power):
    """Return the magnitude spectrum raised to `power`: (n_frames, 1 + n_fft // 2)."""
    if power == 2:
        return signal.power
    return signal.magnitude if power == 1 else signal.magnitude**power


def mel_spectrogram(signal, n_mels, fmin, fmax, power=2.0, ref=1.0, amin=1e-10, top_db=80.0):
    """Return the mel spectrogram in dB: (n_frames, n_mels)."""
    energies = signal.by_frame(mel_energies, n_mels, fmin, fmax, power)
    return power_to_db(energies, ref=ref, amin=amin, top_db=top_db)


def mel_of(estimator, signal):
    """Return the mel spectrogram in dB that the parameters of an estimator say: (n_frames, n_mels)."""
    band = estimator.n_mels, estimator.fmin, estimator.fmax
    return mel_spectrogram(signal, *band, estimator.power, estimator.ref, estimator.amin, estimator.top_db)


def mel_centers(estimator):
    """Return the centre of each band in hertz: (n_mels,), float64."""
    import librosa

    fmax = estimator.sr / 2 if estimator.fmax is None else estimator.fmax
    return librosa.mel_frequencies(estimator.n_mels + 2, fmin=estimator.fmin, fmax=fmax)[1:-1]


def needs_double(estimator):
    """Return whether values so far below the loudest are kept that single precision would show in them."""
    return estimator.top_db is None or estimator.top_db > TOP_DB * estimator.power / 2


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
MEL_DB_CONSTRAINTS = {**MEL_CONSTRAINTS, **DB_CONSTRAINTS, "power": [Interval(Real, 0, None, closed="neither")]}


@dataclass(eq=False, repr=False)
class MelSpectrogramTransformer(SpectralTransformer):
    r"""Extract the mel spectrogram in decibel.

    With the power spectrum :math:`|S_t(f)|^2` of frame :math:`t` and the weight :math:`W_m(f)` of bin :math:`f` in the
    triangular filter :math:`m`,

    .. math:: M_t(m) = 10 \log_{10} \max\Bigl(10^{-10}, \sum_f W_m(f) \, |S_t(f)|^2\Bigr).

    The exponent is `power`, and `ref` is subtracted in decibel. Values more than `top_db` below the loudest of the clip
    are raised to that.

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
    power : float, default=2.0
        Exponent of the magnitude spectrum before it is summed in bands, above 0: 1 for amplitude, 2 for power.
        Decibels are ten times the logarithm of the sum, whatever it is, as in ``librosa.feature.mfcc``.
    ref : float or "max", default=1.0
        Value of 0 dB, above 0; "max" is the loudest of the clip, which takes the level of the clip away.
    amin : float, default=1e-10
        Value that smaller ones are raised to before the logarithm, above 0: -100 dB. At high rates, where bands are
        wide, it may be above the noise of a good recorder.
    top_db : float or None, default=80.0
        Decibels below the loudest value of the clip that quieter values are raised to. None keeps all values down
        to `amin`: quiet calls beside a bang, for one, and the noise of the recorder.
    duration, offset, memory, n_jobs, device, on_error
        As in :class:`FrameTransformer`.

    Attributes
    ----------
    center_frequencies_ : ndarray of shape (n_mels,)
        Centre of each band in hertz.

    See Also
    --------
    MFCCTransformer : The cosine transform of these.
    PCENTransformer : Bands with a gain that follows the level of each.

    Notes
    -----
    Equals ``librosa.power_to_db(librosa.feature.melspectrogram(..., power=power), ref=ref, amin=amin,
    top_db=top_db).T`` [1]_.

    References
    ----------
    .. [1] M. Slaney, "Auditory Toolbox", Interval Research Corporation, Technical Report 1998-010.

    Examples
    --------
    >>> import numpy as np
    >>> clips = np.random.default_rng(0).normal(size=(2, 22050)).astype("float32")
    >>> MelSpectrogramTransformer(n_mels=40).fit_transform(clips).shape
    (2, 44, 40)
    >>> clip = np.concatenate([clips[0], 1e-6 * clips[1]])       # 120 dB quieter in the second half
    >>> [round(float(np.ptp(MelSpectrogramTransformer(top_db=top_db).fit_transform([clip])))) for top_db in (80, None)]
    [80, 126]
    """

    n_mels: int = 128
    _: KW_ONLY
    fmin: float = 0.0
    fmax: float | None = None
    power: float = 2.0
    ref: object = 1.0
    amin: float = 1e-10
    top_db: float | None = 80.0

    _parameter_constraints = {**SpectralTransformer._parameter_constraints, **MEL_DB_CONSTRAINTS}

    @property
    def _needs_double(self):
        return needs_double(self)

    def _learn(self):
        """Set the centre of each band."""
        self.center_frequencies_ = mel_centers(self)

    def _check_parameters(self):
        check_mel_parameters(self)

    def _dim_names(self):
        return [f"mel{band}" for band in range(self.n_mels)]

    def _frames(self, signal):
        return mel_of(self, signal)
