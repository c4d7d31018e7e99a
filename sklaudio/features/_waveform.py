"""Features of the samples themselves: raw frames, loudness (RMS), zero-crossing rate."""

from dataclasses import KW_ONLY, dataclass
from numbers import Integral

import numpy as np
from array_api_compat import array_namespace, is_numpy_array
from sklearn.utils._param_validation import Interval

from ._base import FrameTransformer, OneDimTransformer
from ._signal import Signal, frame, like, pad

SILENCE = 1e-10  # samples this small have no sign


def rms(signal):
    """Return the root mean square of each frame: (n_frames, 1)."""
    xp = array_namespace(signal.y)
    return xp.sqrt(xp.vecdot(signal.frames, signal.frames) / signal.n_fft)[..., None]


def zero_crossing_rate(signal):
    """Return the fraction of the samples of each frame at which the sign changes, in [0, 1]: (n_frames, 1)."""
    y = signal.y if is_numpy_array(signal.y) else signal.y.cpu().numpy()
    half = signal.n_fft // 2
    y = np.pad(y, [(0, 0)] * (y.ndim - 1) + [(half, half)], mode="edge")
    is_negative = y < -SILENCE
    changes = np.cumsum(is_negative[..., 1:] != is_negative[..., :-1], axis=-1)  # [i]: between sample 0 and i + 1
    changes = np.concatenate([np.zeros_like(changes[..., :1]), changes], axis=-1)
    starts = np.arange(0, y.shape[-1] - signal.n_fft + 1, signal.hop_length)
    rate = (changes[..., starts + signal.n_fft - 1] - changes[..., starts]) / signal.n_fft
    return like(rate[..., None], signal.y)


class RMSTransformer(OneDimTransformer):
    r"""Extract the root mean square of each frame: its level, on the scale of the samples.

    Over the :math:`N` samples :math:`y_t(n)` of frame :math:`t`,

    .. math:: R_t = \sqrt{\frac{1}{N} \sum_n y_t(n)^2}.

    Parameters
    ----------
    sr, n_fft, hop_length : int
        Sampling rate in hertz, frame length and step in samples (22050, 2048, 512).
    duration, offset, memory, n_jobs, device, on_error
        As in :class:`FrameTransformer`.

    Notes
    -----
    Equals ``librosa.feature.rms(y=y, frame_length=n_fft, hop_length=hop_length).T``.

    Examples
    --------
    >>> import numpy as np
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(22050) / 22050)
    >>> round(float(RMSTransformer().fit_transform([tone])[0, 20, 0]), 3)
    0.707
    """

    _name = "rms"
    _needs_double = False

    def _frames(self, signal):
        return signal.by_frame(rms)


class ZeroCrossingRateTransformer(OneDimTransformer):
    r"""Extract the zero-crossing rate of each frame, in [0, 1]: high for noise and hiss, low for voices and bass.

    Over the :math:`N` samples :math:`y_t(n)` of frame :math:`t`, with :math:`s = 1` where a sample is negative, else 0,

    .. math:: Z_t = \frac{1}{N} \sum_{n=1}^{N-1} |s(y_t(n)) - s(y_t(n-1))|.

    Parameters
    ----------
    sr, n_fft, hop_length : int
        Sampling rate in hertz, frame length and step in samples (22050, 2048, 512).
    duration, offset, memory, n_jobs, device, on_error
        As in :class:`FrameTransformer`.

    Notes
    -----
    Equals ``librosa.feature.zero_crossing_rate(y, frame_length=n_fft, hop_length=hop_length).T``.
    """

    _name = "zero_crossing_rate"
    _needs_double = False

    def _frames(self, signal):
        return zero_crossing_rate(signal)


@dataclass(eq=False, repr=False)
class WaveformTransformer(FrameTransformer):
    """Cut raw samples into frames, for nets that learn features.

    Parameters
    ----------
    frame_length : int, default=160
        Samples in a frame; 160 are 10 ms at 16 kHz.
    hop_length : int or None, default=None
        Samples from one frame to the next; None is `frame_length`, so that frames do not overlap.
    sr : int, default=16000
        Sampling rate in hertz.
    duration, offset, memory, n_jobs, device, on_error
        As in :class:`FrameTransformer`.

    Notes
    -----
    Frames are not centred or windowed. Samples at the end that fill no frame are left out; a clip shorter than one
    frame is padded with zeros to one.

    Examples
    --------
    >>> import numpy as np
    >>> WaveformTransformer().fit_transform([np.zeros(16000)]).shape
    (1, 100, 160)
    """

    frame_length: int = 160
    _: KW_ONLY
    hop_length: int | None = None
    sr: int = 16000

    _parameter_constraints = {
        **FrameTransformer._parameter_constraints,
        "frame_length": [Interval(Integral, 1, None, closed="left")],
        "hop_length": [Interval(Integral, 1, None, closed="left"), None],
    }

    def _signal(self, y):
        return Signal(y, sr=self.sr, n_fft=self.frame_length, hop_length=self.hop_length or self.frame_length)

    def _dim_names(self):
        return [f"sample{k}" for k in range(self.frame_length)]

    def _frames(self, signal):
        missing = max(0, self.frame_length - signal.y.shape[-1])
        return frame(pad(signal.y, 0, missing), self.frame_length, signal.hop_length)
