"""Rhythm: onset strength, its autocorrelation around each frame (tempogram), and the tempo."""

from dataclasses import dataclass
from functools import lru_cache
from numbers import Integral, Real

import numpy as np
import scipy.fft
import scipy.signal
from array_api_compat import array_namespace, is_numpy_array
from sklearn.utils._param_validation import Interval, StrOptions

from ._base import OneDimTransformer, SpectralTransformer
from ._mel import mel_spectrogram
from ._signal import frame, like

N_MELS = 128  # of the onset strength, as librosa has it
ROUNDING = 1e-12  # of the highest lag
LIKELIHOOD_SCALE = 1e6  # of the tempogram before its logarithm, as there


def onset_strength(signal):
    """Return how much louder each frame is than the one before: mean rise of 128 mel bands in dB, (n_frames,).

    A frame reaches half its length ahead of its centre, so that the rise is moved by as much.
    """
    mel = mel_spectrogram(signal, N_MELS, 0.0, None)
    xp = array_namespace(mel)
    n_frames = mel.shape[-2]
    before = xp.concat([mel[..., :1, :], mel], axis=-2)[..., :n_frames, :]
    rise = xp.mean(xp.clip(mel - before, 0.0, None), axis=-1)
    n_later = signal.n_fft // (2 * signal.hop_length)
    silence = xp.zeros_like(rise[..., :1])
    return xp.concat([silence] * n_later + [rise], axis=-1)[..., :n_frames]


