"""Data: a folder of one's own, the sets of the literature, and synthetic stand-ins."""

from ._folder import load_folder
from ._fsdd import fetch_fsdd
from ._genres import make_genres
from ._gtzan import fetch_gtzan
from ._nsynth import fetch_nsynth

__all__ = ["fetch_fsdd", "fetch_gtzan", "fetch_nsynth", "load_folder", "make_genres"]
