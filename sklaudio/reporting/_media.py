"""What can be played and seen of a clip, as data URIs: a short mono sound, and its spectrogram."""

import io
from functools import lru_cache

import numpy as np

from .._introspect import features_of
from .._utils.progress import progress
from .._utils.terminal import one_line
from ..audio import load_audio
from ..audio._clips import as_clip
from ..audio._in_memory import is_read
from ..audio._load import skip_seconds
from ..audio._playable import data_uri, player_rate, sound
from ..timeline._formats import format_time

SR = 22050  # hertz at which clips are read where no model says
AXES = 0.165, 0.27, 0.795, 0.67  # of a picture: left, bottom, width and height, as fractions
N_MELS = 64
LEVELS = 70  # dB below the loudest that are drawn
COLOURS, GREYS = 56, 8  # of a picture, which is half as large as with all of them
TICKS = (250, 1000, 4000, 16000)  # hertz
INK, GROUND = "#d5d9df", "#14171b"  # readable on a light page and on a dark one


class Listener:
    """Read clips as a model does: its sampling rate, and the part that its features read.

    Parameters
    ----------
    model : fitted model of clips, or None
        Where features differ, the part that any of them reads. None reads clips whole.
    max_seconds : float
        What is kept of a clip at most.
    sr : int or None, default=None
        Sampling rate in hertz where there is no model; None is 22050.
    """

    def __init__(self, model, max_seconds, sr=None):
        features = [] if model is None else features_of(model)
        self.sr = max((feature.sr for feature in features), default=sr or SR)
        self.start = min((feature.offset for feature in features), default=0.0)
        durations = [feature.duration for feature in features] or [None]
        duration = (
            None if None in durations else max(feature.offset + feature.duration for feature in features) - self.start
        )
        self.max_seconds = max_seconds
        self.seconds = max_seconds if duration is None else min(max_seconds, duration)
        self.is_limit = duration is None or max_seconds < duration
        self.canvas = canvas()

    def listen_to(self, views):
        """Add to each view what :meth:`listen` returns of its `source`, from its second `begin` on where it has one."""
        for view in progress(views, total=len(views), unit="clip", desc="drawing"):
            view.update(self.listen(view["source"], view.get("begin", 0.0)))

    def listen(self, source, begin=0.0):
        """Return sound, picture and their times as a dict; `reason` says why there is none."""
        try:
            if source is None:
                raise ValueError("the evaluation has no path of it. Pass the clips too, as X.")
            y = self._samples(source, begin)
            is_cut = self.is_limit and len(y) > round(self.seconds * self.sr)
            y = y[: round(self.seconds * self.sr)]
            start = self.start + begin
            span = f"{format_time(start)} to {format_time(start + len(y) / self.sr)}"
            picture = spectrogram(y, self.sr, start, on=self.canvas)
            found = {"sound": sound(y, self.sr), "picture": picture, "span": span, "is_cut": is_cut}
            return found | {"seconds": len(y) / self.sr, "reason": None}
        except (OSError, ValueError) as error:  # such as a file that was removed meanwhile
            nothing = dict.fromkeys(("sound", "picture", "span", "seconds"))
            return nothing | {"is_cut": False, "reason": one_line(str(error))}

    def short_sound(self, source, seconds):
        """Return the first seconds of a clip as sound; None where it cannot be read."""
        try:
            return sound(self._samples(source, 0.0)[: round(seconds * self.sr)], self.sr)
        except (OSError, ValueError):
            return None

    def facts(self, views):
        """Return what the page says about all sounds and pictures of some views: a dict."""
        return {
            "any_cut": any(view["is_cut"] for view in views),
            "limit": format_time(self.max_seconds),
            "rate": player_rate(self.sr),
            "top_hertz": self.sr // 2,
        }

    def _samples(self, source, begin):
        """Read a little more than is kept, to know whether there is more."""
        start = self.start + begin
        if is_read(source):
            return load_audio(source, self.sr, offset=start, duration=self.seconds + 0.1)[0]
        y = skip_seconds(as_clip(source, "clip"), start, self.sr)
        return y[: round((self.seconds + 0.1) * self.sr)]


