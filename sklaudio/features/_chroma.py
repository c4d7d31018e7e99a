"""Chroma: energy in each of the pitch classes, after the tuning of the clip."""

from dataclasses import KW_ONLY, dataclass
from functools import lru_cache
from numbers import Integral, Real

import numpy as np
from array_api_compat import array_namespace, is_numpy_array
from sklearn.utils._param_validation import Interval

from ._base import SpectralTransformer
from ._signal import like

PITCH_RANGE = (150.0, 4000.0)  # hertz
PEAK_THRESHOLD = 0.1  # of the strongest bin of the frame
TUNING_STEPS = 100  # a semitone is divided into this many


@lru_cache(maxsize=256)
def chroma_bank(sr, n_fft, n_chroma, tuning):
    """Return the weight of each bin in each pitch class: (n_chroma, 1 + n_fft // 2), float32."""
    import librosa

    return librosa.filters.chroma(sr=sr, n_fft=n_fft, n_chroma=n_chroma, tuning=tuning)


def estimate_tuning(power, sr, n_fft, bins_per_octave):
    """Estimate the deviation from A440 in fractions of a bin, in [-0.5, 0.5): the most frequent of the stronger peaks.

    Equals ``librosa.estimate_tuning(S=power.T, ...)``, on the bins of the pitch range alone.
    """
    pitches, magnitudes = spectral_peaks(power, sr, n_fft)
    pitches = pitches[magnitudes >= np.median(magnitudes)] if len(magnitudes) else pitches
    if len(pitches) == 0:
        return 0.0
    residual = np.mod(bins_per_octave * np.log2(pitches / (440.0 / 16)), 1.0)
    residual[residual >= 0.5] -= 1.0
    counts, edges = np.histogram(residual, np.linspace(-0.5, 0.5, TUNING_STEPS + 1))
    return float(edges[np.argmax(counts)])


def spectral_peaks(power, sr, n_fft):
    """Return frequencies in hertz and heights of the local maxima of each frame, by parabolic interpolation [1]_.

    References
    ----------
    .. [1] J. O. Smith, "Sinusoidal Peak Interpolation", in Spectral Audio Signal Processing, CCRMA 2011.
    """
    lowest, highest = PITCH_RANGE
    frequencies = np.fft.rfftfreq(n_fft, d=1 / sr)
    bins = np.flatnonzero((frequencies >= lowest) & (frequencies < min(highest, sr / 2)))
    if len(bins) == 0:
        return np.empty(0, np.float32), np.empty(0, np.float32)
    first, last = bins[0], bins[-1] + 1
    threshold = PEAK_THRESHOLD * power.max(axis=1, keepdims=True)
    here = power[:, first:last]
    # A peak is above the threshold, so that it is compared with its neighbours as they are, audible or not.
    is_peak = here > threshold
    is_peak &= here > power[:, first - 1 : last - 1]
    n_inner = min(last, power.shape[1] - 1) - first  # the last bin of the spectrum has no right neighbour to lose to
    is_peak[:, :n_inner] &= here[:, :n_inner] >= power[:, first + 1 : first + 1 + n_inner]
    at_frame, at_bin = np.divmod(np.flatnonzero(is_peak), last - first)
    at_bin += first
    left, peak, right = (power[at_frame, np.minimum(at_bin + step, power.shape[1] - 1)] for step in (-1, 0, 1))
    curvature = (left + right) - 2.0 * peak.astype(np.float64)
    slope = (right - left) / 2
    is_inside = (np.abs(slope) < np.abs(curvature)) & (at_bin < power.shape[1] - 1)
    shift = np.where(is_inside, -slope / np.where(is_inside, curvature, 1), 0).astype(np.float32)
    pitches = ((at_bin + shift) * float(sr) / n_fft).astype(np.float32)
    return pitches, peak + (0.5 * slope * shift).astype(np.float32)


def chroma(signal, n_chroma, tuning):
    """Return chroma scaled to a maximum of 1 per frame; silent frames are zero: (n_frames, n_chroma)."""
    power = signal.power
    xp = array_namespace(power)
    if tuning is None and power.ndim > 2:  # each clip has a different tuning
        return xp.stack([_chroma(clip, signal, n_chroma, None) for clip in power])
    return _chroma(power, signal, n_chroma, tuning)


def _chroma(power, signal, n_chroma, tuning):
    xp = array_namespace(power)
    if tuning is None:
        on_host = power if is_numpy_array(power) else power.cpu().numpy()
        n_fft = 2 * (power.shape[1] - 1)  # librosa's guess from the spectrum alone, one off for an odd n_fft
        tuning = estimate_tuning(on_host, signal.sr, n_fft, n_chroma)
    raw = power @ like(chroma_bank(signal.sr, signal.n_fft, n_chroma, tuning), power).T
    loudest = xp.max(raw, axis=-1, keepdims=True)
    is_silent = loudest < float(np.finfo(np.float32).tiny)
    return raw / xp.where(is_silent, xp.ones_like(loudest), loudest)


@dataclass(eq=False, repr=False)
class ChromaTransformer(SpectralTransformer):
    r"""Extract chroma: the energy of each pitch class, relative to the strongest of the frame.

    With the power spectrum :math:`|S_t(f)|^2` of frame :math:`t` and the weight :math:`W_p(f)` of bin :math:`f` in
    pitch class :math:`p`, whatever the octave,

    .. math:: C_t(p) = \frac{\sum_f W_p(f) \, |S_t(f)|^2}{\max_q \sum_f W_q(f) \, |S_t(f)|^2}.

    Parameters
    ----------
    n_chroma : int, default=12
        Number of pitch classes in an octave.
    tuning : float or None, default=None
        Deviation from A440 in fractions of a pitch class, in [-0.5, 0.5); None estimates it from each clip.
    sr, n_fft, hop_length : int
        Sampling rate in hertz, frame length and step in samples (22050, 2048, 512).
    duration, offset, memory, n_jobs, device, on_error
        As in :class:`FrameTransformer`.

    Notes
    -----
    Equals ``librosa.feature.chroma_stft(...).T``, estimation of the tuning included [1]_. "chroma0" is C for twelve
    pitch classes.

    References
    ----------
    .. [1] D. Ellis, "Chroma feature analysis and synthesis", Columbia University, 2007.

    Examples
    --------
    >>> import numpy as np
    >>> a4 = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> frames = ChromaTransformer().fit_transform([a4])
    >>> int(frames[0].mean(axis=0).argmax())        # A
    9
    """

    n_chroma: int = 12
    _: KW_ONLY
    tuning: float | None = None

    _parameter_constraints = {
        **SpectralTransformer._parameter_constraints,
        "n_chroma": [Interval(Integral, 1, None, closed="left")],
        "tuning": [Interval(Real, -0.5, 0.5, closed="left"), None],
    }

    def _dim_names(self):
        return [f"chroma{k}" for k in range(self.n_chroma)]

    def _frames(self, signal):
        if self.tuning is None:  # it is estimated from all frames together
            return chroma(signal, self.n_chroma, None)
        return signal.by_frame(chroma, self.n_chroma, self.tuning)
