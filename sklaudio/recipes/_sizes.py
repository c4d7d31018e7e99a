"""Length and step of frames for a sampling rate and for the lowest frequency that is to be seen."""

from math import log, log2
from numbers import Real

FRAME, HOP = 0.05, 0.02  # seconds
SPEECH, SPEECH_HOP = 16000, 0.01  # hertz, up to; seconds
TELEPHONE, TELEPHONE_FRAME = (4000, 8000), 0.032  # hertz, above and up to; seconds
PERIODS = 30  # of the lowest frequency, that a frame need not be longer than
N_MELS = 64


def frame_sizes(sr, *, fmin=0.0, fmax=None, n_mels=N_MELS):
    """Return length and step of frames for a sampling rate and the lowest frequency that is to be seen.

    The length is the power of two nearest to 50 ms, the step that to 20 ms. Up to 16 kHz, the rates of speech and of
    single notes, the step is 10 ms. Above 4 kHz and up to 8 kHz, as telephones have it, the length is nearest to 32 ms:
    longer frames tell the harmonics of a voice apart, which are the speaker's, not the word's.

    Where the lowest frequency is high, sounds are short: calls of bats last some milliseconds. From `fmin` = 600 Hz on
    (938 Hz at the rates of telephones) the length is 30 periods of it, or what tells the lowest two of the mel bands
    apart, if that is longer, but never more than without `fmin`. The step is shorter in the same ratio.

    Parameters
    ----------
    sr : int
        Sampling rate in hertz.
    fmin : float, default=0.0
        Lowest frequency of the bands in hertz.
    fmax : float or None, default=None
        Highest frequency of the bands in hertz; None is ``sr / 2``.
    n_mels : int, default=64
        Number of bands.

    Returns
    -------
    dict
        `n_fft` and `hop_length`, in samples.

    Examples
    --------
    >>> frame_sizes(22050), frame_sizes(16000), frame_sizes(8000)["n_fft"]
    ({'n_fft': 1024, 'hop_length': 512}, {'n_fft': 1024, 'hop_length': 160}, 256)
    >>> frame_sizes(250000), frame_sizes(250000, fmin=15000)  # 66 and 16 ms; 2 and 1 ms
    ({'n_fft': 16384, 'hop_length': 4096}, {'n_fft': 512, 'hop_length': 256})
    """
    lowest, highest = TELEPHONE
    longest = TELEPHONE_FRAME if lowest < sr <= highest else FRAME
    frame = min(longest, _shortest_frame(fmin, sr / 2 if fmax is None else fmax, n_mels))
    ratio = frame / longest
    hop_length = max(1, round(SPEECH_HOP * ratio * sr)) if sr <= SPEECH else _nearest_power_of_two(HOP * ratio * sr)
    return {"n_fft": _nearest_power_of_two(frame * sr), "hop_length": hop_length}


def _shortest_frame(fmin, fmax, n_mels):
    """Return the seconds in which the lowest frequency and the lowest two mel bands show; infinity without `fmin`."""
    numbers = fmin, fmax, n_mels
    if not all(isinstance(number, Real) for number in numbers) or not (0 < fmin < fmax and n_mels > 0):
        return float("inf")  # nothing to go by: what is wrong with them is said in fit
    # Mel bands are at equal ratios above 1 kHz: the lowest two are this fraction of fmin apart.
    fraction = log(fmax / fmin) / (n_mels + 1)
    return max(PERIODS, 1 / fraction) / fmin


def segment_frames(seconds, sr):
    """Return the frames of :func:`frame_sizes` in so many seconds, at least one: the `segment_length` of a net."""
    return max(1, round(seconds * sr / frame_sizes(sr)["hop_length"]))


def _nearest_power_of_two(n_samples):
    return 2 ** max(0, round(log2(n_samples)))
