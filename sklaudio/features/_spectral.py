"""One-number descriptions of a spectrum: centroid, bandwidth, rolloff, flatness, and contrast in octave bands."""

from dataclasses import KW_ONLY, dataclass
from numbers import Integral, Real

import numpy as np
from array_api_compat import array_namespace
from sklearn.utils._param_validation import Interval

from ._base import OneDimTransformer, SpectralTransformer
from ._signal import power_to_db


def spectral_centroid(signal):
    """Return the mean frequency in hertz, weighted by magnitude: (n_frames, 1)."""
    magnitude = signal.magnitude
    xp = array_namespace(magnitude)
    frequencies = xp.astype(signal.frequencies, magnitude.dtype)
    sums = magnitude @ xp.stack([frequencies, xp.ones_like(frequencies)], axis=1)
    weighted, total = sums[..., :1], sums[..., 1:]
    return weighted / xp.where(_is_silent(total), xp.ones_like(total), total)


def spectral_bandwidth(signal):
    """Return the standard deviation of frequency in hertz around the centroid, weighted by magnitude: (n_frames, 1)."""
    magnitude = signal.magnitude
    xp = array_namespace(magnitude)
    magnitude = xp.astype(magnitude, xp.float64)
    total = xp.sum(magnitude, axis=-1, keepdims=True)
    total = xp.where(_is_silent(total), xp.ones_like(total), total)
    centroid = (magnitude @ signal.frequencies)[..., None] / total
    return xp.sqrt(xp.sum(magnitude * (signal.frequencies - centroid) ** 2, axis=-1, keepdims=True) / total)


def _is_silent(total):
    return total < float(np.finfo(np.float32).tiny)


def spectral_rolloff(signal, roll_percent):
    """Return the lowest frequency in hertz with `roll_percent` of the magnitude at or below it: (n_frames, 1)."""
    xp = array_namespace(signal.magnitude)
    # In single precision, as librosa sums: a frame on the edge then falls into the same bin.
    total = xp.cumulative_sum(signal.magnitude, axis=-1)
    reaches = total >= roll_percent * total[..., -1:]
    return signal.frequencies[xp.argmax(xp.astype(reaches, xp.int8), axis=-1)][..., None]


def spectral_flatness(signal, *, amin=1e-10):
    """Return the geometric over the arithmetic mean of the power, in (0, 1]; 1 for white noise: (n_frames, 1)."""
    xp = array_namespace(signal.power)
    power = xp.clip(xp.astype(signal.power, xp.float64), amin, None)
    return xp.exp(xp.mean(xp.log(power), axis=-1, keepdims=True)) / xp.mean(power, axis=-1, keepdims=True)


def octave_bands(frequencies, n_bands, fmin):
    """Return the slice of bins of each band: below `fmin`, `n_bands` - 1 octaves from it on, and all above."""
    edges = np.concatenate([[0.0], fmin * 2.0 ** np.arange(n_bands + 1)])
    bands = []
    for band in range(n_bands + 1):
        inside = np.flatnonzero((frequencies >= edges[band]) & (frequencies <= edges[band + 1]))
        first = inside[0] - (band > 0)  # a bin of overlap with the band below
        last = len(frequencies) if band == n_bands else inside[-1] + 1
        bands.append((first, last))
    return bands


def spectral_contrast(signal, n_bands, fmin, quantile):
    """Return peaks over valleys in dB, in each octave band: (n_frames, n_bands + 1)."""
    levels = signal.by_frame(peaks_and_valleys, n_bands, fmin, quantile)
    peaks, valleys = levels[..., : n_bands + 1], levels[..., n_bands + 1 :]
    return power_to_db(peaks) - power_to_db(valleys)


def peaks_and_valleys(signal, n_bands, fmin, quantile):
    """Return the mean of the largest magnitudes of each band, then of the smallest: (n_frames, 2 * (n_bands + 1))."""
    xp = array_namespace(signal.magnitude)
    frequencies = np.fft.rfftfreq(signal.n_fft, d=1 / signal.sr)
    peaks, valleys = [], []
    for band, (first, last) in enumerate(octave_bands(frequencies, n_bands, fmin)):
        n_edge = max(1, int(np.rint(quantile * (last - first))))
        # librosa counts a band's last bin in its width but looks for peaks and valleys below it, but for the last band.
        in_band = signal.magnitude[..., first : last - (band < n_bands)]
        valley, peak = _means_of_edges(in_band, n_edge)
        valleys.append(valley)
        peaks.append(peak)
    return xp.stack([*peaks, *valleys], axis=-1)


