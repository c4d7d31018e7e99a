"""Sound in HTML: what browsers play, in the page itself."""

import base64
import io
from html import escape

import numpy as np

from .._utils.terminal import one_line
from ._clips import as_clip
from ._in_memory import is_read
from ._load import load_audio
from ._resample import resample

MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000)  # hertz that MP3 has, up to what is enough to judge by


def player(name, clip, sr=22050, *, max_seconds=None, shown="clip"):
    """Return an HTML figure that plays a clip.

    Parameters
    ----------
    name : str
        What it is called, in text.
    clip : clip
        Whatever ``X`` may hold.
    sr : int, default=22050
        Rate in hertz that a waveform has, and that a file is read at.
    max_seconds : float or None, default=None
        How much of its start is played; None plays all.
    shown : str, default="clip"
        What an error calls the clip.

    Returns
    -------
    str
        HTML, which is light or dark as the page around it is.

    Raises
    ------
    UnreadableClipError
        If it cannot be read.
    """
    clip = as_clip(clip, shown)
    y = load_audio(clip, sr, duration=max_seconds)[0] if is_read(clip) else clip
    y = y if max_seconds is None else y[: round(max_seconds * sr)]
    name = escape(one_line(str(name)))
    return (
        f'<figure style="margin: 0.5em 0"><figcaption>{name}</figcaption>'
        f'<audio controls preload="none" aria-label="{name}" src="{sound(y, sr)}"></audio></figure>'
    )


def player_rate(sr):
    """Return the rate in hertz of what is played of clips that a model reads at `sr`."""
    return max((rate for rate in MP3_RATES if rate <= sr), default=MP3_RATES[0])


def sound(y, sr):
    """Encode a waveform as a small sound that browsers play: MP3, or WAV where libsndfile cannot write that.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Samples in [-1, 1]; what is beyond is clipped.
    sr : int
        Their rate in hertz; it becomes one of `MP3_RATES`.

    Returns
    -------
    str
        A data URI.
    """
    import soundfile

    rate = player_rate(sr)
    y = np.clip(y if rate == sr else resample(y, sr, rate, "clip"), -1, 1)
    file = io.BytesIO()
    if "MP3" in soundfile.available_formats():
        soundfile.write(file, y, rate, format="MP3", subtype="MPEG_LAYER_III", compression_level=0.5)
        return data_uri("audio/mpeg", file.getvalue())
    soundfile.write(file, y, rate, format="WAV", subtype="PCM_16")
    return data_uri("audio/wav", file.getvalue())


def data_uri(kind, data):
    """Return bytes of a MIME type as a data URI."""
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"
