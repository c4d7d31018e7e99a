"""scikit-learn for sound.

Feature extractors are transformers, recurrent and convolutional nets are classifiers, and one row of ``X`` is one
recording from end to end. Names are loaded on first use: importing the package does not import torch.
"""

from ._utils import lazy as _lazy
from ._utils.version import __version__ as __version__

# The public names and where they live are listed once, in __init__.pyi, which type checkers read too.
__getattr__, __dir__, __all__ = _lazy.attach(__name__, __file__)
