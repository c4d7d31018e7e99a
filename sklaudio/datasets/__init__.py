"""Data: a folder of one's own, the sets of the literature, and synthetic stand-ins."""

from ._folder import load_folder
from ._fsdd import fetch_fsdd
from ._genres import make_genres
from ._gtzan import fetch_gtzan
from ._notes import make_notes
from ._nsynth import fetch_nsynth
from ._speech_commands import fetch_speech_commands
from ._words import make_words

__all__ = [
    "fetch_fsdd",
    "fetch_gtzan",
    "fetch_nsynth",
    "fetch_speech_commands",
    "load_folder",
    "make_genres",
    "make_notes",
    "make_words",
]
