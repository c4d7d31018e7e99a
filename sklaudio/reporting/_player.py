"""Player: clips to listen to, in a notebook or on a page."""

from .._utils.columns import MAX_SHOWN
from ..audio._playable import player


class Player:
    """Play clips in a notebook, with a player for each.

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
        """Return players for notebooks, one below the other."""
        clips = self.clips if isinstance(self.clips, dict) else {"": self.clips}
        shown = {name: f"clips[{name!r}]" if name else "clips" for name in clips}
        return "".join(player(name, clip, self.sr, shown=shown[name]) for name, clip in clips.items())