def spectrogram(y, sr, start=0.0, *, on=None):
    """Draw a picture of a waveform: level of mel bands over time, axes in seconds and hertz.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        The samples.
    sr : int
        Their rate in hertz.
    start : float, default=0.0
        Seconds of the recording that are before the first of them.
    on : tuple or None, default=None
        What :func:`canvas` made, to draw many pictures on; None makes one.

    Returns
    -------
    str
        A data URI of a PNG.
    """
    sheet, ax = on or canvas()
    draw_on(ax, y, sr, start)
    return _small_png(sheet)


def draw_on(ax, y, sr, start, *, colours="magma"):
    """Draw the level of mel bands of a waveform on axes that are even in mel; what was there is removed."""
    import librosa

    mel = _mel(sr).transform([y])[0].T  # (n_frames, n_mels) -> bands upwards, time to the right
    ax.clear()
    top = librosa.hz_to_mel(sr / 2)
    extent, limits = (start, start + len(y) / sr, 0, top), {"vmin": mel.max() - LEVELS, "vmax": mel.max()}
    ax.imshow(mel, origin="lower", aspect="auto", extent=extent, cmap=colours, **limits)
    hertz = [tick for tick in TICKS if tick <= sr / 2]
    ax.set_yticks(librosa.hz_to_mel(np.array(hertz)), [str(tick) for tick in hertz])
    ax.set_xlabel("time (s)", color=INK, fontsize=8, labelpad=1)
    ax.set_ylabel("frequency (Hz)", color=INK, fontsize=8)
    ax.tick_params(colors=INK, labelsize=8)


def canvas():
    """Make a canvas and axes for spectrograms, to be used again and again: to make them takes longer than to draw."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.85, 1.6), dpi=160, facecolor=GROUND)
    return FigureCanvasAgg(figure), figure.add_axes(AXES)


def png(figure):
    """Encode a figure as data URI, without ground: that of the page shows through."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=150, transparent=True)
    return data_uri("image/png", file.getvalue())


@lru_cache(maxsize=2)
def _mel(sr):
    from ..features import MelSpectrogramTransformer
    from ..recipes import frame_sizes

    n_fft = max(64, frame_sizes(sr)["n_fft"])
    return MelSpectrogramTransformer(N_MELS, sr=sr, n_fft=n_fft, hop_length=n_fft // 4)


@lru_cache(maxsize=1)
def _palette():
    """Make a picture of the colours that there are: levels of sound, and ink on ground."""
    from matplotlib import colormaps
    from matplotlib.colors import to_rgb
    from PIL import Image

    shades = np.linspace(0, 1, GREYS)[:, np.newaxis]
    greys = (1 - shades) * to_rgb(GROUND) + shades * to_rgb(INK)
    colours = np.vstack([colormaps["magma"](np.linspace(0, 1, COLOURS))[:, :3], greys])
    palette = Image.new("P", (1, 1))
    palette.putpalette(np.rint(255 * colours).astype(np.uint8).tobytes())
    return palette


def _small_png(sheet):
    from PIL import Image

    return _quantized(sheet, palette=_palette(), dither=Image.Dither.NONE)


def colour_png(sheet):
    """Encode what is on a canvas as data URI, with the colours that are most frequent there."""
    return _quantized(sheet, colors=COLOURS + GREYS)


def _quantized(sheet, **settings):
    from PIL import Image

    sheet.draw()
    picture = Image.fromarray(np.asarray(sheet.buffer_rgba())[..., :3]).quantize(**settings)
    file = io.BytesIO()
    picture.save(file, format="png", optimize=True)
    return data_uri("image/png", file.getvalue())
