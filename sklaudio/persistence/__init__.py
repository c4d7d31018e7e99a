"""Models as files: saved without pickles, loaded without running anything that comes with them."""

from ._files import FORMAT as FORMAT
from ._files import load, save

__all__ = ["load", "save"]