def _means_of_edges(values, n_edge):
    """Return the mean of the `n_edge` smallest and of the `n_edge` largest of each frame: (n_frames,) each."""
    xp = array_namespace(values)
    if n_edge == 1:
        return xp.min(values, axis=-1), xp.max(values, axis=-1)
    ordered = xp.sort(values, axis=-1, stable=False)
    return xp.mean(ordered[..., :n_edge], axis=-1), xp.mean(ordered[..., -n_edge:], axis=-1)


@dataclass(eq=False, repr=False)
class SpectralCentroidTransformer(OneDimTransformer):
    r"""Extract the spectral centroid in hertz: how bright a frame sounds.

    It is the mean of the frequencies :math:`f`, weighted by the magnitudes :math:`|S_t(f)|` of frame :math:`t`:

    .. math:: c_t = \frac{\sum_f f \, |S_t(f)|}{\sum_f |S_t(f)|}.

    Parameters
    ----------
    sr, n_fft, hop_length : int
        Sampling rate in hertz, frame length and step in samples (22050, 2048, 512).
    duration, offset, memory, n_jobs, device, on_error
        As in :class:`FrameTransformer`.

    Notes
    -----
    Equals ``librosa.feature.spectral_centroid(...).T``; silent frames are 0 Hz.

    Examples
    --------
    >>> import numpy as np
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(22050) / 22050)
    >>> frames = SpectralCentroidTransformer().fit_transform([tone])
    >>> round(float(frames[0, 20, 0]))
    1000
    """

    _name = "centroid"
    _needs_double = False

    def _frames(self, signal):
        return signal.by_frame(spectral_centroid)


@dataclass(eq=False, repr=False)
class SpectralBandwidthTransformer(OneDimTransformer):
    r"""Extract the spectral bandwidth in hertz: how far a frame spreads around its centroid.

    It is the standard deviation of the frequencies :math:`f` around the centroid :math:`c_t`, weighted by magnitude:

    .. math:: b_t = \sqrt{\frac{\sum_f |S_t(f)| \, (f - c_t)^2}{\sum_f |S_t(f)|}}.

    Parameters
    ----------
    sr, n_fft, hop_length : int
        Sampling rate in hertz, frame length and step in samples (22050, 2048, 512).
    duration, offset, memory, n_jobs, device, on_error
        As in :class:`FrameTransformer`.

    Notes
    -----
    Equals ``librosa.feature.spectral_bandwidth(...).T`` of order 2; silent frames are 0 Hz.
    """

    _name = "bandwidth"

    def _frames(self, signal):
        return signal.by_frame(spectral_bandwidth)


@dataclass(eq=False, repr=False)
class SpectralRolloffTransformer(OneDimTransformer):
    r"""Extract the spectral rolloff in hertz: the frequency below which most of the magnitude lies.

    With :math:`\rho` for `roll_percent`,

    .. math:: r_t = \min\Bigl\{f : \sum_{g \le f} |S_t(g)| \ge \rho \sum_g |S_t(g)|\Bigr\}.

    Parameters
    ----------
    roll_percent : float, default=0.85
        The fraction of the magnitude, in (0, 1).
    sr, n_fft, hop_length : int
        Sampling rate in hertz, frame length and step in samples (22050, 2048, 512).
    duration, offset, memory, n_jobs, device, on_error
        As in :class:`FrameTransformer`.

    Notes
    -----
    Equals ``librosa.feature.spectral_rolloff(...).T``; silent frames are 0 Hz.
    """

    roll_percent: float = 0.85

    _parameter_constraints = {
        **SpectralTransformer._parameter_constraints,
        "roll_percent": [Interval(Real, 0, 1, closed="neither")],
    }
    _name = "rolloff"

    def _frames(self, signal):
        return signal.by_frame(spectral_rolloff, self.roll_percent)