@lru_cache(maxsize=16)
def lags_of_power(n_fft, n_lags):
    """Return the cosines that make autocorrelation of the power of each bin: (1 + n_fft // 2, n_lags), float64."""
    bins = np.arange(1 + n_fft // 2)
    is_once = (bins == 0) | (2 * bins == n_fft)  # other bins stand for two
    cosines = np.cos(2 * np.pi * np.outer(bins, np.arange(n_lags)) / n_fft)
    return np.where(is_once, 1.0, 2.0)[:, None] * cosines / n_fft


def tempogram(strength, win_length):
    """Return the autocorrelation of onset strength in a window around each frame, its maximum 1: (n_frames, n_lags)."""
    xp = array_namespace(strength)
    n_frames = strength.shape[-1]
    strength = xp.astype(strength, xp.float64)
    ramp = like(np.linspace(1.0, 0.0, win_length // 2 + 1)[1:], strength)
    padded = xp.concat([strength[..., :1] * xp.flip(ramp), strength, strength[..., -1:] * ramp], axis=-1)
    if is_numpy_array(padded):
        windows = frame(padded, win_length, 1)[:n_frames]
    else:  # by an index, which a graph of any number of frames can have
        steps = xp.arange(win_length, device=padded.device)
        windows = padded[..., xp.arange(n_frames, device=padded.device)[:, None] + steps]
    n_fft = scipy.fft.next_fast_len(2 * win_length - 1, real=True)
    spectrum = xp.fft.rfft(windows * like(scipy.signal.get_window("hann", win_length), strength), n=n_fft)
    spectrum = xp.stack([xp.real(spectrum), xp.imag(spectrum)], axis=0)
    lags = xp.sum(spectrum**2, axis=0) @ like(lags_of_power(n_fft, win_length), strength)
    highest = xp.max(xp.abs(lags), axis=-1, keepdims=True)
    is_silent = highest < float(np.finfo(np.float32).tiny)
    lags = lags / xp.where(is_silent, xp.ones_like(highest), highest)
    # Where there is nothing, such as at the last lag, are rounding errors, which a FrameScaler would raise to noise.
    return xp.where(lags < ROUNDING, xp.zeros_like(lags), lags)


def beats_per_minute(n_lags, sr, hop_length):
    """Return the tempo that each lag is a beat of, infinite for the first: (n_lags,), float64."""
    return np.append(np.inf, 60.0 * sr / (hop_length * np.arange(1.0, n_lags)))


def tempo(lags, tempi, start_bpm, std_bpm, max_tempo):
    """Return the most probable tempo of each row of a tempogram (…, n_lags): (…, 1), in beats per minute."""
    xp = array_namespace(lags)
    prior = np.full(len(tempi), -np.inf)
    prior[1:] = -0.5 * (np.log2(tempi[1:] / start_bpm) / std_bpm) ** 2
    if max_tempo is not None:
        prior[tempi >= max_tempo] = -np.inf
    best = xp.argmax(xp.log1p(LIKELIHOOD_SCALE * lags) + like(prior, lags), axis=-1)
    return like(tempi, lags)[best][..., None]


@dataclass(eq=False, repr=False)
class TempogramTransformer(SpectralTransformer):
    r"""Extract the tempogram: how much the rhythm around each frame repeats after each lag.

    The onset strength :math:`o(t)` is the mean rise of 128 mel bands in decibel from frame to frame. With a Hann window
    :math:`w` of `win_length` frames around frame :math:`t`,

    .. math:: A_t(k) = \sum_j w(j) \, o(t + j) \; w(j + k) \, o(t + j + k), \qquad
       T_t(k) = \frac{A_t(k)}{\max_i |A_t(i)|}.

    Parameters
    ----------
    win_length : int, default=384
        Frames of the window, and number of lags; 384 are 8.9 s.
    sr, n_fft, hop_length : int
        Sampling rate in hertz, frame length and step in samples (22050, 2048, 512).
    duration, offset, memory, n_jobs, device, on_error
        As in :class:`FrameTransformer`.

    Attributes
    ----------
    tempo_frequencies_ : ndarray of shape (win_length,)
        Beats per minute, if a beat is as long as the lag; infinite for the first.

    See Also
    --------
    TempoTransformer : The lag that is most probably the beat.

    Notes
    -----
    Equals ``librosa.feature.tempogram(y=y, ...).T`` [1]_; silence is 0.

    References
    ----------
    .. [1] P. Grosche, M. Müller and F. Kurth, "Cyclic tempogram: a mid-level tempo representation for music signals",
       ICASSP 2010, 5522-5525.

    Examples
    --------
    >>> import numpy as np
    >>> clicks = np.zeros(10 * 22050)
    >>> clicks[::11025] = 1                                              # two a second
    >>> tempogram = TempogramTransformer().fit([clicks])
    >>> lags = tempogram.transform([clicks])[0].mean(axis=0)
    >>> round(float(tempogram.tempo_frequencies_[10 + lags[10:40].argmax()]))
    117
    """

    win_length: int = 384

    _parameter_constraints = {
        **SpectralTransformer._parameter_constraints,
        "win_length": [Interval(Integral, 1, None, closed="left")],
    }

    def _learn(self):
        """Set the tempo of each lag."""
        self.tempo_frequencies_ = beats_per_minute(self.win_length, self.sr, self.hop_length)

    def _dim_names(self):
        return [f"lag{k}" for k in range(self.win_length)]

    def _frames(self, signal):
        return tempogram(onset_strength(signal), self.win_length)


@dataclass(eq=False, repr=False, kw_only=True)
class TempoTransformer(OneDimTransformer):
    r"""Extract the tempo in beats per minute: the lag of the tempogram that is most probably the beat.

    With the tempogram :math:`T(k)` at lag :math:`k`, and :math:`b(k)` beats per minute if that lag is one beat,

    .. math:: \hat{k} = \arg\max_k \; \ln\bigl(1 + 10^6 \, T(k)\bigr)
       - \frac{1}{2} \Bigl(\frac{\log_2 b(k) - \log_2 b_0}{\sigma}\Bigr)^2,

    where :math:`b_0` is `start_bpm` and :math:`\sigma` is `std_bpm`.

    Parameters
    ----------
    start_bpm : float, default=120.0
        The tempo that is most probable before a clip is known, above 0.
    std_bpm : float, default=1.0
        Standard deviation of that in octaves, above 0: 1 takes half and twice the tempo for 0.6 times as probable.
    ac_size : float, default=8.0
        Seconds of the window that the tempogram is of, above 0. Tempi that take more than that for a beat are unknown.
    max_tempo : float or None, default=320.0
        Only slower tempi are possible; None takes any.
    aggregate : {"mean"} or None, default="mean"
        "mean" finds one tempo for a clip, from the mean of its tempogram, and each frame has it, so that
        ``FrameSummary(("mean",))`` gives it. None finds the tempo around each frame.
    sr, n_fft, hop_length : int
        Sampling rate in hertz, frame length and step in samples (22050, 2048, 512). A shorter `hop_length` tells more
        tempi apart: with the default the ones next to 117.5 are 112.3 and 123.0.
    duration, offset, memory, n_jobs, device, on_error
        As in :class:`FrameTransformer`.

    See Also
    --------
    TempogramTransformer : All lags.

    Notes
    -----
    Equals ``librosa.feature.tempo(y=y, ...)`` [1]_. Silence has the tempo that is nearest to `start_bpm`.

    References
    ----------
    .. [1] D. P. W. Ellis, "Beat tracking by dynamic programming", Journal of New Music Research 36 (2007), 51-60.

    Examples
    --------
    >>> import numpy as np
    >>> clicks = np.zeros(10 * 22050)
    >>> clicks[::11025] = 1                                              # two a second
    >>> frames = TempoTransformer(hop_length=128).fit_transform([clicks])
    >>> round(float(frames[0, 0, 0]))
    120
    """

    start_bpm: float = 120.0
    std_bpm: float = 1.0
    ac_size: float = 8.0
    max_tempo: float | None = 320.0
    aggregate: str | None = "mean"

    _parameter_constraints = {
        **OneDimTransformer._parameter_constraints,
        **{name: [Interval(Real, 0, None, closed="neither")] for name in ("start_bpm", "std_bpm", "ac_size")},
        "max_tempo": [Interval(Real, 0, None, closed="neither"), None],
        "aggregate": [StrOptions({"mean"}), None],
    }
    _name = "tempo"

    def _check_parameters(self):
        n_lags = self._n_lags
        slowest = 60.0 * self.sr / (self.hop_length * max(1, n_lags - 1))
        if n_lags < 2 or (self.max_tempo is not None and slowest >= self.max_tempo):
            raise ValueError(
                f"ac_size={self.ac_size} s is {n_lags} frames, in which no tempo below max_tempo={self.max_tempo} has "
                "a whole beat. Raise ac_size or max_tempo, or lower hop_length."
            )

    @property
    def _n_lags(self):
        return int(self.ac_size * self.sr) // self.hop_length

    def _frames(self, signal):
        lags = tempogram(onset_strength(signal), self._n_lags)
        xp = array_namespace(lags)
        tempi = beats_per_minute(self._n_lags, self.sr, self.hop_length)
        rows = lags if self.aggregate is None else xp.mean(lags, axis=-2, keepdims=True)
        found = tempo(rows, tempi, self.start_bpm, self.std_bpm, self.max_tempo)
        return found + xp.zeros_like(lags[..., :1])
