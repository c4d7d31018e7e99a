"""Codec: what a clip loses on its way through an encoder or a telephone."""

import io
from dataclasses import dataclass
from numbers import Real

import numpy as np
from scipy.signal import butter, sosfiltfilt
from sklearn.utils._param_validation import Interval

from ..._utils.terminal import shortened
from ...audio._resample import fix_length, resample
from ._step import PROBABILITY, WaveformStep

MP3_RATES = 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000  # hertz, of MPEG 1, 2 and 2.5
MP3_MAX = 0.99  # libsndfile refuses 1
OPUS_RATES = 8000, 12000, 16000, 24000, 48000
TELEPHONE_RATE, TELEPHONE_BAND = 8000, (300, 3400)  # hertz
MU = 255  # of G.711
ALIGNED_WITHIN = 0.1  # seconds that a decoder may shift what it returns


@dataclass(eq=False, repr=False)
class Codec(WaveformStep):
    r"""Encode and decode clips, as they come from the web or a telephone.

    "mp3" and "opus" go through these encoders in memory. "telephone" is the band from 300 to 3400 Hz at 8 kHz, in the 8
    bits of G.711, of :math:`F(x) = \mathrm{sgn}(x) \ln(1 + 255 |x|) / \ln 256`.

    Parameters
    ----------
    codecs : str or tuple of str, default=("mp3", "opus", "telephone")
        One of these, or several to draw from.
    compression : float or (float, float), default=(0.5, 1.0)
        How far "mp3" and "opus" compress, from 0, the best, to 1, the smallest, or the lowest and the highest.
    p : float, default=0.5
        Probability that a clip is changed, 0 to 1.

    References
    ----------
    .. [1] ITU-T Recommendation G.711, "Pulse code modulation (PCM) of voice frequencies", 1988.

    Examples
    --------
    >>> import numpy as np
    >>> from sklaudio.augment.waveform import Codec
    >>> noise = 0.1 * np.random.default_rng(0).normal(size=16000)
    >>> spectrum = np.abs(np.fft.rfft(Codec("telephone", p=1)(noise, 16000))) ** 2  # a bin is a hertz here
    >>> bool(spectrum[300:3400].sum() > 100 * spectrum[4000:].sum())
    True
    """

    codecs: object = ("mp3", "opus", "telephone")
    compression: object = (0.5, 1.0)
    p: float = 0.5

    _parameter_constraints = {
        "codecs": [str, tuple, list],
        "compression": [Interval(Real, 0, 1, closed="both"), tuple, list],
        "p": PROBABILITY,
    }

    def _change(self, y, sr, rng):
        names = [self.codecs] if isinstance(self.codecs, str) else list(self.codecs)
        if not names or not {*names} <= {*CODECS}:
            raise ValueError(f"codecs={shortened(self.codecs)} must be one or several of {', '.join(CODECS)}.")
        name = names[rng.randint(len(names))]
        bounds = (self.compression,) * 2 if isinstance(self.compression, Real) else self.compression
        if not (len(bounds) == 2 and 0 <= bounds[0] <= bounds[1] <= 1):
            raise ValueError(f"compression={shortened(self.compression)} must be in [0, 1], or two such numbers.")
        peak = np.abs(y).max()
        if peak == 0:
            return y
        scale = max(1.0, float(peak))  # encoders cut what is above 1
        return CODECS[name](y / np.float32(scale), sr, rng.uniform(*bounds)) * np.float32(scale)


def mp3(y, sr, compression):
    """Send a waveform through an mp3."""
    level = min(compression, MP3_MAX)
    return _round_trip(y, sr, MP3_RATES, {"format": "MP3", "compression_level": level})


def opus(y, sr, compression):
    """Send a waveform through Opus."""
    return _round_trip(y, sr, OPUS_RATES, {"format": "OGG", "subtype": "OPUS", "compression_level": compression})


def telephone(y, sr, compression):
    """Send a waveform through a telephone line; it has no compression to choose."""
    band = butter(4, TELEPHONE_BAND, "bandpass", fs=TELEPHONE_RATE, output="sos")
    narrow = resample(y, sr, TELEPHONE_RATE, None)
    narrow = sosfiltfilt(band, narrow, padlen=min(len(narrow) - 1, 27)).clip(-1, 1)
    code = np.round(np.sign(narrow) * np.log1p(MU * np.abs(narrow)) / np.log1p(MU) * 127) / 127
    decoded = np.sign(code) * np.expm1(np.abs(code) * np.log1p(MU)) / MU
    return fix_length(resample(decoded.astype(np.float32), TELEPHONE_RATE, sr, None), len(y))


CODECS = {"mp3": mp3, "opus": opus, "telephone": telephone}


def _round_trip(y, sr, rates, settings):
    """Send a waveform through a file in memory, at the next higher rate that there is; keep length and place."""
    import soundfile

    rate = next((rate for rate in rates if rate >= sr), rates[-1])
    file = io.BytesIO()
    soundfile.write(file, y if rate == sr else resample(y, sr, rate, None), rate, **settings)
    file.seek(0)
    decoded, _ = soundfile.read(file, dtype="float32")
    return _aligned(decoded if rate == sr else resample(decoded, rate, sr, None), y, sr)


def _aligned(decoded, y, sr):
    """Cut off the silence that an encoder has put before: the shift at which both agree best."""
    from scipy.signal import correlate, correlation_lags

    agreement = correlate(decoded, y, method="fft")
    lags = correlation_lags(len(decoded), len(y))
    near = np.abs(lags) <= ALIGNED_WITHIN * sr
    lag = int(lags[near][agreement[near].argmax()])
    return fix_length(np.pad(decoded, (max(0, -lag), 0))[max(0, lag) :], len(y))
