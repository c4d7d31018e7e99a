"""Audio in: one file to one waveform, and the forms that ``X`` may have.

Names are loaded on first use: the command line asks for the extensions of files without waiting for NumPy.
"""

from .._utils import lazy as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(__name__, __file__)
