"""Player: clips to listen to, in a notebook or on a page."""

from html import escape

from .._utils.columns import MAX_SHOWN
from .._utils.terminal import one_line
from ..audio import load_audio
from ..audio._clips import as_clip
from ..audio._in_memory import is_read
from ._media import sound


class Player:
    """Play clips in a notebook: a cell whose value this is shows a player for each.

    Parameters
    ----------
    clips : clip, or dict of str to clip
        What is played: whatever ``X`` may hold, such as a path, a :class:`~sklaudio.Clip` or a waveform; or several, by
        what to call them.
    sr : int, default=22050
        Sampling rate in hertz that waveforms have, and files are read at.

    Notes
    -----
    The sound is in the page itself, as MP3 of one channel and at most 24 kHz. What is beyond full scale is clipped.

    Examples
    --------
    >>> import numpy as np
    >>> from sklaudio.reporting import Player
    >>> tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)
    >>> Player({"440 Hz": tone}, sr=8000)
    Player(440 Hz)
    """

    def __init__(self, clips, *, sr=22050):
        self.clips = clips
        self.sr = sr

    def __repr__(self):
        named = list(map(str, self.clips)) if isinstance(self.clips, dict) else ["1 clip"]
        return f"Player({', '.join(named[:MAX_SHOWN])}{', …' if len(named) > MAX_SHOWN else ''})"

    def _repr_html_(self):
        """Players for notebooks, one below the other."""
        clips = self.clips if isinstance(self.clips, dict) else {"": self.clips}
        return "".join(self._player(name, clip) for name, clip in clips.items())

    def _player(self, name, clip):
        clip = as_clip(clip, f"clips[{name!r}]" if name else "clips")
        y = load_audio(clip, self.sr)[0] if is_read(clip) else clip
        name = escape(one_line(str(name)))
        return (
            f'<figure style="margin: 0.5em 0"><figcaption>{name}</figcaption>'
            f'<audio controls preload="none" aria-label="{name}" src="{sound(y, self.sr)}"></audio></figure>'
        )
