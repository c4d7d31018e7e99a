"""Linear spectrogram: the bins of the Fourier transform, in decibel, amplitude or power."""

from dataclasses import KW_ONLY, dataclass
from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from ._base import SpectralTransformer
from ._signal import DB_CONSTRAINTS, in_unit


def bins_between(sr, n_fft, fmin, fmax):
    """Return the slice of the bins from `fmin` to `fmax` in hertz, both included."""
    frequencies = np.fft.rfftfreq(n_fft, d=1 / sr)
    last = len(frequencies) if fmax is None else np.searchsorted(frequencies, fmax, side="right")
    return slice(int(np.searchsorted(frequencies, fmin)), int(last))


@dataclass(eq=False, repr=False)
class SpectrogramTransformer(SpectralTransformer):
    r"""Extract the spectrogram on a linear frequency axis, in decibel, amplitude or power.

    In decibel it is, with the power spectrum :math:`|S_t(f)|^2` of frame :math:`t`,

    .. math:: L_t(f) = 10 \log_{10} \max\bigl(10^{-10}, |S_t(f)|^2\bigr) - 10 \log_{10} \mathrm{ref},

    and values more than `top_db` below the loudest of the clip are raised to that.

    Parameters
    ----------
    n_fft : int, default=2048
        Length of a frame and of its transform, in samples: bins are ``sr / n_fft`` hertz apart.
    hop_length : int, default=512
        Samples from one frame to the next.
    unit : {"db", "amplitude", "power"}, default="db"
        What the values are: decibels, :math:`|S_t(f)|` or its square.
    fmin : float, default=0.0
        Lowest frequency in hertz: bins below are left out, and have no part in what is the loudest of the clip.
    fmax : float or None, default=None
        Highest frequency in hertz; None is ``sr / 2``.
    ref : float or "max", default=1.0
        Power of 0 dB, above 0; "max" is the loudest value of the clip. Only for ``unit="db"``.
    amin : float, default=1e-10
        Power that smaller ones are raised to before the logarithm, above 0. Only for ``unit="db"``.
    top_db : float or None, default=80.0
        Decibels below the loudest value of the clip that quieter values are raised to; None keeps all down to
        `amin`. Only for ``unit="db"``.
    sr : int, default=22050
        Sampling rate in hertz.
    duration, offset, memory, n_jobs, device, on_error
        As in :class:`FrameTransformer`.

    Attributes
    ----------
    frequencies_ : ndarray of shape (n_dims,)
        Centre of each bin in hertz.

    See Also
    --------
    MelSpectrogramTransformer : Fewer bands, as wide as the ear's.
    CQTTransformer : Bins at equal ratios, as notes are.

    Notes
    -----
    With ``S = librosa.stft(y)`` it equals ``librosa.power_to_db(abs(S) ** 2, ref=ref, top_db=top_db).T``, ``abs(S).T``
    or ``(abs(S) ** 2).T``. "bin7" is bin 7 of the transform, whatever `fmin` is.

    Examples
    --------
    >>> import numpy as np
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(22050) / 22050)
    >>> spectrogram = SpectrogramTransformer(n_fft=1024, fmin=500, fmax=5000)
    >>> frames = spectrogram.fit_transform([tone])
    >>> frames.shape
    (1, 44, 209)
    >>> round(float(spectrogram.frequencies_[frames[0, 20].argmax()]))
    991
    """

    _: KW_ONLY
    unit: str = "db"
    fmin: float = 0.0
    fmax: float | None = None
    ref: object = 1.0
    amin: float = 1e-10
    top_db: float | None = 80.0

    _parameter_constraints = {
        **SpectralTransformer._parameter_constraints,
        **DB_CONSTRAINTS,
        "unit": [StrOptions({"db", "amplitude", "power"})],
        "fmin": [Interval(Real, 0, None, closed="left")],
        "fmax": [Interval(Real, 0, None, closed="neither"), None],
    }

    def _learn(self):
        """Set the centre of each bin."""
        self.frequencies_ = np.fft.rfftfreq(self.n_fft, d=1 / self.sr)[self._bins]

    def _check_parameters(self):
        if self._bins.start >= self._bins.stop:
            fmax = self.sr / 2 if self.fmax is None else self.fmax
            raise ValueError(
                f"No bin is from fmin={self.fmin} Hz to fmax={fmax} Hz: bins are at multiples of "
                f"{self.sr / self.n_fft:g} Hz up to half of sr={self.sr} Hz. Lower fmin, or raise fmax or n_fft."
            )

    @property
    def _bins(self):
        return bins_between(self.sr, self.n_fft, self.fmin, self.fmax)

    def _dim_names(self):
        return [f"bin{k}" for k in range(self._bins.start, self._bins.stop)]

    def _frames(self, signal):
        return in_unit(signal.magnitude[..., self._bins], self.unit, self.ref, self.amin, self.top_db)
