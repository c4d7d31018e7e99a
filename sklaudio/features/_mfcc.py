"""Mel-frequency cepstral coefficients: the shape of the spectrum in a few numbers, with their slopes."""

from dataclasses import KW_ONLY, dataclass
from functools import lru_cache
from numbers import Integral

import numpy as np
import scipy.fft
import scipy.signal
from array_api_compat import array_namespace, is_numpy_array
from sklearn.utils._param_validation import Interval

from ._base import SpectralTransformer
from ._mel import MEL_DB_CONSTRAINTS, check_mel_parameters, mel_of, needs_double
from ._signal import like

DELTA_WIDTH = 9  # frames, as librosa.feature.delta


@lru_cache(maxsize=16)
def dct_basis(n_mels, n_mfcc):
    """Return the orthonormal cosine transform of type II as a matrix: (n_mels, n_mfcc), float32."""
    return scipy.fft.dct(np.eye(n_mels), axis=1, norm="ortho")[:, :n_mfcc].astype(np.float32)


def dct(mel, n_mfcc):
    """Return the first coefficients of the orthonormal DCT-II of each frame: (n_frames, n_mfcc)."""
    if is_numpy_array(mel):
        return scipy.fft.dct(mel, axis=-1, norm="ortho")[..., :n_mfcc]
    return mel @ like(dct_basis(mel.shape[-1], n_mfcc), mel)


def delta(frames, order):
    """Return the derivative of `order` 1 or 2 over nine frames, as librosa.feature.delta: same shape."""
    values = frames if is_numpy_array(frames) else frames.cpu().numpy()
    # Nine frames are needed to fit a polynomial at the edges; shorter clips repeat their first and last frame instead.
    mode = "interp" if values.shape[-2] >= DELTA_WIDTH else "nearest"
    return like(
        scipy.signal.savgol_filter(values, DELTA_WIDTH, polyorder=order, deriv=order, axis=-2, mode=mode), frames
    )


@dataclass(eq=False, repr=False)
class MFCCTransformer(SpectralTransformer):
    r"""Extract mel-frequency cepstral coefficients, with deltas on request.

    They are the first coefficients of the orthonormal cosine transform of type II of a mel spectrogram in dB,
    :math:`M_t(m)` for band :math:`m` of :math:`N` in frame :math:`t`:

    .. math:: c_t(k) = \sqrt{\frac{2 - \delta_{k0}}{N}} \sum_{m=0}^{N-1} M_t(m) \cos\frac{\pi k (2m + 1)}{2N}.

    The deltas are the derivatives of a polynomial of degree 1 (and of one of degree 2) that is fitted to nine frames;
    the first is :math:`\Delta c_t = \sum_{j=-4}^{4} j \, c_{t+j} / 60`.

    Parameters
    ----------
    n_mfcc : int, default=13
        Number of coefficients; at most `n_mels`.
    n_mels : int, default=128
        Number of mel bands that they are made of.
    delta : {0, 1, 2}, default=0
        1 appends the slope of each coefficient over nine frames, 2 the curvature as well.
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

    See Also
    --------
    MelSpectrogramTransformer : The bands before the cosine transform.

    Notes
    -----
    Equals ``librosa.feature.mfcc(...).T`` and, for the slopes, ``librosa.feature.delta`` [1]_; for another `ref` or
    `top_db`, ``librosa.feature.mfcc(S=librosa.power_to_db(..., ref=ref, top_db=top_db))``. Clips of fewer than nine
    frames, for which librosa raises an error, repeat their first and last frame.

    References
    ----------
    .. [1] S. Davis and P. Mermelstein, "Comparison of parametric representations for monosyllabic word recognition in
       continuously spoken sentences", IEEE Trans. ASSP 28 (1980), 357-366.

    Examples
    --------
    >>> import numpy as np
    >>> clips = np.random.default_rng(0).normal(size=(2, 22050)).astype("float32")
    >>> mfcc = MFCCTransformer(n_mfcc=2, delta=1).fit(clips)
    >>> mfcc.transform(clips).shape
    (2, 44, 4)
    >>> mfcc.get_feature_names_out().tolist()
    ['mfcc0', 'mfcc1', 'mfcc0_delta', 'mfcc1_delta']
    """

    n_mfcc: int = 13
    _: KW_ONLY
    n_mels: int = 128
    delta: int = 0
    fmin: float = 0.0
    fmax: float | None = None
    power: float = 2.0
    ref: object = 1.0
    amin: float = 1e-10
    top_db: float | None = 80.0

    _parameter_constraints = {
        **SpectralTransformer._parameter_constraints,
        **MEL_DB_CONSTRAINTS,
        "n_mfcc": [Interval(Integral, 1, None, closed="left")],
        "delta": [Interval(Integral, 0, 2, closed="both")],
    }

    @property
    def _needs_double(self):
        return needs_double(self)

    def _check_parameters(self):
        check_mel_parameters(self)
        if self.n_mfcc > self.n_mels:
            raise ValueError(f"n_mfcc={self.n_mfcc} is more than n_mels={self.n_mels}. Lower n_mfcc or raise n_mels.")

    def _dim_names(self):
        names = [f"mfcc{k}" for k in range(self.n_mfcc)]
        return [name + suffix for suffix in ["", "_delta", "_delta2"][: self.delta + 1] for name in names]

    def _frames(self, signal):
        mfcc = dct(mel_of(self, signal), self.n_mfcc)
        deltas = [delta(mfcc, order) for order in range(1, self.delta + 1)]
        return array_namespace(mfcc).concat([mfcc, *deltas], axis=-1)
