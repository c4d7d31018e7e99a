"""Length and step of frames for a sampling rate."""

from math import log2

FRAME, HOP = 0.05, 0.02  # seconds
SPEECH, SPEECH_HOP = 16000, 0.01  # hertz, up to; seconds
TELEPHONE, TELEPHONE_FRAME = (4000, 8000), 0.032  # hertz, above and up to; seconds


def frame_sizes(sr):
    """Return length and step of frames for a sampling rate: the powers of two nearest to 50 ms and 20 ms.

    Up to 16 kHz, the rates of speech and of single notes, the step is 10 ms. Above 4 kHz and up to 8 kHz, as telephones
    have it, the length is nearest to 32 ms: longer frames tell the harmonics of a voice apart, which are the speaker's,
    not the word's.

    Parameters
    ----------
    sr : int
        Sampling rate in hertz.

    Returns
    -------
    dict
        `n_fft` and `hop_length`, in samples.

    Examples
    --------
    >>> frame_sizes(22050), frame_sizes(16000), frame_sizes(8000)["n_fft"]
    ({'n_fft': 1024, 'hop_length': 512}, {'n_fft': 1024, 'hop_length': 160}, 256)
    """
    lowest, highest = TELEPHONE
    frame = TELEPHONE_FRAME if lowest < sr <= highest else FRAME
    hop_length = max(1, round(SPEECH_HOP * sr)) if sr <= SPEECH else _nearest_power_of_two(HOP * sr)
    return {"n_fft": _nearest_power_of_two(frame * sr), "hop_length": hop_length}


def segment_frames(seconds, sr):
    """Return the frames of :func:`frame_sizes` in so many seconds, at least one: the `segment_length` of a net."""
    return max(1, round(seconds * sr / frame_sizes(sr)["hop_length"]))


def _nearest_power_of_two(n_samples):
    return 2 ** max(0, round(log2(n_samples)))