@dataclass(eq=False, repr=False)
class SpectralFlatnessTransformer(OneDimTransformer):
    r"""Extract the spectral flatness, in (0, 1]: near 1 for noise, near 0 for tones.

    It is the geometric mean of the power of the :math:`N` bins over their arithmetic mean:

    .. math:: F_t = \frac{\exp\bigl(\frac{1}{N} \sum_f \ln |S_t(f)|^2\bigr)}{\frac{1}{N} \sum_f |S_t(f)|^2}.

    Parameters
    ----------
    sr, n_fft, hop_length : int
        Sampling rate in hertz, frame length and step in samples (22050, 2048, 512).
    duration, offset, memory, n_jobs, device, on_error
        As in :class:`FrameTransformer`.

    Notes
    -----
    Equals ``librosa.feature.spectral_flatness(...).T``; silent frames are 1.
    """

    _name = "flatness"

    def _frames(self, signal):
        return signal.by_frame(spectral_flatness)


@dataclass(eq=False, repr=False)
class SpectralContrastTransformer(SpectralTransformer):
    r"""Extract the spectral contrast in decibel: peaks over valleys in octave bands.

    With :math:`P_t(b)` and :math:`V_t(b)` the means of the `quantile` largest and smallest magnitudes of
    octave :math:`b`,

    .. math:: K_t(b) = 10 \log_{10} P_t(b) - 10 \log_{10} V_t(b).

    Parameters
    ----------
    n_bands : int, default=6
        Number of octave bands; there is one dim more, for what lies below `fmin`.
    fmin : float, default=200.0
        Upper edge in hertz of the lowest band.
    quantile : float, default=0.02
        Fraction of the bins of a band that make its peak and its valley, in (0, 1).
    sr, n_fft, hop_length : int
        Sampling rate in hertz, frame length and step in samples (22050, 2048, 512).
    duration, offset, memory, n_jobs, device, on_error
        As in :class:`FrameTransformer`.

    Notes
    -----
    Equals ``librosa.feature.spectral_contrast(...).T`` [1]_; silent frames are 0 dB.

    References
    ----------
    .. [1] D.-N. Jiang, L. Lu, H.-J. Zhang, J.-H. Tao and L.-H. Cai, "Music type classification by spectral contrast
       feature", ICME 2002, vol. 1, 113-116.
    """

    n_bands: int = 6
    _: KW_ONLY
    fmin: float = 200.0
    quantile: float = 0.02

    _parameter_constraints = {
        **SpectralTransformer._parameter_constraints,
        "n_bands": [Interval(Integral, 1, None, closed="left")],
        "fmin": [Interval(Real, 0, None, closed="neither")],
        "quantile": [Interval(Real, 0, 1, closed="neither")],
    }

    def _check_parameters(self):
        highest = self.fmin * 2.0 ** (self.n_bands - 1)
        if highest >= self.sr / 2:
            raise ValueError(
                f"The highest of n_bands={self.n_bands} octaves from fmin={self.fmin} Hz begins at {highest:g} Hz, and "
                f"sr={self.sr} Hz reaches to {self.sr / 2:g} Hz only. Lower n_bands or fmin."
            )
        last = np.fft.rfftfreq(self.n_fft, d=1 / self.sr)[-1]  # below sr / 2 where n_fft is odd
        if highest > last:
            raise ValueError(
                f"The highest of n_bands={self.n_bands} octaves from fmin={self.fmin} Hz begins at {highest:g} Hz, and "
                f"the last bin of n_fft={self.n_fft} is at {last:g} Hz. Make n_fft even, or lower n_bands or fmin."
            )
        if self.fmin < self.sr / self.n_fft:
            raise ValueError(
                f"fmin={self.fmin} Hz is below the distance of two bins ({self.sr / self.n_fft:g} Hz), "
                "so that bands are empty. Raise fmin or n_fft."
            )

    def _dim_names(self):
        return [f"contrast{band}" for band in range(self.n_bands + 1)]

    def _frames(self, signal):
        return spectral_contrast(signal, self.n_bands, self.fmin, self.quantile)
